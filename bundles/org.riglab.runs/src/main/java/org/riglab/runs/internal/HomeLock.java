package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.riglab.api.RigException;

/**
 * Says which process works on the queue of a home. The system lets go of it when the process dies,
 * however that happens.
 */
final class HomeLock implements AutoCloseable {
  // On some systems a lock ends when its process closes any handle of the file: one at a time.
  private static final Set<Path> HELD = new HashSet<>();

  private final Path file;
  private final FileChannel channel;

  private HomeLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * @param folder of the store
   * @return the lock; empty if another process, or this one, holds it
   */
  static Optional<HomeLock> tryLock(Path folder) {
    Path file = folder.resolve("worker.lock");
    FileChannel channel = null;
    boolean locked = false;
    synchronized (HELD) {
      if (!HELD.add(file)) {
        return Optional.empty();
      }
    }
    try {
      Files.createDirectories(folder);
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      locked = lock != null;
      if (locked) {
        Files.writeString(owner(folder), "process " + ProcessHandle.current().pid());
      }
      return locked ? Optional.of(new HomeLock(file, channel)) : Optional.empty();
    } catch (IOException | OverlappingFileLockException e) {
      throw new RigException(RigException.Kind.IO, "cannot lock %s: %s".formatted(file, e), e);
    } finally {
      if (!locked) {
        letGo(file, channel);
      }
    }
  }

  /** Which process holds the lock, or held it last, in words. */
  static String owner(Path folder, String unknown) {
    try {
      return Files.readString(owner(folder));
    } catch (IOException e) {
      return unknown;
    }
  }

  // Another file, for the same reason.
  private static Path owner(Path folder) {
    return folder.resolve("worker.txt");
  }

  private static void letGo(Path file, FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new RigException(RigException.Kind.IO, "cannot close a lock: " + e, e);
    } finally {
      synchronized (HELD) {
        HELD.remove(file);
      }
    }
  }

  @Override
  public void close() {
    letGo(file, channel);
  }
}
