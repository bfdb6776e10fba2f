package org.riglab.plugins.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The home's plugins: {@link JarFiles}, and a record {@code NAME.json} of what is and was installed
 * under each name. The record is written last: whenever the process dies, the next one finds the
 * old state or the new one.
 */
final class PluginStore {
  private static final Logger LOG = LoggerFactory.getLogger(PluginStore.class);
  private static final Pattern RECORD = Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]*)\\.json");

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final Path directory;
  private final JarFiles jars;
  private final Clock clock;

  /** A record as it is written. */
  private record Lines(boolean installed, boolean forced, List<Line> versions) {}

  private record Line(String sha256, String version, String since, List<String> libraries) {}

  /**
   * What is and was installed under a name.
   *
   * @param name symbolic name
   * @param installed whether the first of the versions is
   * @param forced whether it was removed although it is used
   * @param versions what was installed last comes first; each digest once
   */
  record Stored(String name, boolean installed, boolean forced, List<Version> versions) {
    Stored {
      versions = List.copyOf(versions);
    }
  }

  /**
   * A jar that was installed.
   *
   * @param sha256 its digest
   * @param version its bundle version
   * @param since when it was installed last
   * @param libraries digests of the bundles that it needs beside those of the bench
   */
  record Version(String sha256, String version, Instant since, List<String> libraries) {
    Version {
      libraries = List.copyOf(libraries);
    }

    /** One without libraries. */
    Version(String sha256, String version, Instant since) {
      this(sha256, version, since, List.of());
    }
  }

  PluginStore(Path directory, Clock clock) {
    this.directory = directory;
    this.jars = new JarFiles(directory.resolve("jars"));
    this.clock = clock;
  }

  Path directory() {
    return directory;
  }

  /** The jars. */
  JarFiles jars() {
    return jars;
  }

  /** Takes over what other releases and processes left; unless another process is at it. */
  void tidy() {
    new FormerJars(this, jars, clock).tidy();
  }

  /**
   * Keeps a staged jar, and records that it is installed now.
   *
   * @param jar staged or kept
   */
  void install(PluginJar jar) {
    jar.libraries().forEach(jars::keep);
    jars.keep(jar);
    List<Version> versions = new ArrayList<>();
    versions.add(
        new Version(
            jar.sha256(),
            jar.version().toString(),
            clock.instant(),
            jar.libraries().stream().map(PluginJar::sha256).toList()));
    readable(jar.name()).ifPresent(stored -> versions.addAll(stored.versions()));
    versions.subList(1, versions.size()).removeIf(v -> v.sha256().equals(jar.sha256()));
    write(new Stored(jar.name(), true, false, versions));
  }

  /**
   * Records that nothing is installed under a name; what was stays known, and its jars are kept.
   *
   * @param name symbolic name
   * @param forced whether other processes give it up although they use it
   */
  void remove(String name, boolean forced) {
    write(new Stored(name, false, forced, readable(name).map(Stored::versions).orElse(List.of())));
  }

  /** As {@link #stored}, but a record that cannot be read counts as none: it is written anew. */
  Optional<Stored> readable(String name) {
    try {
      return stored(name);
    } catch (RigException e) {
      LOG.warn("Starts a new record of {}", name, e);
      return Optional.empty();
    }
  }

  void write(Stored stored) {
    List<Line> lines =
        stored.versions().stream()
            .map(v -> new Line(v.sha256(), v.version(), v.since().toString(), v.libraries()))
            .toList();
    Json.write(record(stored.name()), new Lines(stored.installed(), stored.forced(), lines));
  }

  private Path record(String name) {
    return directory.resolve(name + ".json");
  }

  /** Forgets a plugin that is not installed, and of which no jar is kept. */
  void forget(String name) {
    JarFiles.discard(record(name));
  }

  /**
   * @return names of all plugins that are or were installed, sorted
   */
  List<String> names() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    return JarFiles.list(directory).stream()
        .map(file -> RECORD.matcher(file.getFileName().toString()))
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .sorted()
        .toList();
  }

  /**
   * @param name symbolic name
   * @return what is recorded of it; empty if there is no record
   * @throws RigException if the record is not readable
   */
  Optional<Stored> stored(String name) {
    Path file = record(name);
    if (!RECORD.matcher(name + ".json").matches()
        || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    Map<String, Object> record;
    try {
      record = Json.parse(Files.readAllBytes(file), "it");
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    } catch (RigException e) {
      throw new RigException(file + " is not a record of a plugin: " + e.getMessage(), e);
    }
    if (!(record.get("versions") instanceof List<?> lines)) {
      throw new RigException(file + " is not a record of a plugin: it has no list of versions");
    }
    List<Version> versions = new ArrayList<>();
    for (Object line : lines) {
      versions.add(version(file, line));
    }
    boolean installed = Boolean.TRUE.equals(record.get("installed"));
    boolean forced = Boolean.TRUE.equals(record.get("forced"));
    return Optional.of(new Stored(name, installed && !versions.isEmpty(), forced, versions));
  }

  /**
   * Reads a version that was installed, with its libraries.
   *
   * @param version as it is recorded
   * @return the plugin
   * @throws RigException if a file is gone or no longer what was stored
   */
  PluginJar read(Version version) {
    return jars.read(version.sha256())
        .with(version.libraries().stream().map(jars::readLibrary).toList());
  }

  /** Records of releases without libraries have none. */
  private static List<String> libraries(Path file, Map<?, ?> line) {
    List<String> libraries = new ArrayList<>();
    if (line.get("libraries") instanceof List<?> digests) {
      for (Object digest : digests) {
        if (!(digest instanceof String sha256) || !SHA256.matcher(sha256).matches()) {
          throw new RigException(file + " is no record of a plugin: a library has no digest");
        }
        libraries.add(sha256);
      }
    }
    return libraries;
  }

  private static Version version(Path file, Object line) {
    if (line instanceof Map<?, ?> map
        && map.get("sha256") instanceof String sha256
        && SHA256.matcher(sha256).matches()
        && map.get("version") instanceof String version
        && map.get("since") instanceof String since) {
      try {
        return new Version(sha256, version, Instant.parse(since), libraries(file, map));
      } catch (DateTimeException e) {
        throw new RigException(
            file + " is not a record of a plugin: " + PluginJar.oneLine(e.getMessage()), e);
      }
    }
    throw new RigException(
        file + " is not a record of a plugin: a version lacks its sha256, version or since");
  }
}
