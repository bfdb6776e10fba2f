package org.riglab.mlflow.internal;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends runs to an MLflow server on a thread of its own. While the server is away, what is to be
 * sent waits, up to a limit; then the oldest points go, and the run gets the tag {@code
 * riglab.incomplete}. No run notices.
 */
@Component(
    immediate = true,
    service = {},
    configurationPid = Settings.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Exporter implements LabListener {
  private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);
  private static final String TAG = "riglab.run";

  /** MLflow's limits for one request, and for one parameter. */
  private static final int METRICS = 1000;

  private static final int PARAMETERS = 100;
  private static final int LONGEST = 500;

  private static final int MOST_POINTS = 100_000;
  private static final int MOST_STATES = 1000;
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final int LONGEST_PAUSE = 60;

  private final Lab lab;
  private final Tracker tracker;
  private final String experiment;
  private final Clock clock;
  private final Duration pause;
  private final int mostPoints;
  private final Lab.Registration registration;
  private final Thread thread;
  private final Map<Long, String> ids = new HashMap<>();

  // Guarded by this.
  private final Deque<Point> points = new ArrayDeque<>();
  private final Map<Long, Run.State> states = new LinkedHashMap<>();
  private final Set<Long> incomplete = new HashSet<>();
  private boolean closed;

  private record Point(long run, Tracker.Metric metric) {}

  /**
   * @param lab has the runs
   * @param settings where to
   * @throws RigException if there is no address, or it is none
   */
  @Activate
  public Exporter(@Reference Lab lab, Settings settings) {
    this(
        lab,
        Tracker.at(settings.uri(), settings.token()),
        settings.experiment(),
        Clock.systemUTC(),
        SHORTEST_PAUSE,
        MOST_POINTS);
  }

  Exporter(
      Lab lab, Tracker tracker, String experiment, Clock clock, Duration pause, int mostPoints) {
    this.lab = lab;
    this.tracker = tracker;
    this.experiment = experiment;
    this.clock = clock;
    this.pause = pause;
    this.mostPoints = mostPoints;
    this.registration = lab.listen(this);
    this.thread = new Thread(this::send, "mlflow");
    thread.setDaemon(true);
    thread.start();
    LOG.info("runs are sent to MLflow: {}", tracker);
  }

  @Deactivate
  void stop() {
    registration.close();
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    thread.interrupt();
  }

  @Override
  public synchronized void points(long run, Run.Progress progress, List<LabListener.Point> more) {
    long now = clock.millis();
    for (LabListener.Point point : more) {
      // JSON has no NaN.
      if (Double.isFinite(point.value())) {
        points.add(
            new Point(
                run, new Tracker.Metric(key(point.metric()), point.value(), now, point.step())));
      }
    }
    while (points.size() > mostPoints) {
      incomplete.add(points.remove().run());
    }
    notifyAll();
  }

  @Override
  public synchronized void event(Event event) {
    if (event.type() == Event.Type.STATE) {
      states.remove(event.run());
      if (states.size() < MOST_STATES) {
        // Which one it is, is asked for when it is sent.
        states.put(event.run(), Run.State.RUNNING);
      }
      notifyAll();
    }
  }

  @Override
  public synchronized void missed() {
    points.forEach(point -> incomplete.add(point.run()));
    incomplete.addAll(states.keySet());
  }

  /** MLflow allows letters, digits, and of signs these. */
  private static String key(String metric) {
    return metric.replaceAll("[^\\p{L}\\p{N}_\\-. /]", "_");
  }

  private void send() {
    boolean away = false;
    long seconds = 1;
    while (true) {
      try {
        if (!sendNext()) {
          return;
        }
        if (away) {
          LOG.info("MLflow answers again");
        }
        away = false;
        seconds = 1;
      } catch (IOException e) {
        if (!away) {
          LOG.warn("MLflow does not answer; what is to be sent waits: {}", e.toString());
        }
        away = true;
        try {
          Thread.sleep(pause.multipliedBy(seconds).toMillis());
        } catch (InterruptedException stopped) {
          return;
        }
        seconds = Math.min(2 * seconds, LONGEST_PAUSE);
      } catch (Tracker.RefusedException | RigException e) {
        LOG.warn("MLflow: {}", e.getMessage());
      } catch (RuntimeException | LinkageError e) {
        LOG.error("MLflow: one item is left out", e);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Sends points of one run, or a state where there are none; what fails is put back. */
  private boolean sendNext() throws IOException, InterruptedException, Tracker.RefusedException {
    List<Point> batch = new ArrayList<>();
    long run;
    synchronized (this) {
      while (points.isEmpty() && states.isEmpty()) {
        if (closed) {
          return false;
        }
        wait();
      }
      run = points.isEmpty() ? states.keySet().iterator().next() : points.peek().run();
      while (!points.isEmpty() && points.peek().run() == run && batch.size() < METRICS) {
        batch.add(points.remove());
      }
      if (batch.isEmpty()) {
        states.remove(run);
      }
    }
    try {
      Run now = lab.run(run);
      if (batch.isEmpty()) {
        state(now);
      } else {
        tracker.log(id(now), batch.stream().map(Point::metric).toList(), Map.of(), Map.of());
      }
    } catch (IOException e) {
      putBack(run, batch);
      throw e;
    }
    return true;
  }

  private synchronized void putBack(long run, List<Point> batch) {
    if (batch.isEmpty()) {
      states.putIfAbsent(run, Run.State.RUNNING);
    }
    for (int i = batch.size() - 1; i >= 0; i--) {
      points.addFirst(batch.get(i));
    }
  }

  private void state(Run run) throws IOException, InterruptedException, Tracker.RefusedException {
    if (run.state() == Run.State.QUEUED && !ids.containsKey(run.id())) {
      return;
    }
    String id = id(run);
    boolean lost;
    synchronized (this) {
      lost = incomplete.contains(run.id());
    }
    if (run.state().ended() && lost) {
      tracker.log(id, List.of(), Map.of(), Map.of("riglab.incomplete", "true"));
    }
    tracker.update(id, status(run.state()), run.times().ended().map(Instant::toEpochMilli));
    if (run.state().ended()) {
      ids.remove(run.id());
      synchronized (this) {
        incomplete.remove(run.id());
      }
    }
  }

  private static String status(Run.State state) {
    return switch (state) {
      case QUEUED, PAUSED -> "SCHEDULED";
      case RUNNING -> "RUNNING";
      case DONE -> "FINISHED";
      case FAILED -> "FAILED";
      case CANCELLED -> "KILLED";
    };
  }

  /** Of the run there: known, found by its tag, or made. */
  private String id(Run run) throws IOException, InterruptedException, Tracker.RefusedException {
    String known = ids.get(run.id());
    if (known != null) {
      return known;
    }
    // Homes number their runs alike.
    String value = run.id() + "@" + run.times().submitted();
    String of = tracker.experiment(experiment);
    Optional<String> found = tracker.find(of, TAG, value);
    String id =
        found.isPresent()
            ? found.get()
            : tracker.create(
                of,
                run.name(),
                run.times().started().orElse(run.times().submitted()).toEpochMilli(),
                Map.of(TAG, value, "riglab.network", run.network()));
    if (found.isEmpty()) {
      describe(id, run);
    }
    ids.put(run.id(), id);
    return id;
  }

  private void describe(String id, Run run)
      throws IOException, InterruptedException, Tracker.RefusedException {
    Map<String, String> all = new LinkedHashMap<>();
    run.spec().forEach((name, value) -> parameter(all, name, value));
    run.networkSpec().forEach((name, value) -> parameter(all, "network." + name, value));
    Map<String, String> some = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : all.entrySet()) {
      some.put(entry.getKey(), entry.getValue());
      if (some.size() == PARAMETERS) {
        tracker.log(id, List.of(), some, Map.of());
        some.clear();
      }
    }
    if (!some.isEmpty()) {
      tracker.log(id, List.of(), some, Map.of());
    }
  }

  private static void parameter(Map<String, String> to, String name, Object value) {
    String text = String.valueOf(value);
    to.put(key(name), text.substring(0, Math.min(LONGEST, text.length())));
  }
}
