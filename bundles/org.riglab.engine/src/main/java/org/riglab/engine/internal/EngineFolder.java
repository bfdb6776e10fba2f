package org.riglab.engine.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.riglab.api.RigException;
import org.riglab.api.engine.EngineSetup.Watcher;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;
import org.riglab.engine.internal.CudaBuild.Artifact;

/**
 * Brings a build into a folder: fetches its jars into {@code .fetched} there, checks their digests,
 * unpacks them into a hidden folder, gives that its name when it is complete, and deletes the jars.
 */
final class EngineFolder {
  private static final String FETCHED = ".fetched";

  /** Written last: what the folder was made of. */
  static final String DIGESTS = "sha256sums";

  private static final double UNPACKED = 1.35; // bytes unpacked per byte of the jars, at most
  private static final int BUFFER = 1 << 20;

  private final CudaBuild build;
  private final Path directory;
  private final Download download;
  private final Watcher watcher;

  EngineFolder(CudaBuild build, Path directory, Download download, Watcher watcher) {
    this.build = build;
    this.directory = directory;
    this.download = download;
    this.watcher = watcher;
  }

  /** The folder with the libraries, complete. */
  Path fill(Runnable beforeFetch) {
    Path folder = directory.resolve(build.folder());
    try {
      Files.createDirectories(directory);
      try (FileChannel lock =
              FileChannel.open(
                  directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = lock.tryLock()) {
        if (held == null) {
          throw new RigException(
              RigException.Kind.BUSY, "another process sets up an engine in " + directory);
        }
        if (complete(folder)) {
          watcher.message("the engine is in " + folder + " already");
        } else {
          beforeFetch.run();
          fill(folder);
        }
        return folder;
      }
    } catch (java.nio.channels.OverlappingFileLockException e) {
      throw new RigException(
          RigException.Kind.BUSY, "this process sets up an engine in " + directory, e);
    } catch (IOException e) {
      throw FileFailures.writing(directory, e);
    }
  }

  private boolean complete(Path folder) throws IOException {
    Path file = folder.resolve(DIGESTS);
    return Files.isRegularFile(file) && Files.readString(file).equals(digests());
  }

  /** What the folder was made of, as sha256sum writes it. */
  private String digests() {
    return build.artifacts().stream()
        .map(artifact -> artifact.sha256() + "  " + artifact.jar() + "\n")
        .collect(Collectors.joining());
  }

  private void fill(Path folder) throws IOException {
    Path fetched = Files.createDirectories(directory.resolve(FETCHED));
    room(fetched);
    List<Path> jars = build.artifacts().stream().map(artifact -> fetch(artifact, fetched)).toList();
    Path unpacked = directory.resolve("." + build.folder());
    delete(unpacked);
    Files.createDirectories(unpacked);
    long done = 0;
    for (int i = 0; i < jars.size(); i++) {
      unpack(jars.get(i), build.artifacts().get(i), unpacked, done);
      done += build.artifacts().get(i).bytes();
    }
    Files.writeString(unpacked.resolve(DIGESTS), digests());
    delete(folder);
    Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
    delete(fetched);
  }

  private void room(Path fetched) throws IOException {
    long there = 0;
    try (Stream<Path> files = Files.list(fetched)) {
      there = files.mapToLong(file -> file.toFile().length()).sum();
    }
    long needed = (long) (build.bytes() * (1 + UNPACKED)) - there;
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < needed) {
      throw new RigException(
          RigException.Kind.NO_SPACE,
          "%s has %d MB free, the engine needs %d MB: choose another folder with --engine-dir"
              .formatted(directory, free / 1_000_000, needed / 1_000_000));
    }
  }

  private Path fetch(Artifact artifact, Path fetched) {
    long before =
        build.artifacts().stream()
            .takeWhile(other -> !other.equals(artifact))
            .mapToLong(Artifact::bytes)
            .sum();
    Download.Fetched got =
        download.fetch(
            artifact,
            fetched,
            bytes -> watcher.progress("fetching", before + bytes, build.bytes()));
    String digest = digest(got.file(), before);
    if (!digest.equals(artifact.sha256())) {
      boolean ours = got.file().startsWith(fetched);
      if (ours) {
        got.file().toFile().delete();
      }
      throw new RigException(
          "%s from %s has SHA-256 %s, expected %s; it was not used%s"
              .formatted(
                  artifact.jar(),
                  got.source(),
                  digest,
                  artifact.sha256(),
                  ours ? "" : ": delete " + got.file()));
    }
    return got.file();
  }

  private String digest(Path file, long before) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = Sha256.digest();
      byte[] buffer = new byte[BUFFER];
      long done = before;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        done += read;
        watcher.progress("checking", done, build.bytes());
      }
      return Sha256.hex(digest.digest());
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  private void unpack(Path jar, Artifact artifact, Path to, long before) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      long packed = before;
      for (String name : artifact.files()) {
        ZipEntry entry = zip.getEntry(artifact.folder() + name);
        if (entry == null) {
          throw new RigException(jar + " has no " + artifact.folder() + name);
        }
        try (InputStream in = zip.getInputStream(entry);
            OutputStream out = Files.newOutputStream(to.resolve(name))) {
          in.transferTo(out);
        }
        packed += entry.getCompressedSize();
        watcher.progress("unpacking", packed, build.bytes());
      }
    }
  }

  /** Deletes a folder with all that is in it; links, not what they lead to. */
  static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> tree = Files.walk(folder)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
