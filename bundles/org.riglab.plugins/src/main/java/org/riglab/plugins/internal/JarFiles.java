package org.riglab.plugins.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of the store: {@code SHA256.jar}, never changed. Each is written under another name
 * first.
 */
final class JarFiles {
  private static final Logger LOG = LoggerFactory.getLogger(JarFiles.class);
  private static final Pattern JAR = Pattern.compile("([0-9a-f]{64})\\.jar");
  private static final String UNFINISHED = ".part";

  private final Path folder;

  JarFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * Copies a jar to a temporary file in the store, so that what is verified is what is installed.
   *
   * @param jar anywhere
   * @param shown how messages call it
   * @param mostBytes that it may have
   * @return the copy, read
   */
  PluginJar stage(Path jar, String shown, long mostBytes) {
    return stage(jar, shown, mostBytes, PluginJar::read);
  }

  /** As {@link #stage}, a library of plugins. */
  PluginJar stageLibrary(Path jar, String shown, long mostBytes) {
    return stage(jar, shown, mostBytes, PluginJar::library);
  }

  /** Reads a jar as a plugin or as a library. */
  private interface Reader {
    PluginJar read(Path file, String sha256, String shown);
  }

  private PluginJar stage(Path jar, String shown, long mostBytes, Reader reader) {
    Path staged = null;
    boolean read = false;
    try {
      staged = unfinished();
      String sha256;
      try (InputStream from = Files.newInputStream(jar)) {
        sha256 = copy(new Bounded(from, mostBytes, shown), staged);
      } catch (NoSuchFileException e) {
        throw new RigException(RigException.Kind.NOT_FOUND, "there is no file " + shown, e);
      } catch (IOException e) {
        throw new RigException(
            RigException.Kind.IO,
            "cannot copy %s to %s: %s".formatted(shown, folder, FileFailures.reason(e)),
            e);
      }
      PluginJar plugin = reader.read(staged, sha256, shown);
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
      Files.createDirectories(folder);
      return Files.createTempFile(folder, "plugin", UNFINISHED);
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
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

  /**
   * @param sha256 a digest
   * @return where the jar with it is, or would be
   */
  Path file(String sha256) {
    return folder.resolve(sha256 + ".jar");
  }

  /**
   * Reads a kept jar again.
   *
   * @param sha256 its digest
   * @return the plugin
   * @throws RigException if the file is gone or no longer what was stored
   */
  PluginJar read(String sha256) {
    return read(sha256, PluginJar::read);
  }

  /** As {@link #read}, a library of plugins. */
  PluginJar readLibrary(String sha256) {
    return read(sha256, PluginJar::library);
  }

  private PluginJar read(String sha256, Reader reader) {
    Path file = file(sha256);
    try (InputStream from = Files.newInputStream(file)) {
      String found = Sha256.copy(from, OutputStream.nullOutputStream());
      if (!found.equals(sha256)) {
        throw new RigException(file + " is damaged: its SHA-256 is " + found);
      }
    } catch (NoSuchFileException e) {
      throw new RigException(RigException.Kind.NOT_FOUND, file + " is gone", e);
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
    return reader.read(file, sha256, file.toString());
  }

  /**
   * @return the digests of all jars that are kept
   */
  List<String> digests() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    return list(folder).stream()
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

  /**
   * Keeps a staged jar; it has another place afterwards.
   *
   * @param jar staged or kept
   */
  void keep(PluginJar jar) {
    Path kept = file(jar.sha256());
    if (!jar.file().equals(kept)) {
      keep(jar.file(), jar.sha256());
    }
  }

  /** Moves an unfinished file to its place. */
  void keep(Path unfinished, String sha256) {
    Path kept = file(sha256);
    try {
      AtomicFile.move(unfinished, kept);
    } catch (IOException e) {
      throw FileFailures.writing(kept, e);
    }
  }

  /**
   * @param before a time
   * @return files that were left unfinished then
   */
  List<Path> unfinished(Instant before) {
    return Files.isDirectory(folder)
        ? list(folder).stream()
            .filter(f -> f.toString().endsWith(UNFINISHED))
            .filter(f -> f.toFile().lastModified() < before.toEpochMilli())
            .toList()
        : List.of();
  }

  static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException e) {
      throw FileFailures.reading(folder, e);
    }
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
            "%s is larger than %d MiB, the maximum for plugins (max.size of configuration %s)"
                .formatted(shown, most >> 20, PluginConfig.PID));
      }
      return read;
    }
  }
}
