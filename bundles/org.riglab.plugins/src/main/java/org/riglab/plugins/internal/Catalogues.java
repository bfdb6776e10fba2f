package org.riglab.plugins.internal;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamException;
import org.osgi.framework.Version;
import org.riglab.api.RigException;
import org.riglab.api.bench.Catalogue.Offer;
import org.riglab.base.Sha256;

/** The configured catalogues: which plugins they have, and their jars. */
final class Catalogues {
  private static final Pattern PLUGIN =
      Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:@([0-9][A-Za-z0-9_.-]*))?");
  private static final String INDEX = "index.xml";
  private static final int MOST_INDEX = 16 << 20;

  private final List<String> addresses;
  private final long mostBytes;
  private final Function<String, Optional<String>> missing;

  /**
   * @param addresses folders and addresses of catalogues
   * @param mostBytes of a jar
   * @param missing says in words what the filter of a package asks for, if it is not there
   */
  Catalogues(List<String> addresses, long mostBytes, Function<String, Optional<String>> missing) {
    this.addresses = List.copyOf(addresses);
    this.mostBytes = mostBytes;
    this.missing = missing;
  }

  boolean isEmpty() {
    return addresses.isEmpty();
  }

  static boolean isPlugin(String text) {
    return PLUGIN.matcher(text).matches();
  }

  /** Everything, sorted by name, the newest version of each first. */
  List<Offer> all() {
    if (addresses.isEmpty()) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "no catalogue is configured: name folders or https: addresses in 'catalogues' of"
              + " config/plugins.json in the home");
    }
    List<Offer> offers = new ArrayList<>();
    for (String address : addresses) {
      URI base = base(address);
      for (IndexFile.Resource resource : read(base)) {
        offers.add(offer(resource, base));
      }
    }
    offers.sort(
        Comparator.comparing(Offer::name)
            .thenComparing(o -> Version.parseVersion(o.version()), Comparator.reverseOrder()));
    return offers;
  }

  Offer offer(IndexFile.Resource r, URI base) {
    return new Offer(
        r.name(),
        r.version().toString(),
        r.about(),
        r.parts(),
        r.license(),
        r.sha256(),
        r.bytes(),
        base.resolve(r.url()).toString(),
        r.signed(),
        r.filters().stream().map(PackageImports::words).toList(),
        r.filters().stream().flatMap(filter -> missing.apply(filter).stream()).toList());
  }

  private static URI base(String address) {
    URI uri =
        address.matches("[a-z]{2,}:.*")
            ? MavenRepositories.base(address)
            : Path.of(address).toUri();
    return uri.toString().endsWith("/") ? uri : URI.create(uri + "/");
  }

  private static List<IndexFile.Resource> read(URI base) {
    URI index = base.resolve(INDEX);
    try (InputStream in = MavenRepositories.open(index)) {
      byte[] bytes = in.readNBytes(MOST_INDEX + 1);
      if (bytes.length > MOST_INDEX) {
        throw new RigException(index + " is larger than " + (MOST_INDEX >> 20) + " MiB");
      }
      return IndexFile.read(new ByteArrayInputStream(bytes));
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new RigException(RigException.Kind.NOT_FOUND, "there is no catalogue at " + index, e);
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO,
          "cannot read the catalogue " + index + ": " + PluginJar.oneLine("" + e),
          e);
    } catch (XMLStreamException e) {
      throw new RigException(
          index + " is not an index of an OSGi repository: " + PluginJar.oneLine(e.getMessage()),
          e);
    }
  }

  /** See {@link org.riglab.api.bench.Catalogue#versions}. */
  List<Offer> versions(String plugin) {
    Matcher asked = PLUGIN.matcher(plugin);
    if (!asked.matches()) {
      throw new RigException("'" + PluginJar.oneLine(plugin) + "' is not NAME or NAME@VERSION");
    }
    List<Offer> named = all().stream().filter(o -> o.name().equals(asked.group(1))).toList();
    List<Offer> found =
        asked.group(2) == null
            ? named
            : named.stream().filter(o -> o.version().equals(version(asked.group(2)))).toList();
    if (found.isEmpty()) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          named.isEmpty()
              ? "no catalogue has a plugin '" + asked.group(1) + "'"
              : "no catalogue has version %s of %s; there are %s"
                  .formatted(
                      asked.group(2),
                      asked.group(1),
                      String.join(", ", named.stream().map(Offer::version).toList())));
    }
    return found;
  }

  private static String version(String text) {
    try {
      return Version.parseVersion(text).toString();
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /**
   * @param plugin {@code NAME} for the newest version that fits, or {@code NAME@VERSION}
   * @return what would be installed
   * @throws RigException if nothing fits; says what is missing, and which version would fit
   */
  Offer chosen(String plugin) {
    List<Offer> versions = versions(plugin);
    Optional<Offer> fitting = versions.stream().filter(o -> o.missing().isEmpty()).findFirst();
    if (fitting.isPresent()) {
      return fitting.get();
    }
    Offer newest = versions.get(0);
    List<String> others =
        versions(newest.name()).stream()
            .filter(o -> o.missing().isEmpty())
            .map(Offer::version)
            .toList();
    throw new RigException(
        "plugin %s %s is not compatible with this installation: it requires %s; %s"
            .formatted(
                newest.name(),
                newest.version(),
                String.join("; and ", newest.missing()),
                others.isEmpty()
                    ? "no version in the catalogue is compatible"
                    : "version " + others.get(0) + " would fit"));
  }

  /**
   * Fetches a jar and verifies its digest.
   *
   * @param offer which
   * @param to where to
   */
  void fetch(Offer offer, Path to) {
    try (InputStream in = MavenRepositories.open(URI.create(offer.location()))) {
      long copied = Files.copy(new Limited(in, mostBytes), to, StandardCopyOption.REPLACE_EXISTING);
      if (copied > mostBytes) {
        throw new RigException(offer.location() + " is larger than " + (mostBytes >> 20) + " MiB");
      }
      String found = Sha256.of(to);
      if (!found.equals(offer.sha256())) {
        throw new RigException(
            "%s is damaged: its SHA-256 is %s, and the catalogue says %s"
                .formatted(offer.location(), found, offer.sha256()));
      }
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "the catalogue names " + offer.location() + ", which is not there",
          e);
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO,
          "cannot fetch " + offer.location() + ": " + PluginJar.oneLine("" + e),
          e);
    }
  }

  /** Ends one byte behind a limit. */
  private static final class Limited extends java.io.FilterInputStream {
    private long left;

    Limited(InputStream in, long most) {
      super(in);
      this.left = most + 1;
    }

    @Override
    public int read() throws IOException {
      return left-- > 0 ? super.read() : -1;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int read = super.read(bytes, from, (int) Math.min(length, left));
      left -= Math.max(read, 0);
      return read;
    }
  }
}
