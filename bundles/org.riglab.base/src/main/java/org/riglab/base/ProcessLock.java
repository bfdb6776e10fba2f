package org.riglab.base;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.riglab.api.RigException;

/**
 * A lock that one process of the machine holds at a time. The system releases it when the process
 * ends, however that happens. A text beside it describes the holder.
 */
public final class ProcessLock implements AutoCloseable {
  private static final String LOCK = ".lock";
  private static final String OWNER = ".txt";

  // POSIX releases a lock when its process closes any handle of the file: one at a time.
  private static final Set<Path> HELD = new HashSet<>();

  private final Path file;
  private final FileChannel channel;

  private ProcessLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes a lock if it is free, and makes its folder if there is none.
   *
   * @param folder of the lock
   * @param name of the lock
   * @param owner describes who takes it, in words
   * @return the lock; empty if another process, or this one, holds it
   * @throws RigException of kind IO or NO_SPACE if its file cannot be written
   */
  public static Optional<ProcessLock> tryTake(Path folder, String name, String owner) {
    Path file = folder.resolve(name + LOCK);
    synchronized (HELD) {
      if (!HELD.add(file)) {
        return Optional.empty();
      }
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      Files.createDirectories(folder);
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locked = channel.tryLock() != null;
      if (locked) {
        Files.writeString(folder.resolve(name + OWNER), owner);
      }
      return locked ? Optional.of(new ProcessLock(file, channel)) : Optional.empty();
    } catch (OverlappingFileLockException e) {
      throw new IllegalStateException(file + " is locked by other code of this process", e);
    } catch (IOException e) {
      throw FileFailures.writing(file, e);
    } finally {
      if (!locked) {
        release(file, channel);
      }
    }
  }

  /**
   * @param folder of a lock
   * @param name of the lock
   * @param unknown what to return if nothing is known
   * @return who holds the lock, or held it last, in words
   */
  public static String owner(Path folder, String name, String unknown) {
    try {
      return Files.readString(folder.resolve(name + OWNER));
    } catch (IOException e) {
      return unknown;
    }
  }

  private static void release(Path file, FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new RigException(RigException.Kind.IO, "cannot release the lock " + file + ": " + e, e);
    } finally {
      synchronized (HELD) {
        HELD.remove(file);
      }
    }
  }

  @Override
  public void close() {
    release(file, channel);
  }
}
