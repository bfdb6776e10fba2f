package org.riglab.runs.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.base.Steady;

/** Tells one listener, on a thread of its own, from a queue of bounded size. */
final class Feed implements Lab.Registration, Runnable {
  private static final String LISTENER = "a listener";
  private static final int MOST_POINTS = 20_000;
  private static final int MOST_EVENTS = 2_000;

  private final LabListener listener;
  private final Runnable onClose;
  private final Thread thread;
  private final Deque<Event> events = new ArrayDeque<>();
  private final Map<Long, Progressed> progressed = new LinkedHashMap<>();
  private int waiting;
  private boolean missed;
  private boolean closed;

  private record Progressed(Run.Progress progress, List<Point> points) {}

  /**
   * @param listener is told
   * @param onClose when that has ended
   */
  Feed(LabListener listener, Runnable onClose) {
    this.listener = listener;
    this.onClose = onClose;
    this.thread = new Thread(this, "lab-listener");
    thread.setDaemon(true);
    thread.start();
  }

  synchronized void offer(List<Event> more) {
    events.addAll(more);
    if (events.size() > MOST_EVENTS) {
      events.clear();
      missed = true;
    }
    notifyAll();
  }

  synchronized void offer(long run, Run.Progress progress, List<Point> points) {
    Progressed before = progressed.get(run);
    List<Point> all = before == null ? new ArrayList<>() : before.points();
    all.addAll(points);
    waiting += points.size();
    progressed.put(run, new Progressed(progress, all));
    if (waiting > MOST_POINTS) {
      progressed.clear();
      waiting = 0;
      missed = true;
    }
    notifyAll();
  }

  @Override
  public void run() {
    List<Event> toldEvents = new ArrayList<>();
    Map<Long, Progressed> toldPoints = new LinkedHashMap<>();
    while (true) {
      boolean toldMissed;
      synchronized (this) {
        while (!closed && events.isEmpty() && progressed.isEmpty() && !missed) {
          try {
            wait();
          } catch (InterruptedException e) {
            return; // only a listener that wants this thread to end interrupts it
          }
        }
        if (closed) {
          return;
        }
        toldEvents.addAll(events);
        toldPoints.putAll(progressed);
        toldMissed = missed;
        events.clear();
        progressed.clear();
        waiting = 0;
        missed = false;
      }
      tell(toldMissed, toldEvents, toldPoints);
      toldEvents.clear();
      toldPoints.clear();
    }
  }

  private void tell(boolean missing, List<Event> what, Map<Long, Progressed> points) {
    if (missing) {
      Steady.run(LISTENER, listener::missed);
    }
    what.forEach(event -> Steady.run(LISTENER, () -> listener.event(event)));
    points.forEach(
        (run, p) ->
            Steady.run(
                LISTENER, () -> listener.points(run, p.progress(), List.copyOf(p.points()))));
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    onClose.run();
  }
}
