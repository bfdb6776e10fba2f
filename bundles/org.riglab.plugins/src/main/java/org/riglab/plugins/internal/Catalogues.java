package org.riglab.plugins.internal;

import aQute.bnd.osgi.repository.ResourcesRepository;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.service.resolver.ResolutionException;
import org.riglab.api.RigException;
import org.riglab.api.bench.Catalogue.Offer;
import org.riglab.api.bench.Catalogue.Plan;
import org.riglab.base.Names;

/** The configured catalogues: which plugins they have, and what each of them needs. */
final class Catalogues {
  private static final Pattern PLUGIN =
      Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:@([0-9][A-Za-z0-9_.-]*))?");
  private static final String INDEX = "index.xml";
  private static final int MOST_INDEX = 16 << 20;

  private final List<String> addresses;
  private final Host host;

  /** What plugins are held against. */
  interface Host {
    /**
     * @return what this process runs now
     */
    Platform platform();

    /**
     * @param requirement that nothing meets
     * @return it in words
     */
    String words(Requirement requirement);
  }

  /** A bundle of a catalogue, what else it needs of them, and why it does not fit. */
  private record Entry(Resource resource, List<Resource> libraries, List<String> missing) {
    String name() {
      return IndexFile.name(resource);
    }

    Version version() {
      return IndexFile.version(resource);
    }

    boolean fits() {
      return missing.isEmpty();
    }
  }

  /**
   * @param addresses folders and addresses of catalogues
   * @param host what plugins are held against
   */
  Catalogues(List<String> addresses, Host host) {
    this.addresses = List.copyOf(addresses);
    this.host = host;
  }

  boolean isEmpty() {
    return addresses.isEmpty();
  }

  static boolean isPlugin(String text) {
    return PLUGIN.matcher(text).matches();
  }

  /** Everything, sorted by name, the newest version of each first. */
  List<Offer> all() {
    return entries().stream().map(Catalogues::offer).toList();
  }

  private List<Resource> resources() {
    if (addresses.isEmpty()) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "no catalogue is configured: name folders or https: addresses in 'catalogues' of"
              + " config/plugins.json in the home");
    }
    List<Resource> resources = new ArrayList<>();
    addresses.forEach(address -> resources.addAll(read(base(address))));
    return resources;
  }

  private List<Entry> entries() {
    List<Resource> resources = resources();
    ResourcesRepository repository = new ResourcesRepository(resources);
    Platform platform = host.platform();
    List<Entry> entries = new ArrayList<>();
    resources.forEach(resource -> entries.add(entry(platform, repository, resource)));
    entries.sort(
        Comparator.comparing(Entry::name).thenComparing(Entry::version, Comparator.reverseOrder()));
    return entries;
  }

  private Entry entry(Platform platform, ResourcesRepository repository, Resource resource) {
    try {
      return new Entry(resource, Resolution.libraries(platform, repository, resource), List.of());
    } catch (ResolutionException e) {
      // The resolver stops at the first requirement; a person wants to know all of the plugin's.
      List<Requirement> unmet = Resolution.unmet(platform, repository, resource);
      List<String> missing =
          (unmet.isEmpty() ? e.getUnresolvedRequirements() : unmet)
              .stream().map(host::words).distinct().toList();
      return new Entry(
          resource,
          List.of(),
          missing.isEmpty() ? List.of(PluginJar.oneLine(e.getMessage())) : missing);
    }
  }

  private static Offer offer(Entry entry) {
    Resource r = entry.resource();
    return new Offer(
        entry.name(),
        entry.version().toString(),
        IndexFile.identity(r, IdentityNamespace.CAPABILITY_DESCRIPTION_ATTRIBUTE),
        IndexFile.parts(r),
        IndexFile.options(r),
        IndexFile.license(r),
        IndexFile.sha256(r),
        IndexFile.bytes(r),
        IndexFile.url(r).toString(),
        IndexFile.signed(r),
        r.getRequirements(PackageNamespace.PACKAGE_NAMESPACE).stream()
            .filter(Resolution::mandatory)
            .map(q -> PackageImports.words(filter(q)))
            .toList(),
        entry.missing());
  }

  private static String filter(Requirement requirement) {
    return requirement.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
  }

  /**
   * @param resource a bundle of a catalogue, which need not be a configured one
   * @param catalogue what else is in it
   * @return its offer
   */
  Offer offer(Resource resource, Collection<Resource> catalogue) {
    return offer(entry(host.platform(), new ResourcesRepository(catalogue), resource));
  }

  /**
   * @param resource a plugin, which need not be in a catalogue
   * @return libraries in the catalogues without which it cannot run here; none if it cannot run
   *     with them either
   */
  List<Offer> libraries(Resource resource) {
    Platform platform = host.platform();
    try {
      Resolution.libraries(platform, new ResourcesRepository(), resource);
      return List.of(); // most plugins need nothing, whether catalogues can be reached or not
    } catch (ResolutionException e) {
      return isEmpty()
          ? List.of()
          : offers(platform, new ResourcesRepository(resources()), resource);
    }
  }

  private List<Offer> offers(Platform platform, ResourcesRepository repository, Resource resource) {
    return entry(platform, repository, resource).libraries().stream()
        .map(library -> offer(entry(platform, repository, library)))
        .toList();
  }

  private static URI base(String address) {
    URI uri =
        address.matches("[a-z]{2,}:.*")
            ? MavenRepositories.base(address)
            : Path.of(address).toUri();
    return uri.toString().endsWith("/") ? uri : URI.create(uri + "/");
  }

  private static List<Resource> read(URI base) {
    URI index = base.resolve(INDEX);
    byte[] bytes;
    try (InputStream in = MavenRepositories.open(index)) {
      bytes = in.readNBytes(MOST_INDEX + 1);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new RigException(RigException.Kind.NOT_FOUND, "there is no catalogue at " + index, e);
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO,
          "cannot read the catalogue " + index + ": " + PluginJar.oneLine("" + e),
          e);
    }
    if (bytes.length > MOST_INDEX) {
      throw new RigException(index + " is larger than " + (MOST_INDEX >> 20) + " MiB");
    }
    try {
      return IndexFile.read(new ByteArrayInputStream(bytes), base);
    } catch (IOException e) {
      throw new RigException(
          index + " is not an index of an OSGi repository: " + PluginJar.oneLine(e.getMessage()),
          e);
    }
  }

  /** See {@link org.riglab.api.bench.Catalogue#versions}. */
  List<Offer> versions(String plugin) {
    return versions(entries(), plugin).stream().map(Catalogues::offer).toList();
  }

  private static List<Entry> versions(List<Entry> entries, String plugin) {
    Matcher asked = PLUGIN.matcher(plugin);
    if (!asked.matches()) {
      throw new RigException("'" + PluginJar.oneLine(plugin) + "' is not NAME or NAME@VERSION");
    }
    List<Entry> named = entries.stream().filter(o -> o.name().equals(asked.group(1))).toList();
    List<Entry> found =
        asked.group(2) == null
            ? named
            : named.stream().filter(o -> is(o.version(), asked.group(2))).toList();
    if (found.isEmpty()) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          named.isEmpty()
              ? "no catalogue has a plugin '"
                  + asked.group(1)
                  + "'"
                  + nearest(entries, asked.group(1))
              : "no catalogue has version %s of %s; there are %s"
                  .formatted(
                      asked.group(2),
                      asked.group(1),
                      String.join(", ", named.stream().map(o -> o.version().toString()).toList())));
    }
    return found;
  }

  /** Users know a plugin by the name of its project, without the group. */
  private static String nearest(List<Entry> entries, String asked) {
    List<String> names = entries.stream().map(Entry::name).distinct().toList();
    return names.stream()
        .filter(name -> name.endsWith("." + asked))
        .findFirst()
        .or(() -> Names.nearestFirst(asked, names).findFirst())
        .map(name -> "; the name that is most similar is " + name)
        .orElse("");
  }

  private static boolean is(Version version, String text) {
    try {
      return version.equals(Version.parseVersion(text));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * @param plugin {@code NAME} for the newest version that fits, or {@code NAME@VERSION}
   * @return what would be installed
   * @throws RigException if nothing fits; says what is missing, and which version would fit
   */
  Plan plan(String plugin) {
    List<Entry> entries = entries();
    List<Entry> versions = versions(entries, plugin);
    Optional<Entry> fitting = versions.stream().filter(Entry::fits).findFirst();
    if (fitting.isPresent()) {
      return new Plan(
          offer(fitting.get()),
          fitting.get().libraries().stream()
              .flatMap(l -> entries.stream().filter(e -> e.resource() == l))
              .map(Catalogues::offer)
              .toList());
    }
    Entry newest = versions.get(0);
    List<Entry> others = versions(entries, newest.name()).stream().filter(Entry::fits).toList();
    throw new RigException(
        "plugin %s %s is not compatible with this installation: it requires %s; %s"
            .formatted(
                newest.name(),
                newest.version(),
                String.join("; and ", newest.missing()),
                others.isEmpty()
                    ? "no version in the catalogue is compatible"
                    : "version " + others.get(0).version() + " would fit"));
  }
}
