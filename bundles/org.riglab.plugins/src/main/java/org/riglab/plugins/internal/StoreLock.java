package org.riglab.plugins.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Held while the plugins of a home are changed: one process at a time. */
final class StoreLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreLock.class);
  private static final long SECONDS = 30;
  private static final long POLL_MILLIS = 50;

  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits until no other process changes the store.
   *
   * @param directory of the store
   * @return close it when the change is over
   * @throws RigException if another one takes too long, or the store cannot be written
   */
  static StoreLock take(Path directory) {
    long end = System.nanoTime() + SECONDS * 1_000_000_000L;
    try {
      while (true) {
        Optional<StoreLock> lock = tryTake(directory);
        if (lock.isPresent()) {
          return lock.get();
        }
        if (System.nanoTime() > end) {
          throw new RigException(
              RigException.Kind.BUSY,
              "another process is changing the plugins of this home; try again");
        }
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(
          RigException.Kind.BUSY, "interrupted while another process changes the plugins", e);
    }
  }

  /**
   * @param directory of the store
   * @return the lock; empty if it is held elsewhere
   */
  static Optional<StoreLock> tryTake(Path directory) {
    FileChannel channel = null;
    boolean locked = false;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locked = channel.tryLock() != null;
      return locked ? Optional.of(new StoreLock(channel)) : Optional.empty();
    } catch (OverlappingFileLockException e) {
      LOG.debug("another thread of this process holds it", e);
      return Optional.empty();
    } catch (IOException e) {
      throw FileFailures.writing(directory, e);
    } finally {
      if (channel != null && !locked) {
        close(channel);
      }
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close(); // and with it the lock
    } catch (IOException e) {
      LOG.warn("Cannot close the lock of the plugins", e);
    }
  }

  @Override
  public void close() {
    close(channel);
  }
}
