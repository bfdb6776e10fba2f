package org.riglab.plugins.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.resource.Resource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.bench.Catalogue;
import org.riglab.api.bench.Plugins;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;

/** Searches the catalogues, and adds to them. */
@Component(configurationPid = PluginConfig.PID)
public final class CatalogueService implements Catalogue {
  private static final String INDEX = "index.xml";

  private final Plugins plugins;
  private final Catalogues.Host host;
  private final Function<Path, Map<String, String>> options;
  private volatile Catalogues catalogues;

  /**
   * @param context knows what bundles export
   * @param plugins that are installed
   * @param config where catalogues are
   */
  @Activate
  public CatalogueService(BundleContext context, @Reference Plugins plugins, PluginConfig config) {
    this(
        new Requirements.Here(context),
        plugins,
        jar -> plugins.visit(jar, (plugin, id) -> PartOptions.of(context.getBundle(id))),
        config);
  }

  /**
   * @param host see {@link Catalogues}
   * @param options of the parts of a jar, in words, by kind and name of the part
   */
  CatalogueService(
      Catalogues.Host host,
      Plugins plugins,
      Function<Path, Map<String, String>> options,
      PluginConfig config) {
    this.host = host;
    this.plugins = plugins;
    this.options = options;
    configure(config);
  }

  @Modified
  void configure(PluginConfig config) {
    catalogues = of(config, host);
  }

  static Catalogues of(PluginConfig config, Catalogues.Host host) {
    return new Catalogues(List.of(config.catalogues()), host);
  }

  @Override
  public List<Offer> search(String word) {
    String part = word.toLowerCase(Locale.ROOT);
    Map<String, Offer> best = new LinkedHashMap<>();
    for (Offer offer : catalogues.all()) {
      String text = offer.name() + " " + offer.about() + " " + String.join(" ", offer.parts());
      if (text.toLowerCase(Locale.ROOT).contains(part)) {
        best.merge(
            offer.name(), offer, (a, b) -> a.missing().isEmpty() || !b.missing().isEmpty() ? a : b);
      }
    }
    return List.copyOf(best.values());
  }

  @Override
  public List<Offer> versions(String plugin) {
    return catalogues.versions(plugin);
  }

  @Override
  public List<Offer> outdated() {
    List<Offer> newer = new ArrayList<>();
    List<Offer> all = catalogues.all();
    for (Plugins.Plugin plugin : plugins.list()) {
      if (!plugin.version().isEmpty()) {
        Version here = Version.parseVersion(plugin.version());
        all.stream()
            .filter(o -> o.name().equals(plugin.name()) && o.missing().isEmpty())
            .filter(o -> Version.parseVersion(o.version()).compareTo(here) > 0)
            .findFirst()
            .ifPresent(newer::add);
      }
    }
    return newer;
  }

  @Override
  public Optional<Plan> plan(String source) {
    return catalogues.isEmpty() || !PluginSources.isPlugin(source)
        ? Optional.empty()
        : Optional.of(catalogues.plan(source));
  }

  @Override
  public boolean isLibrary(Path jar) {
    return bundle(jar).isLibrary();
  }

  private static PluginJar bundle(Path jar) {
    try {
      String sha256 = Sha256.of(jar);
      PluginJar bundle = PluginJar.bundle(jar, sha256, jar.toString());
      return bundle.isLibrary() ? bundle : PluginJar.read(jar, sha256, jar.toString());
    } catch (NoSuchFileException e) {
      throw new RigException(RigException.Kind.NOT_FOUND, "there is no file " + jar, e);
    } catch (IOException e) {
      throw FileFailures.reading(jar, e);
    }
  }

  @Override
  public Offer publish(Path file, Path folder) {
    PluginJar jar = bundle(file);
    try {
      Files.createDirectories(folder);
      URI base = folder.toUri();
      String target = jar.name() + "-" + jar.version() + ".jar";
      Resource entry =
          IndexFile.resource(
              jar, base.resolve(target), jar.isLibrary() ? Map.of() : options.apply(file));
      List<Resource> resources = new ArrayList<>(present(folder, base));
      Optional<Resource> same =
          resources.stream()
              .filter(r -> IndexFile.name(r).equals(jar.name()))
              .filter(r -> IndexFile.version(r).equals(jar.version()))
              .findFirst();
      if (same.isPresent() && !IndexFile.sha256(same.get()).equals(jar.sha256())) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            "%s already contains %s with other content; change the version of the new one"
                .formatted(folder, jar.title()));
      }
      same.ifPresent(resources::remove);
      resources.add(entry);
      resources.sort(
          Comparator.comparing(IndexFile::name)
              .thenComparing(IndexFile::version, Comparator.reverseOrder()));
      Path part = Files.createTempFile(folder, ".", ".part");
      Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, folder.resolve(target), StandardCopyOption.ATOMIC_MOVE);
      AtomicFile.writeText(
          folder.resolve(INDEX), IndexFile.write(resources, base, System.currentTimeMillis()));
      return catalogues.offer(entry, resources);
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    }
  }

  private static List<Resource> present(Path folder, URI base) throws IOException {
    Path index = folder.resolve(INDEX);
    if (!Files.exists(index)) {
      return List.of();
    }
    byte[] bytes = Files.readAllBytes(index);
    try {
      return IndexFile.read(new ByteArrayInputStream(bytes), base);
    } catch (IOException e) {
      throw new RigException(index + " is not an index: " + PluginJar.oneLine(e.getMessage()), e);
    }
  }
}
