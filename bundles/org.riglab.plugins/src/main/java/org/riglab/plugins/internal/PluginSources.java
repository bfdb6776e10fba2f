package org.riglab.plugins.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.resource.Resource;
import org.riglab.api.RigException;
import org.riglab.api.bench.Catalogue.Offer;
import org.riglab.base.FileFailures;

/** Where a jar comes from: a file, what is kept, a Maven repository, or a catalogue. */
final class PluginSources {
  private static final String DIGEST = "sha256:";
  private static final Pattern KEPT = Pattern.compile(DIGEST + "([0-9a-fA-F]{8,64})");

  private final PluginStore store;
  private final MavenRepositories repositories;
  private final long mostBytes;
  private final Catalogues catalogues;

  /**
   * A jar.
   *
   * @param file where it is
   * @param shown how messages call it
   * @param kept whether it was let in before
   */
  record Source(Path file, String shown, boolean kept) {}

  PluginSources(
      PluginStore store, List<String> repositories, long mostBytes, Catalogues catalogues) {
    this.catalogues = catalogues;
    this.mostBytes = mostBytes;
    this.store = store;
    this.repositories = new MavenRepositories(repositories, mostBytes);
  }

  /**
   * @param <T> of the answer
   * @param source as in {@link org.riglab.api.bench.Plugins#install(String, boolean)}
   * @param use is given the jar, which is of no use afterwards
   * @return the answer
   * @throws RigException if there is no such jar; says why
   */
  <T> T with(String source, Function<Source, T> use) {
    Matcher kept = KEPT.matcher(source);
    if (kept.matches()) {
      String sha256 = kept(kept.group(1).toLowerCase(Locale.ROOT));
      return use.apply(new Source(store.jars().read(sha256).file(), "sha256:" + sha256, true));
    }
    if (source.startsWith(DIGEST)) {
      throw new RigException(
          "%s is not a digest; expected %s and 8 to 64 hexadecimal digits; 'plugin kept' lists the stored jars"
              .formatted(PluginJar.oneLine(source), DIGEST));
    }
    Path file;
    try {
      file = Path.of(source);
    } catch (InvalidPathException e) {
      throw new RigException(
          RigException.Kind.NOT_FOUND, "there is no file " + PluginJar.oneLine(source), e);
    }
    if (!Files.exists(file) && MavenRepositories.isCoordinate(source)) {
      Path fetched = store.jars().unfinished();
      try {
        return use.apply(new Source(fetched, repositories.fetch(source, fetched), false));
      } finally {
        JarFiles.discard(fetched);
      }
    }
    if (!catalogues.isEmpty() && isPlugin(source)) {
      Offer offer = catalogues.plan(source).plugin();
      Path fetched = store.jars().unfinished();
      try {
        Downloads.fetch(offer, fetched, mostBytes);
        return use.apply(new Source(fetched, offer.location(), false));
      } finally {
        JarFiles.discard(fetched);
      }
    }
    if (Files.isDirectory(file)) {
      throw new RigException(
          RigException.Kind.INVALID,
          "%s is a directory; expected a bundle (jar), such as that in its directory target"
              .formatted(PluginJar.oneLine(source)));
    }
    return use.apply(new Source(file, source, false));
  }

  /**
   * @param source as in {@link org.riglab.api.bench.Plugins#install(String, boolean)}
   * @return whether it is looked up in the catalogues
   */
  static boolean isPlugin(String source) {
    // A directory of that name, such as the plugin's project, is no bundle.
    return Catalogues.isPlugin(source) && !Files.isRegularFile(Path.of(source));
  }

  /**
   * Fetches the libraries that a plugin needs from the catalogues.
   *
   * @param jar a plugin, staged
   * @return the plugin with its libraries, staged as well
   */
  PluginJar withLibraries(PluginJar jar) {
    List<PluginJar> libraries = new ArrayList<>();
    try {
      Resource plugin = IndexFile.resource(jar, jar.file().toUri(), Map.of());
      for (Offer offer : catalogues.libraries(plugin)) {
        libraries.add(stage(offer));
      }
      return jar.with(libraries);
    } catch (IOException e) {
      libraries.forEach(library -> JarFiles.discard(library.file()));
      throw FileFailures.reading(jar.file(), e);
    } catch (RuntimeException | Error e) {
      libraries.forEach(library -> JarFiles.discard(library.file()));
      throw e;
    }
  }

  private PluginJar stage(Offer offer) {
    Path fetched = store.jars().unfinished();
    try {
      Downloads.fetch(offer, fetched, mostBytes);
      return store.jars().stageLibrary(fetched, offer.location(), mostBytes);
    } finally {
      JarFiles.discard(fetched);
    }
  }

  private String kept(String start) {
    List<String> found = store.jars().digests().stream().filter(d -> d.startsWith(start)).toList();
    if (found.size() != 1) {
      throw new RigException(
          found.isEmpty() ? RigException.Kind.NOT_FOUND : RigException.Kind.INVALID,
          found.isEmpty()
              ? "no stored jar has SHA-256 %s; 'plugin kept' lists the stored jars".formatted(start)
              : "%d stored jars have a SHA-256 that starts with %s; give more digits"
                  .formatted(found.size(), start));
    }
    return found.get(0);
  }
}
