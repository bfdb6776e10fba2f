package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.base.Steady;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what runs say to the store and to listeners, on a thread of its own, a few times a
 * second: a step costs its run no more than an entry in a list. Notices as well what other
 * processes have changed in the store.
 */
final class Recorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
  private static final long PERIOD_MILLIS = 300;

  private final Store store;
  private final Runnable changed;
  private final LabListener forward;
  private final List<Feed> feeds = new CopyOnWriteArrayList<>();
  private final Map<Long, Pending> pending = new HashMap<>();
  private final List<Event> told = new ArrayList<>();
  private final ReentrantLock writing = new ReentrantLock();
  private final Thread thread;
  private boolean closed;
  private long lastEvent;

  private record Pending(Run.Progress progress, double seconds, List<Point> points) {}

  /**
   * @param store where to
   * @param changed is called after a change of the store, by any process, on the recorder's thread
   */
  Recorder(Store store, Runnable changed) {
    this(store, changed, new LabListener() {});
  }

  /**
   * @param forward is told of points as soon as they are written, and must not wait
   */
  Recorder(Store store, Runnable changed, LabListener forward) {
    this.store = store;
    this.changed = changed;
    this.forward = forward;
    this.lastEvent = store.events().last();
    this.thread = new Thread(this::work, "lab-recorder");
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes what a step brought. */
  synchronized void add(long run, Run.Progress progress, double seconds, List<Point> points) {
    Pending before = pending.get(run);
    List<Point> all = before == null ? new ArrayList<>() : before.points();
    all.addAll(points);
    pending.put(run, new Pending(progress, seconds, all));
  }

  /** Takes a line that a run has to say. */
  synchronized void message(long run, String line) {
    told.add(new Event(0, java.time.Instant.EPOCH, run, Event.Type.MESSAGE, line));
  }

  /**
   * Writes what is there now, on the caller's thread; what another thread is writing is written
   * when this returns, so that a run's last points precede its end.
   */
  void flush() {
    writing.lock();
    try {
      write();
    } finally {
      writing.unlock();
    }
  }

  private void write() {
    Map<Long, Pending> points;
    List<Event> messages;
    synchronized (this) {
      points = new HashMap<>(pending);
      messages = new ArrayList<>(told);
      pending.clear();
      told.clear();
    }
    try {
      for (Event message : List.copyOf(messages)) {
        store.events().add(message.run(), message.type(), message.text());
        messages.remove(0);
      }
      RuntimeException failure = null;
      for (Map.Entry<Long, Pending> entry : Map.copyOf(points).entrySet()) {
        Pending p = entry.getValue();
        try {
          store.points().add(entry.getKey(), p.progress(), p.seconds(), p.points());
        } catch (RuntimeException e) {
          failure = e; // those of other runs are written all the same
          continue;
        }
        points.remove(entry.getKey());
        Steady.run(
            "the progress of a run",
            () -> forward.points(entry.getKey(), p.progress(), p.points()));
        pass(entry.getKey(), p.progress(), p.points());
      }
      if (failure != null) {
        throw failure;
      }
    } finally {
      putBack(messages, points);
    }
  }

  /** Tells listeners of points that are written. */
  void pass(long run, Run.Progress progress, List<Point> points) {
    feeds.forEach(feed -> feed.offer(run, progress, points));
  }

  /** What could not be written is tried again. */
  private synchronized void putBack(List<Event> messages, Map<Long, Pending> points) {
    told.addAll(0, messages);
    points.forEach(
        (run, before) -> {
          Pending now = pending.get(run);
          if (now != null) {
            before.points().addAll(now.points());
          }
          pending.put(
              run,
              now == null ? before : new Pending(now.progress(), now.seconds(), before.points()));
        });
  }

  private void work() {
    while (true) {
      try {
        synchronized (this) {
          if (!closed) {
            wait(PERIOD_MILLIS);
          }
          if (closed) {
            return;
          }
        }
        flush();
        if (tell()) {
          changed.run();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
        LOG.warn("the store cannot be accessed; trying again", e);
      }
    }
  }

  /** Every request to a run leaves an event, whichever process made it. */
  private boolean tell() {
    List<Event> events = store.events().since(lastEvent, 1000);
    if (!events.isEmpty()) {
      lastEvent = events.get(events.size() - 1).sequence();
      feeds.forEach(feed -> feed.offer(events));
    }
    return !events.isEmpty();
  }

  Lab.Registration listen(LabListener listener) {
    Feed[] feed = new Feed[1];
    feed[0] = new Feed(listener, () -> feeds.remove(feed[0]));
    feeds.add(feed[0]);
    return feed[0];
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join();
      flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      feeds.forEach(Feed::close);
    }
  }
}
