package org.riglab.runs.internal;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.lab.LabListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store of a home and its recorder, both opened when they are first needed. */
final class LabStore {
  private final Path home;
  private final Path folder;
  private final Clock clock;
  private final Runnable changed;

  private static final Logger LOG = LoggerFactory.getLogger(LabStore.class);

  private volatile Optional<String> damage = Optional.empty();

  // Guarded by this.
  private Store store;
  private Recorder recorder;
  private LabListener forward = new LabListener() {};
  private boolean closed;

  /**
   * @param home of everything
   * @param folder of the store's files; empty for that of the home
   * @param clock for times that people read
   * @param changed is called after any process changed the store, once there is a recorder
   */
  LabStore(Path home, String folder, Clock clock, Runnable changed) {
    this.home = home;
    this.folder = folder.isEmpty() ? home.resolve("lab") : Path.of(folder);
    this.clock = clock;
    this.changed = changed;
  }

  /** The folder of the store's files. */
  Path folder() {
    return folder;
  }

  synchronized Store store() {
    if (closed) {
      throw new RigException(RigException.Kind.UNAVAILABLE, "the lab is closed");
    }
    if (store == null) {
      store = new Store(new Database(folder().resolve("lab.db"), home.resolve("cache")), clock);
      store.orders().open();
    }
    return store;
  }

  /** Checks the database; a server does when it starts. */
  void check() {
    Optional<String> found = store().damage();
    found.ifPresent(text -> LOG.error("lab.db is damaged: {}", text));
    damage = found;
  }

  /**
   * @return what the check found
   */
  Optional<String> damage() {
    return damage;
  }

  /**
   * @param listener is told of points as soon as they are written; it must not wait. It is set
   *     before there is a recorder
   */
  synchronized void forward(LabListener listener) {
    forward = listener;
  }

  synchronized Recorder recorder() {
    if (recorder == null) {
      recorder = new Recorder(store(), changed, forward);
    }
    return recorder;
  }

  /**
   * Writes what is not written yet, and closes. Nothing may use the store any more.
   *
   * @throws RigException NO_SPACE if the last points could not be written; it is closed all the
   *     same
   */
  void close() {
    Recorder last;
    synchronized (this) {
      closed = true;
      last = recorder;
    }
    try {
      if (last != null) {
        // Not while this is locked: it waits for its thread, which may be calling back.
        last.close();
      }
    } finally {
      synchronized (this) {
        if (store != null) {
          store.close();
          store = null;
        }
      }
    }
  }
}
