package org.riglab.networks.internal;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.PartInfo;
import org.riglab.networks.engine.Randomness;

/**
 * The name of a network, its file, and its copy in memory where there is one. Whoever uses a slot
 * has it for himself. Code of plugins runs outside of the monitor only: while a network is
 * assembled, computed with or closed, which may take long or never end, others can ask about it.
 */
final class Slot {
  private final String name;
  private final Path file;

  /** Who uses the slot; null for nobody. */
  private String user;

  /** Replaced by the user of the slot, or by anybody while there is none. */
  private Assembly live;

  private boolean abandoned;

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
          "network '%s' is in use by %s; wait until it is free, or stop that"
              .formatted(name, user));
    }
    user = by;
    return this::release;
  }

  private void release() {
    Assembly stale = null;
    synchronized (this) {
      user = null;
      if (live != null && (abandoned || live.stale())) {
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
   * The copy in memory, if it is on a device and its parts are the newest. For the user of the
   * slot.
   *
   * @return null if there is none
   */
  Assembly live(Device device) {
    Assembly other;
    synchronized (this) {
      if (live == null || !live.stale() && live.manager().getDevice().equals(device)) {
        return live;
      }
      other = live;
      live = null;
    }
    close(other);
    return null;
  }

  /**
   * Exchanges the copy in memory. For the user of the slot.
   *
   * @param next may be null; belongs to the slot from now on, unless this throws
   */
  void replace(Assembly next) {
    Assembly before;
    synchronized (this) {
      if (next != null) {
        refuseIfAbandoned();
      }
      before = live;
      live = next;
    }
    close(before);
  }

  /** Frees the copy in memory if nobody uses it and one of its parts is among some. */
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

  /** The name gets another slot; the user of this one fails at the next thing it does. */
  void abandon() {
    Assembly assembly;
    synchronized (this) {
      abandoned = true;
      assembly = live;
    }
    if (assembly != null) {
      assembly.letGo();
    }
    Randomness.abandon();
  }

  synchronized void refuseIfAbandoned() {
    if (abandoned) {
      throw new RigException(
          Kind.CONFLICT, "network '%s' was taken from this thread, which hung".formatted(name));
    }
  }
}
