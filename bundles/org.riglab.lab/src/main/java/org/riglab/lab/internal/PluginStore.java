package org.riglab.lab.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The home's plugins: files {@code NAME@SHA256.jar}. */
final class PluginStore {
  private static final Logger LOG = LoggerFactory.getLogger(PluginStore.class);
  private static final Pattern STORED = Pattern.compile("(.+)@([0-9a-f]{64})\\.jar");
  private static final String STAGED = ".staged";

  private final Path directory;

  /**
   * A file in the store.
   *
   * @param file where it is
   * @param name symbolic name it was stored under
   * @param sha256 digest it was stored under
   */
  record Stored(Path file, String name, String sha256) {}

  PluginStore(Path directory) {
    this.directory = directory;
  }

  /**
   * Copies a jar to a temporary file in the store, so that what is verified is what is installed.
   *
   * @param jar anywhere
   * @return the copy, read
   */
  PluginJar stage(Path jar) {
    Path staged = null;
    try {
      Files.createDirectories(directory);
      staged = Files.createTempFile(directory, "plugin", STAGED);
      String sha256;
      try (InputStream from = Files.newInputStream(jar);
          OutputStream to = Files.newOutputStream(staged)) {
        sha256 = digest(from, to);
      }
      return PluginJar.read(staged, sha256, jar.toString());
    } catch (NoSuchFileException e) {
      discard(staged);
      throw new RigException("there is no file " + jar, e);
    } catch (IOException e) {
      discard(staged);
      throw new RigException("cannot read " + jar + ": " + e.getMessage(), e);
    } catch (RigException e) {
      discard(staged);
      throw e;
    }
  }

  /**
   * Keeps a staged jar for the next start.
   *
   * @param jar staged
   * @return where it is now
   */
  Path keep(PluginJar jar) {
    Path kept = directory.resolve(jar.name() + "@" + jar.sha256() + ".jar");
    try {
      Files.move(
          jar.file(), kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return kept;
    } catch (IOException e) {
      throw new RigException("cannot write " + kept + ": " + e.getMessage(), e);
    }
  }

  /**
   * @return what is stored, one per name: the one stored last, should a crash have left another
   */
  List<Stored> stored() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.sorted(Comparator.comparing(PluginStore::modified).reversed()).toList();
    } catch (IOException | UncheckedIOException e) {
      throw new RigException("cannot read " + directory + ": " + e.getMessage(), e);
    }
    List<Stored> stored = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Path file : files) {
      Matcher matcher = STORED.matcher(file.getFileName().toString());
      if (matcher.matches()) {
        if (names.add(matcher.group(1))) {
          stored.add(new Stored(file, matcher.group(1), matcher.group(2)));
        } else {
          discard(file);
        }
      }
    }
    stored.sort(Comparator.comparing(Stored::name));
    return stored;
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a stored jar again.
   *
   * @param stored in the store
   * @return the plugin
   * @throws RigException if the file is no longer what was stored
   */
  static PluginJar read(Stored stored) {
    try (InputStream from = Files.newInputStream(stored.file())) {
      String sha256 = digest(from, OutputStream.nullOutputStream());
      if (!sha256.equals(stored.sha256())) {
        throw new RigException(stored.file() + " is damaged: its SHA-256 is " + sha256);
      }
    } catch (IOException e) {
      throw new RigException("cannot read " + stored.file() + ": " + e.getMessage(), e);
    }
    return PluginJar.read(stored.file(), stored.sha256(), stored.file().toString());
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

  private static String digest(InputStream from, OutputStream to) throws IOException {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(from, sha256).transferTo(to);
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
