package org.riglab.networks.internal;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.function.Predicate;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.PartInfo;
import org.riglab.base.ProcessLock;

/**
 * The name of a network, its file, and its copy in memory where there is one. Whoever uses a slot
 * has it for himself. Code of plugins runs outside of the monitor only: while a network is
 * assembled, computed with or closed, which may take long or never end, others can ask about it.
 */
final class Slot {
  /** Beside the networks; no network has such a name. */
  private static final String LOCKS = ".locks";

  private final String name;
  private final Path file;

  /** The user of the slot; null for none. */
  private String user;

  /** Replaced by the user of the slot, or by anybody while there is none. */
  private Assembly live;

  /** The file that the copy in memory agrees with; another process may write a new one. */
  private Stamp stamp = Stamp.NONE;

  /** What the file says, if it was asked for, and the file that said it. */
  private ModelFile description;

  private Stamp described = Stamp.NONE;

  /**
   * A file as it was: a file that is written anew is another one.
   *
   * @param key of the file system; null where it has none
   */
  record Stamp(Object key, FileTime modified, long size) {
    static final Stamp NONE = new Stamp(null, FileTime.fromMillis(0), 0);

    static Stamp of(Path file) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(now.fileKey(), now.lastModifiedTime(), now.size());
      } catch (IOException e) {
        return NONE;
      }
    }
  }

  /** Exclusive use of a slot. */
  interface Use extends AutoCloseable {
    @Override
    void close();
  }

  Slot(String name, Path file) {
    this.name = name;
    this.file = file;
  }

  String name() {
    return name;
  }

  Path file() {
    return file;
  }

  /**
   * @param by who uses it, for messages
   * @throws RigException BUSY if it is in use
   */
  synchronized Use use(String by) {
    if (user != null) {
      throw new RigException(
          Kind.BUSY,
          "network '%s' is in use by %s; wait until it is free, or stop the other operation"
              .formatted(name, user));
    }
    user = by;
    return this::release;
  }

  /**
   * As {@link #use}, for whoever writes the network: no other process of the home can write it at
   * the same time.
   *
   * @throws RigException BUSY if it is in use here, or written by another process
   */
  Use write(String by) {
    Use use = use(by);
    Optional<ProcessLock> lock = Optional.empty();
    try {
      Path locks = file.getParent().resolveSibling(LOCKS);
      String process = "%s in process %d".formatted(by, ProcessHandle.current().pid());
      lock = ProcessLock.tryTake(locks, name, process);
      if (lock.isEmpty()) {
        throw new RigException(
            Kind.BUSY,
            "network '%s' is in use by %s; wait until it is free, or stop the other operation"
                .formatted(name, ProcessLock.owner(locks, name, "another process")));
      }
    } finally {
      if (lock.isEmpty()) {
        use.close();
      }
    }
    ProcessLock held = lock.get();
    return () -> {
      try {
        held.close();
      } finally {
        use.close();
      }
    };
  }

  private void release() {
    Assembly stale = null;
    synchronized (this) {
      user = null;
      if (live != null && live.stale()) {
        stale = live;
        live = null;
      }
    }
    close(stale);
  }

  /** The device of the copy in memory; without one, the CPU. */
  synchronized Device device() {
    return live == null ? Device.cpu() : live.manager().getDevice();
  }

  /**
   * The copy in memory, if it is on a device, its parts are the newest, and its file is the one
   * that it agrees with. For the user of the slot.
   *
   * @return null if there is none
   */
  Assembly live(Device device) {
    Stamp now = stamp();
    Assembly other;
    synchronized (this) {
      if (live == null
          || !live.stale() && live.manager().getDevice().equals(device) && now.equals(stamp)) {
        return live;
      }
      other = live;
      live = null;
    }
    close(other);
    return null;
  }

  /** What the file says without its values; read again where it was written anew. */
  ModelFile described() {
    Stamp now = stamp();
    synchronized (this) {
      if (description != null && now.equals(described) && !now.equals(Stamp.NONE)) {
        return description;
      }
    }
    ModelFile read = ModelFile.read(file);
    synchronized (this) {
      description = read;
      described = now;
    }
    return read;
  }

  /** The file as it is now. */
  Stamp stamp() {
    return Stamp.of(file);
  }

  /** The copy in memory agrees with the file that was just written from it. */
  void saved() {
    Stamp now = stamp();
    synchronized (this) {
      stamp = now;
    }
  }

  /**
   * Exchanges the copy in memory for one that agrees with the file. For the user of the slot.
   *
   * @param next may be null; belongs to the slot from now on
   */
  void replace(Assembly next) {
    replace(next, stamp());
  }

  /**
   * As {@link #replace(Assembly)}.
   *
   * @param agreed the file before it was read
   */
  void replace(Assembly next, Stamp agreed) {
    Assembly before;
    synchronized (this) {
      before = live;
      live = next;
      stamp = agreed;
    }
    close(before);
  }

  /** Frees the copy in memory if it is not in use and contains one of some parts. */
  void freeIdle(Predicate<PartInfo> which) {
    Assembly idle = null;
    synchronized (this) {
      if (user == null && live != null && live.parts().stream().anyMatch(which)) {
        idle = live;
        live = null;
      }
    }
    close(idle);
  }

  private static void close(Assembly assembly) {
    if (assembly != null) {
      assembly.close();
    }
  }
}
