package org.riglab.plugins.internal;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.base.Sha256;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The home's plugins: {@code jars/SHA256.jar}, never changed, and a record {@code NAME.json} of
 * what is and was installed. Each file is written beside its place and moved there, the record
 * last: whenever the process dies, the next one finds the old state or the new one.
 */
final class PluginStore {
  private static final Logger LOG = LoggerFactory.getLogger(PluginStore.class);
  private static final Pattern JAR = Pattern.compile("([0-9a-f]{64})\\.jar");
  private static final Pattern RECORD = Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]*)\\.json");

  /** What this store made of plugins before it kept them by digest: {@code NAME@SHA256.jar}. */
  private static final Pattern FORMER = Pattern.compile("(.+)@([0-9a-f]{64})\\.jar");

  private static final String UNFINISHED = ".part";

  /** What is not finished by then never will be. */
  private static final Duration STALE = Duration.ofHours(1);

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private final Path directory;
  private final Path jars;
  private final Clock clock;

  /** A record as it is written. */
  private record Lines(boolean installed, List<Line> versions) {}

  private record Line(String sha256, String version, String since) {}

  /**
   * What is and was installed under a name.
   *
   * @param name symbolic name
   * @param installed whether the first of the versions is
   * @param versions what was installed last comes first; each digest once
   */
  record Stored(String name, boolean installed, List<Version> versions) {
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
   */
  record Version(String sha256, String version, Instant since) {}

  PluginStore(Path directory, Clock clock) {
    this.directory = directory;
    this.jars = directory.resolve("jars");
    this.clock = clock;
  }

  Path directory() {
    return directory;
  }

  // Jars

  /**
   * Copies a jar to a temporary file in the store, so that what is verified is what is installed.
   *
   * @param jar anywhere
   * @param shown how messages call it
   * @param mostBytes that it may have
   * @return the copy, read
   */
  PluginJar stage(Path jar, String shown, long mostBytes) {
    Path staged = null;
    boolean read = false;
    try {
      staged = unfinished();
      String sha256;
      try (InputStream from = Files.newInputStream(jar)) {
        sha256 = copy(new Bounded(from, mostBytes, shown), staged);
      } catch (NoSuchFileException e) {
        throw new RigException("there is no file " + shown, e);
      } catch (IOException e) {
        throw new RigException(
            "cannot copy %s to %s: %s".formatted(shown, directory, reason(e)), e);
      }
      PluginJar plugin = PluginJar.read(staged, sha256, shown);
      read = true;
      return plugin;
    } finally {
      if (!read) {
        discard(staged);
      }
    }
  }

  /** A new file in the store, for what is not whole yet. */
  Path unfinished() {
    try {
      Files.createDirectories(jars);
      return Files.createTempFile(jars, "plugin", UNFINISHED);
    } catch (IOException e) {
      throw new RigException("cannot write %s: %s".formatted(jars, reason(e)), e);
    }
  }

  private static String copy(InputStream from, Path to) throws IOException {
    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      String sha256 = Sha256.copy(from, out);
      channel.force(true);
      return sha256;
    }
  }

  /** Files' exceptions often say nothing but the file. */
  static String reason(IOException e) {
    String message = PluginJar.oneLine(e.getMessage());
    return e.getClass() == IOException.class
        ? message
        : e.getClass().getSimpleName() + " " + message;
  }

  /**
   * @param sha256 a digest
   * @return where the jar with it is, or would be
   */
  Path file(String sha256) {
    return jars.resolve(sha256 + ".jar");
  }

  /**
   * Reads a kept jar again.
   *
   * @param sha256 its digest
   * @return the plugin
   * @throws RigException if the file is gone or no longer what was stored
   */
  PluginJar read(String sha256) {
    Path file = file(sha256);
    try (InputStream from = Files.newInputStream(file)) {
      String found = Sha256.copy(from, OutputStream.nullOutputStream());
      if (!found.equals(sha256)) {
        throw new RigException(file + " is damaged: its SHA-256 is " + found);
      }
    } catch (NoSuchFileException e) {
      throw new RigException(file + " is gone", e);
    } catch (IOException e) {
      throw new RigException("cannot read " + file + ": " + reason(e), e);
    }
    return PluginJar.read(file, sha256, file.toString());
  }

  /**
   * @return the digests of all jars that are kept
   */
  List<String> digests() {
    if (!Files.isDirectory(jars)) {
      return List.of();
    }
    return list(jars).stream()
        .map(file -> JAR.matcher(file.getFileName().toString()))
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .toList();
  }

  /**
   * Deletes a file that is no longer needed.
   *
   * @param file may be null or gone
   */
  static void discard(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.warn("Cannot delete {}", file, e);
    }
  }

  // Records

  /**
   * Keeps a staged jar, and records that it is installed now.
   *
   * @param jar staged or kept
   */
  void install(PluginJar jar) {
    Path kept = file(jar.sha256());
    if (!jar.file().equals(kept)) {
      move(jar.file(), kept);
    }
    List<Version> versions = new ArrayList<>();
    versions.add(new Version(jar.sha256(), jar.version().toString(), clock.instant()));
    readable(jar.name()).ifPresent(stored -> versions.addAll(stored.versions()));
    versions.subList(1, versions.size()).removeIf(v -> v.sha256().equals(jar.sha256()));
    write(new Stored(jar.name(), true, versions));
  }

  /**
   * Records that nothing is installed under a name; what was stays known, and its jars are kept.
   *
   * @param name symbolic name
   */
  void remove(String name) {
    write(new Stored(name, false, readable(name).map(Stored::versions).orElse(List.of())));
  }

  /** A record that cannot be read is as good as none to whoever writes the next. */
  private Optional<Stored> readable(String name) {
    try {
      return stored(name);
    } catch (RigException e) {
      LOG.warn("Begins a new record of {}", name, e);
      return Optional.empty();
    }
  }

  void write(Stored stored) {
    Path file = directory.resolve(stored.name() + ".json");
    Path part = unfinished();
    try {
      List<Line> lines =
          stored.versions().stream()
              .map(v -> new Line(v.sha256(), v.version(), v.since().toString()))
              .toList();
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        String text = GSON.toJson(new Lines(stored.installed(), lines)) + "\n";
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        channel.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new RigException("cannot write %s: %s".formatted(file, reason(e)), e);
    } finally {
      discard(part);
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new RigException("cannot write %s: %s".formatted(to, reason(e)), e);
    }
  }

  /** Forgets a plugin that is not installed, and of which no jar is kept. */
  void forget(String name) {
    discard(directory.resolve(name + ".json"));
  }

  /**
   * @return names of all plugins that are or were installed, sorted
   */
  List<String> names() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    return list(directory).stream()
        .map(file -> RECORD.matcher(file.getFileName().toString()))
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .sorted()
        .toList();
  }

  /**
   * @param name symbolic name
   * @return what is recorded of it; empty if nobody has heard of it
   * @throws RigException if the record is not readable
   */
  Optional<Stored> stored(String name) {
    Path file = directory.resolve(name + ".json");
    if (!RECORD.matcher(name + ".json").matches()
        || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try {
      Lines lines = GSON.fromJson(Files.readString(file), Lines.class);
      if (lines == null || lines.versions() == null) {
        throw new RigException(file + " is no record of a plugin");
      }
      List<Version> versions = new ArrayList<>();
      for (Line line : lines.versions()) {
        if (line == null || !JAR.matcher(line.sha256() + ".jar").matches()) {
          throw new RigException(file + " is no record of a plugin: a digest is none");
        }
        versions.add(new Version(line.sha256(), line.version(), Instant.parse(line.since())));
      }
      return Optional.of(new Stored(name, lines.installed() && !versions.isEmpty(), versions));
    } catch (JsonParseException | DateTimeException | NullPointerException e) {
      throw new RigException(
          file + " is no record of a plugin: " + PluginJar.oneLine(e.getMessage()), e);
    } catch (IOException e) {
      throw new RigException("cannot read " + file + ": " + reason(e), e);
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException e) {
      throw new RigException("cannot read %s: %s".formatted(folder, reason(e)), e);
    }
  }

  // What others left

  /**
   * Takes over plugins that were kept under their names, and removes what a process that died left
   * unfinished; unless another process is at it.
   */
  void tidy() {
    boolean clean =
        !Files.isDirectory(directory)
            || Stream.concat(list(directory).stream(), unfinishedFiles().stream())
                .noneMatch(f -> f.toString().matches(".*(\\.part|@[0-9a-f]{64}\\.jar)"));
    if (clean) {
      return;
    }
    Optional<StoreLock> lock = StoreLock.tryTake(directory);
    if (lock.isPresent()) {
      try (StoreLock held = lock.get()) {
        tidyUnder(held);
      }
    }
  }

  private List<Path> unfinishedFiles() {
    return Files.isDirectory(jars)
        ? list(jars).stream()
            .filter(f -> f.toString().endsWith(UNFINISHED))
            .filter(f -> f.toFile().lastModified() < clock.instant().minus(STALE).toEpochMilli())
            .toList()
        : List.of();
  }

  private void tidyUnder(StoreLock held) {
    Objects.requireNonNull(held);
    TreeMap<Instant, Path> former = new TreeMap<>();
    for (Path file : list(directory)) {
      if (FORMER.matcher(file.getFileName().toString()).matches()) {
        Instant time = Instant.ofEpochMilli(file.toFile().lastModified());
        while (former.containsKey(time)) {
          time = time.plusNanos(1);
        }
        former.put(time, file);
      }
    }
    former.forEach(this::takeOver);
    unfinishedFiles().forEach(PluginStore::discard);
  }

  private void takeOver(Instant since, Path file) {
    Matcher matcher = FORMER.matcher(file.getFileName().toString());
    if (!matcher.matches()) {
      return;
    }
    String name = matcher.group(1);
    String sha256 = matcher.group(2);
    Optional<Stored> stored = readable(name);
    boolean known =
        stored.stream()
            .flatMap(s -> s.versions().stream())
            .anyMatch(v -> v.sha256().equals(sha256));
    if (!known) {
      String version;
      try {
        version = PluginJar.read(file, sha256, file.toString()).version().toString();
      } catch (RigException e) {
        LOG.warn("{} is taken over as it is", file, e);
        version = "";
      }
      try {
        Files.createDirectories(jars);
        Path part = unfinished();
        Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
        move(part, file(sha256));
      } catch (IOException e) {
        throw new RigException("cannot take over %s: %s".formatted(file, reason(e)), e);
      }
      List<Version> versions = new ArrayList<>(List.of(new Version(sha256, version, since)));
      stored.ifPresent(s -> versions.addAll(s.versions()));
      write(new Stored(name, true, versions));
    }
    discard(file);
  }

  /** Refuses to read more than it should. */
  private static final class Bounded extends FilterInputStream {
    private final String shown;
    private final long most;
    private long left;

    Bounded(InputStream in, long most, String shown) {
      super(in);
      this.most = most;
      this.left = most;
      this.shown = shown;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      left -= Math.max(0, read);
      if (left < 0) {
        throw new RigException(
            "%s is larger than %d MiB, the most that a plugin may have (max.size of configuration %s)"
                .formatted(shown, most >> 20, PluginConfig.PID));
      }
      return read;
    }
  }
}
