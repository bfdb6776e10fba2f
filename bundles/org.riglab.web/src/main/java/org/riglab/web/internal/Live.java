package org.riglab.web.internal;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;
import org.riglab.base.Steady;

/**
 * Server-sent events. The lab calls one listener, on its own thread; every message is serialised
 * once and passed to the clients that watch it. A slow client never blocks others: its messages are
 * buffered up to a limit, then its stream is closed. A browser reconnects and reads the state
 * again.
 *
 * <p>Messages: {@code points} {run, progress, points: {METRIC: {step, value}}} (only of the run
 * that is watched), {@code progress} {run, progress} (of all), {@code event}, {@code missed}.
 */
final class Live implements LabListener, AutoCloseable {
  /** Limits of clients, in total and per token. */
  static final int MOST = 200;

  static final int MOST_PER_TOKEN = 100;

  private static final long BEAT_SECONDS = 10;
  private static final long LOOK_MILLIS = 500;
  private static final byte[] BEAT = ":\n\n".getBytes(StandardCharsets.UTF_8);

  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
  private final Map<Long, Long> done = new ConcurrentHashMap<>();
  private final AtomicLong messages = new AtomicLong();
  private final LongAdder steps = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final Predicate<Caller> welcome;
  private final Lab.Registration registration;
  private final ScheduledExecutorService beats =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "web-live");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param lab the source of events
   * @param welcome whether a client may still watch; throws a RigException if that cannot be
   *     decided
   */
  Live(Lab lab, Predicate<Caller> welcome) {
    this.welcome = welcome;
    this.registration = lab.listen(this);
    beats.scheduleWithFixedDelay(
        Steady.task("the heartbeat", this::beat), BEAT_SECONDS, BEAT_SECONDS, TimeUnit.SECONDS);
    beats.scheduleWithFixedDelay(
        Steady.task("the look at watchers", this::look),
        LOOK_MILLIS,
        LOOK_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  List<Route> routes() {
    return List.of(Route.of("GET", "/api/v1/live", Role.VIEWER, this::watch, "run", "since"));
  }

  /**
   * @return number of messages so far. A client that reads a state and then opens a stream with
   *     {@code since} the number from before its reading misses nothing: if there were messages in
   *     between, the first one it gets is {@code missed}
   */
  long messages() {
    return messages.get();
  }

  /**
   * @return number of clients
   */
  int watching() {
    return watchers.size();
  }

  /**
   * @return number of clients that were too slow
   */
  long dropped() {
    return dropped.sum();
  }

  /**
   * @return steps and images of all runs since the server started
   */
  long steps() {
    return steps.sum();
  }

  private void watch(Call call) throws IOException {
    long run = number(call, "run").orElse(0);
    OptionalLong since = number(call, "since");
    String token = call.caller().token();
    long mine = watchers.stream().filter(w -> w.caller.token().equals(token)).count();
    if (watchers.size() >= MOST || mine >= MOST_PER_TOKEN) {
      throw new Refusal(503, "too many watch already", Map.of("Retry-After", "10"));
    }
    call.response().setContentType("text/event-stream");
    call.response().setCharacterEncoding("UTF-8");
    // Proxies must not buffer the events.
    call.response().setHeader("X-Accel-Buffering", "no");
    AsyncContext context = call.request().startAsync();
    context.setTimeout(0);
    Watcher watcher = new Watcher(call.caller(), run, context);
    watchers.add(watcher);
    watcher.offer("retry: 2000\n\n".getBytes(StandardCharsets.UTF_8));
    // After the watcher has been added: each message is counted here or offered to it.
    if (since.isPresent() && since.getAsLong() != messages.get()) {
      watcher.offer(message("missed", Map.of()));
    }
    watcher.start();
  }

  private static OptionalLong number(Call call, String name) {
    String text = call.text(name, "");
    if (!text.matches("[0-9]{0,18}")) {
      throw new Refusal(400, name + " is not a number");
    }
    return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
  }

  @Override
  public void event(Event event) {
    offer(message("event", event));
  }

  @Override
  public void points(long run, Run.Progress progress, List<Point> points) {
    Long before = done.put(run, progress.done());
    if (before != null && progress.done() > before) {
      steps.add(progress.done() - before);
    }
    if (progress.done() == progress.total()) {
      done.remove(run);
    }
    messages.incrementAndGet();
    if (watchers.isEmpty()) {
      return;
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("run", run);
    data.put("progress", progress);
    byte[] plain = message("progress", data);
    byte[] whole = null;
    Welcome now = new Welcome();
    for (Watcher watcher : watchers) {
      if (watcher.run == run && whole == null) {
        data.put("points", columns(points));
        whole = message("points", data);
      }
      byte[] bytes = watcher.run == run ? whole : plain;
      Steady.run("a message to a watcher", () -> now.tell(watcher, bytes));
    }
  }

  private static Map<String, Object> columns(List<Point> points) {
    Map<String, Map<String, List<Object>>> columns = new LinkedHashMap<>();
    for (Point point : points) {
      Map<String, List<Object>> curve =
          columns.computeIfAbsent(
              point.metric(),
              metric ->
                  Map.of(
                      "step", new java.util.ArrayList<>(), "value", new java.util.ArrayList<>()));
      curve.get("step").add(point.step());
      curve.get("value").add(point.value());
    }
    return new LinkedHashMap<>(columns);
  }

  @Override
  public void missed() {
    offer(message("missed", Map.of()));
  }

  private void offer(byte[] bytes) {
    messages.incrementAndGet();
    Welcome now = new Welcome();
    watchers.forEach(w -> Steady.run("a message to a watcher", () -> now.tell(w, bytes)));
  }

  private static byte[] message(String type, Object data) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(("event: " + type + "\ndata: ").getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(Json.line(data).getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  /** Sends a heartbeat, and ends the streams of closed connections and invalid tokens. */
  void beat() {
    watchers.forEach(w -> Steady.run("the heartbeat of a watcher", () -> w.offer(BEAT)));
    look();
  }

  /** Ends the streams of invalid tokens. */
  void look() {
    Welcome now = new Welcome();
    watchers.forEach(w -> Steady.run("the look at a watcher", () -> now.look(w)));
  }

  /**
   * Ends the streams of a session.
   *
   * @param session its id
   */
  void end(String session) {
    for (Watcher watcher : watchers) {
      Sessions.Session its = watcher.caller.session();
      if (its != null && its.id().equals(session)) {
        Steady.run("the end of a watcher", watcher::close);
      }
    }
  }

  /** The tokens that are valid now; each is checked once. */
  private final class Welcome {
    private final Map<String, Boolean> tokens = new HashMap<>();

    boolean is(Caller caller) {
      return tokens.computeIfAbsent(caller.token(), token -> welcome.test(caller));
    }

    void look(Watcher watcher) {
      if (!is(watcher.caller)) {
        watcher.close();
      } else if (watcher.left) {
        watcher.left = false;
        watcher.offer(message("missed", Map.of()));
      }
    }

    void tell(Watcher watcher, byte[] bytes) {
      try {
        if (is(watcher.caller)) {
          watcher.offer(bytes);
        } else {
          watcher.close();
        }
      } catch (RigException e) {
        // The token could not be checked. The next check sends a message "missed".
        watcher.left = true;
      }
    }
  }

  @Override
  public void close() {
    registration.close();
    beats.shutdownNow();
    watchers.forEach(Watcher::close);
  }

  /** A client. */
  private final class Watcher implements AsyncListener {
    private final Caller caller;
    private final long run;
    private final AsyncContext context;
    private final Outlet outlet;
    private volatile boolean left;

    Watcher(Caller caller, long run, AsyncContext context) throws IOException {
      this.caller = caller;
      this.run = run;
      this.context = context;
      this.outlet = new Outlet(context.getResponse().getOutputStream(), this::close);
      context.addListener(this);
    }

    void start() throws IOException {
      context.getResponse().getOutputStream().setWriteListener(outlet);
    }

    void offer(byte[] bytes) {
      if (!outlet.offer(bytes)) {
        dropped.increment();
        close();
      }
    }

    void close() {
      if (watchers.remove(this)) {
        outlet.close();
        try {
          context.complete();
        } catch (IllegalStateException e) {
          // The container has already closed the connection.
          return;
        }
      }
    }

    @Override
    public void onComplete(AsyncEvent event) {
      watchers.remove(this);
      outlet.close();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      close();
    }

    @Override
    public void onError(AsyncEvent event) {
      close();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      throw new IllegalStateException("it is started once");
    }
  }
}
