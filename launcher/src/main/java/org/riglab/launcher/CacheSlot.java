package org.riglab.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder for the framework's cache that no other process uses: the first numbered one whose lock
 * is free. A lock ends with its process, so the folder of a killed process is used again.
 */
final class CacheSlot implements AutoCloseable {
  private static final int LIMIT = 1000;

  private final FileChannel channel;
  private final Path directory;

  private CacheSlot(FileChannel channel, Path directory) {
    this.channel = channel;
    this.directory = directory;
  }

  /**
   * Takes a slot and empties its folder.
   *
   * @param parent where the slots are; made if it is not there
   * @throws StartException if the folder cannot be written
   */
  static CacheSlot take(Path parent) throws StartException {
    try {
      Files.createDirectories(parent);
      for (int i = 0; i < LIMIT; i++) {
        FileChannel channel =
            FileChannel.open(
                parent.resolve(i + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock != null) {
          Path directory = parent.resolve(Integer.toString(i));
          delete(directory);
          return new CacheSlot(channel, directory);
        }
        channel.close();
      }
      throw new StartException("more than " + LIMIT + " processes use " + parent);
    } catch (IOException | UncheckedIOException e) {
      throw new StartException("cannot write the cache folder " + parent + ": " + e, e);
    }
  }

  Path directory() {
    return directory;
  }

  /**
   * Removes the folder and gives the slot back. The lock file stays: others may be waiting at it.
   */
  @Override
  public void close() throws IOException {
    try {
      delete(directory);
    } finally {
      channel.close();
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
