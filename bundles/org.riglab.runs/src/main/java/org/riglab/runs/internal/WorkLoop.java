package org.riglab.runs.internal;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.riglab.api.RigException;
import org.riglab.api.bench.PluginHost;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.base.ProcessExit;
import org.riglab.base.Steady;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's side of the link: does the runs that the server gives it, one after the other, and
 * ends its process when the server has gone. Each run, and each change of the plugins, gets a
 * thread of its own: what plugins keep in thread locals goes with it.
 */
final class WorkLoop implements Link.Handler {
  private static final Logger LOG = LoggerFactory.getLogger(WorkLoop.class);
  private static final long BEAT_MILLIS = 1000;

  /** After this long without an order, the process gives back memory. */
  private static final long IDLE_SECONDS = 2;

  private static final int TOO_LATE = 75;

  private final Worker worker;
  private final Store store;
  private final Culprits culprits;
  private final PluginHost plugins;
  private final WorkerAnswers answers;
  private final Runnable idle;
  private final Runnable end;
  private final int graceSeconds;
  private final BlockingQueue<Runnable> orders = new LinkedBlockingQueue<>();
  private final Map<Long, Want> wants = new ConcurrentHashMap<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Link link;
  private volatile boolean drained;

  /** Whether something was computed since memory was given back. */
  private volatile boolean used;

  private record Want(Run.State state, String why) {}

  /**
   * @param worker does runs
   * @param store where they are described
   * @param culprits knows whose code a thread is in
   * @param plugins that run in this process
   * @param answers what the server asks for beside the runs
   * @param idle gives back memory; called when something was computed and no run has come for a
   *     while
   * @param end ends the process, in order
   * @param graceSeconds until the process is halted, where a step does not end
   */
  WorkLoop(
      Worker worker,
      Store store,
      Culprits culprits,
      PluginHost plugins,
      WorkerAnswers answers,
      Runnable idle,
      Runnable end,
      int graceSeconds,
      InputStream in,
      OutputStream out) {
    this.worker = worker;
    this.store = store;
    this.culprits = culprits;
    this.plugins = plugins;
    this.answers = answers;
    this.idle = idle;
    this.end = end;
    this.graceSeconds = graceSeconds;
    this.link = new Link("server", in, out, this);
  }

  void start() {
    daemon(this::work, "worker-runs");
    daemon(this::beat, "worker-vitals");
    link.open();
    link.tell("ready", Map.of());
  }

  private static void daemon(Runnable body, String name) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Tells the server what a run has said. */
  void points(long run, Run.Progress progress, List<Point> points) {
    link.tell("points", Report.body(run, progress, points));
  }

  /** Tells the server why the process ends now. */
  void farewell(String why) {
    link.tell("farewell", Map.of("why", why));
  }

  @Override
  public void told(String op, Map<String, Object> body) {
    switch (op) {
      case "start" -> orders.add(() -> run(Vitals.number(body, "run").longValue()));
      case "plugins" -> daemon(this::follow, "worker-plugins");
      case "want" -> {
        long id = Vitals.number(body, "run").longValue();
        Want want =
            new Want(
                Run.State.valueOf(String.valueOf(body.get("state"))),
                String.valueOf(body.get("why")));
        wants.put(id, want);
        worker.active().ifPresent(control -> pass(control));
      }
      default -> LOG.warn("the server sent the unknown message '{}'", op);
    }
  }

  private void pass(Control control) {
    Want want = wants.get(control.run().id());
    if (want != null) {
      control.want(want.state(), want.why());
    }
  }

  @Override
  public Map<String, Object> asked(String op, Map<String, Object> body) {
    switch (op) {
      case "users" -> {
        Set<String> asked = new TreeSet<>();
        ((List<?>) body.get("plugins")).forEach(plugin -> asked.add(String.valueOf(plugin)));
        return Map.of("users", plugins.users(asked));
      }
      case "where" -> {
        return Map.of(
            "where", worker.active().map(control -> where(control.thread())).orElse("no run"));
      }
      case "exchange" -> plugins.exchange(Path.of(String.valueOf(body.get("jar"))));
      case "remove" -> plugins.remove(String.valueOf(body.get("plugin")));
      default -> {
        try {
          follow(); // as before a run
          return answers.answer(op, body);
        } finally {
          used = true;
        }
      }
    }
    return Map.of();
  }

  private void follow() {
    try {
      plugins.follow();
    } catch (RuntimeException e) {
      LOG.warn("cannot follow what another process did to the plugins", e);
    }
  }

  private void work() {
    try {
      while (!drained) {
        Runnable order = orders.poll(IDLE_SECONDS, TimeUnit.SECONDS);
        if (order != null) {
          order.run();
          used = true;
        } else if (used) {
          used = false;
          idle.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      over.countDown();
      end.run();
    }
  }

  private void run(long id) {
    if (drained) {
      return; // the server puts back what was not begun
    }
    boolean worn = false;
    boolean waits = false;
    try {
      fresh("worker-plugins", this::follow);
      worn = worker.perform(store.job(id), this::pass);
    } catch (RigException e) {
      LOG.warn("run {} waits", id, e);
      waits = true;
    } finally {
      wants.remove(id);
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("run", id);
      body.put("worn", worn);
      body.put("waits", waits);
      body.put("resident", Machine.resident().orElse(0));
      link.tell("ended", body);
    }
  }

  /** Runs something on a thread that ends with it. */
  private static void fresh(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void beat() {
    try {
      while (!over.await(BEAT_MILLIS, TimeUnit.MILLISECONDS)) {
        Steady.run("the heartbeat", () -> link.tell("vitals", vitals().body()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Vitals vitals() {
    long resident = Machine.resident().orElse(0);
    Optional<Control> active = worker.active();
    if (active.isEmpty()) {
      return new Vitals(0, 0, 0, false, resident);
    }
    Control control = active.get();
    return new Vitals(
        control.run().id(),
        control.silentSeconds(),
        control.deadSeconds(),
        control.notFinite(),
        resident);
  }

  private String where(Thread thread) {
    return culprits
        .in(RunThread.threads(thread))
        .map(Culprits.Culprit::toString)
        .orElseGet(
            () -> {
              StackTraceElement[] stack = thread.getStackTrace();
              return stack.length == 0
                  ? "its thread has ended"
                  : "it is in " + PluginThreads.where(stack[0]);
            });
  }

  /** The server has gone, or wants this process to end. */
  @Override
  public void ended() {
    drain();
  }

  /** Lets the run end its step and write a checkpoint; then the process ends. */
  void drain() {
    drained = true;
    worker.drain();
    orders.add(() -> {});
    daemon(this::halt, "worker-grace");
  }

  private void halt() {
    if (!await()) {
      LOG.error("a step has not ended within {} s; the process is halted", graceSeconds);
      ProcessExit.withoutDestructors();
      Runtime.getRuntime().halt(TOO_LATE);
    }
  }

  /** Waits until nothing runs any more, for as long as the grace time lasts. */
  boolean await() {
    try {
      return over.await(graceSeconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
