package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

/** The queue with several devices, and under orders from all sides. */
public class QueueTest {
  private static final long SECONDS = 60;
  private static final int STEPS = 6;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Map<Long, Integer> priorities = new HashMap<>(); // as they were submitted
  private final Map<Long, String> devices = new HashMap<>();
  private FakeBench bench;
  private LabService lab;

  @Before
  public void open() {
    bench = new FakeBench(folder.getRoot().toPath());
    bench.networks.addAll(List.of("a", "b", "c", "d"));
  }

  @After
  public void close() {
    bench.free.release(100_000);
    lab.close();
  }

  private LabService lab(String... devices) {
    return lab(new ThreadHost(() -> lab((WorkerHost) null, devices)), devices);
  }

  private LabService lab(WorkerHost host, String... devices) {
    return bench.lab(new Limits(List.of(devices), 1, 0, false, 0, 0, 0, 10, 0, 3), host);
  }

  private Run submit(String network, int priority, String device, Long... after) {
    Run run =
        lab.submit(
                new Request(
                    Run.Kind.TRAIN,
                    "",
                    network,
                    Map.of(),
                    Map.of("steps", STEPS, "device", device),
                    Map.of(),
                    List.of(),
                    priority,
                    List.of(after)))
            .get(0);
    priorities.put(run.id(), priority);
    devices.put(run.id(), device);
    return run;
  }

  /** A sweep over {@code count} seeds. */
  private List<Run> sweep(String network, int count, Long... after) {
    return lab.submit(
        new Request(
            Run.Kind.TRAIN,
            "",
            network,
            Map.of("gate", "mul"),
            Map.of("steps", STEPS),
            Map.of(),
            LongStream.range(0, count).boxed().toList(),
            0,
            List.of(after)));
  }

  private interface Holds {
    boolean now();
  }

  /** Waits, told by events. */
  private void until(Holds holds) throws InterruptedException {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    try (Lab.Registration listening =
        lab.listen(
            new LabListener() {
              @Override
              public void event(Event event) {
                events.add(event);
              }
            })) {
      assertTrue(listening != null);
      while (!holds.now()) {
        assertTrue(
            lab.list(Lab.Query.ALL).runs().toString(),
            events.poll(SECONDS, TimeUnit.SECONDS) != null);
      }
    }
  }

  private State state(Run run) {
    return lab.run(run.id()).state();
  }

  private Set<Long> running() {
    Set<Long> running = new HashSet<>();
    lab.list(Lab.Query.of(State.RUNNING)).runs().forEach(run -> running.add(run.id()));
    return running;
  }

  @Test
  public void eachDeviceTakesTheBestThatItMay() throws Exception {
    lab = lab("gpu0", "gpu1");
    bench.held = true;
    Run low = submit("a", 0, "auto");
    Run pinned = submit("b", 1, "gpu1");
    Run alsoPinned = submit("c", 9, "gpu1");
    Run high = submit("d", 5, "auto");
    lab.serve();
    until(() -> running().size() == 2);
    assertEquals(
        "gpu1 has its own best one, which leaves the other to gpu0",
        Set.of(alsoPinned.id(), high.id()),
        running());
    assertEquals("gpu1", lab.run(alsoPinned.id()).device());
    assertEquals("gpu0", lab.run(high.id()).device());
    assertEquals(State.QUEUED, state(low));
    assertEquals(State.QUEUED, state(pinned));
    bench.held = false;
    bench.free.release(100);
    until(() -> state(low) == State.DONE && state(pinned) == State.DONE);
    assertEquals("gpu1", lab.run(pinned.id()).device());
    obeys(events(), Set.of("gpu0", "gpu1"));
  }

  @Test
  public void aDeviceThatFailsLeavesTheOtherAlone() throws Exception {
    lab = lab("gpu0", "gpu1");
    bench.fault =
        step -> {
          if (Thread.currentThread().getName().equals("lab-gpu1")) {
            throw new IllegalStateException("CUDA error: an illegal memory access was encountered");
          }
        };
    Run bad = submit("a", 0, "gpu1");
    Run good = submit("b", 0, "gpu0");
    Run next = submit("c", 0, "gpu0");
    Run after = submit("d", 0, "gpu0", bad.id());
    lab.serve();
    until(() -> state(next) == State.DONE && state(after) == State.FAILED);
    assertEquals(State.DONE, state(good));
    assertEquals(
        "IllegalStateException: CUDA error: an illegal memory access was encountered",
        lab.run(bad.id()).error());
    // Once it works again, so does what failed.
    bench.fault = step -> {};
    lab.retry(bad.id());
    lab.retry(after.id());
    until(() -> state(after) == State.DONE);
    assertEquals("gpu1", lab.run(bad.id()).device());
    obeys(events(), Set.of("gpu0", "gpu1"));
  }

  @Test
  public void twoCpusWorkAtOnceButNeverOnOneNetwork() throws Exception {
    lab = lab("cpu", "cpu");
    bench.held = true;
    Run first = submit("a", 0, "auto");
    Run same = submit("a", 0, "cpu");
    Run other = submit("b", 0, "cpu");
    lab.serve();
    until(() -> running().size() == 2);
    assertEquals(Set.of(first.id(), other.id()), running());
    lab.cancel(first.id());
    bench.held = false;
    bench.free.release(100);
    until(() -> state(same) == State.DONE && state(other) == State.DONE);
    // It was asked to end while it ran, and is no other's business.
    until(() -> state(first).ended());
  }

  @Test
  public void saysWhatWaitsForADeviceThatNobodyWorksOn() {
    lab = lab("gpu0");
    Run lost = submit("a", 0, "gpu3");
    Holds warned =
        () ->
            lab.health().checks().stream()
                .anyMatch(
                    c ->
                        c.name().equals("queue")
                            && c.status() == Health.Status.WARN
                            && c.text()
                                .equals(
                                    "run 1 waits for gpu3; this server works on gpu0: cancel it, or"
                                        + " set devices"));
    assertTrue("nobody works on anything", !warned.now());
    lab.serve();
    assertTrue(lab.health().checks().toString(), warned.now());
    lab.cancel(lost.id());
    assertTrue(lab.health().checks().toString(), !warned.now());
  }

  /**
   * Forty-five runs, three devices, four hundred orders and three restarts, all at once: each run
   * is done once and in its turn.
   */
  @Test
  public void nothingIsLostAndNothingIsDoneTwice() throws Exception {
    String[] devices = {"gpu0", "gpu1", "gpu2"};
    Random random = new Random(5);
    lab = lab(devices);
    bench.held = true;
    List<Run> runs = new ArrayList<>();
    Run first = submit("a", 0, "auto");
    runs.add(first);
    runs.addAll(sweep("net", 30, first.id()));
    for (int i = 0; i < 14; i++) {
      Long[] after =
          i % 3 == 0 ? new Long[] {} : new Long[] {runs.get(random.nextInt(runs.size())).id()};
      runs.add(
          submit(
              List.of("a", "b", "c", "d").get(i % 4),
              random.nextInt(3),
              i % 5 == 0 ? "gpu1" : "auto",
              after));
    }
    lab.serve();
    for (int order = 1; order <= 400; order++) {
      order(random, runs);
      bench.free.release(random.nextInt(3));
      if (order % 100 == 0 && order < 400) {
        restart(devices);
      }
    }
    bench.held = false;
    bench.free.release(100_000);
    settle(runs);

    long steps = 0;
    for (Run run : runs) {
      Run end = lab.run(run.id());
      List<String> log = log(end);
      for (int i = 0; i < log.size(); i++) {
        assertTrue(end + " " + log, log.get(i).startsWith("{\"step\":" + (i + 1) + ","));
      }
      assertEquals(end.toString(), State.DONE, end.state());
      assertEquals(STEPS, log.size());
      assertEquals(end.toString(), STEPS, end.progress().done());
      assertEquals(end.toString(), 1.0 / STEPS, end.metrics().get("loss"), 0);
      assertEquals(STEPS, lab.curve(end.id(), "loss", 100).total());
      steps += log.size();
    }
    assertEquals("each step once", steps, bench.steps.get());
    assertEquals(runs.size(), runs.stream().map(r -> lab.run(r.id()).folder()).distinct().count());
    obeys(events(), Set.of(devices));
  }

  /** Something that a person may ask; what does not fit the run's state is refused. */
  private void order(Random random, List<Run> runs) {
    long id = runs.get(random.nextInt(runs.size())).id();
    long other = runs.get(random.nextInt(runs.size())).id();
    try {
      switch (random.nextInt(8)) {
        case 0 -> lab.pause(id);
        case 1, 2 -> lab.resume(id);
        case 3 -> lab.cancel(id);
        case 4, 5 -> lab.retry(id);
        case 6 -> lab.prioritise(id, random.nextInt(5) - 2);
        default -> {
          if (id != other) {
            lab.reorder(id, other);
          }
        }
      }
    } catch (RigException e) {
      assertTrue(e.getMessage(), e.getMessage().matches("run \\d+ is .*; only a .*"));
    }
  }

  private void restart(String... devices) throws InterruptedException {
    Thread stop = new Thread(lab::close);
    stop.start();
    while (stop.isAlive()) {
      bench.free.release(1);
      stop.join(1);
    }
    lab = lab(devices);
    lab.serve();
  }

  /** Goes on with all that somebody stopped, until everything is done. */
  private void settle(List<Run> runs) throws InterruptedException {
    until(
        () -> {
          boolean done = true;
          for (Run run : runs) {
            State state = state(run);
            if (state == State.PAUSED) {
              lab.resume(run.id());
            } else if (state == State.FAILED || state == State.CANCELLED) {
              lab.retry(run.id());
            }
            done &= state == State.DONE;
          }
          return done;
        });
  }

  private List<String> log(Run run) throws IOException {
    Path log = bench.home.resolve(run.folder()).resolve("steps.jsonl");
    return Files.readAllLines(log);
  }

  private List<Event> events() {
    return lab.events(0, 100_000);
  }

  /** A run as its events tell it. */
  private static final class Told {
    private final Run run;
    private State state = State.QUEUED;
    private String device;
    private int priority;
    private long position;
    private boolean ahead;

    Told(Run run, String device, int priority, long position) {
      this.run = run;
      this.device = device;
      this.priority = priority;
      this.position = position;
    }

    boolean before(Told other) {
      if (ahead != other.ahead) {
        return ahead;
      } else if (priority != other.priority) {
        return priority > other.priority;
      }
      return position != other.position ? position < other.position : run.id() < other.run.id();
    }
  }

  /**
   * Goes through what happened as docs/reference/lab.md has it: whenever a device took a run, that
   * was the first in the queue that it might take; it was done after all it waits for, and no
   * network or device had two at once.
   */
  private void obeys(List<Event> events, Set<String> devices) {
    Map<Long, Told> told = new LinkedHashMap<>();
    for (Event event : events) {
      if (event.run() == 0) {
        continue;
      }
      if (event.type() == Event.Type.SUBMITTED) {
        Run run = lab.run(event.run());
        told.put(
            run.id(),
            new Told(
                run,
                this.devices.getOrDefault(run.id(), "auto"),
                priorities.getOrDefault(run.id(), 0),
                told.values().stream().mapToLong(t -> t.position).max().orElse(0) + 1));
        continue;
      }
      Told run = told.get(event.run());
      String text = event.text();
      if (event.type() == Event.Type.STATE) {
        if (text.startsWith("running on ")) {
          String device = text.substring("running on ".length());
          assertTrue(device, devices.contains(device));
          assertEquals(device + " takes the first one", best(told, device).run, run.run);
          assertTrue(
              "one at a time on " + device,
              told.values().stream()
                  .noneMatch(t -> t.state == State.RUNNING && t.device.equals(device)));
          run.device = device;
          run.ahead = false;
        } else if (text.equals("queued")) {
          run.ahead = true;
        }
        run.state = State.valueOf(text.split("[ :]")[0].toUpperCase(Locale.ROOT));
      } else if (text.startsWith("priority ")) {
        run.priority = Integer.parseInt(text.substring("priority ".length()));
      } else if (text.startsWith("moved ")) {
        move(told, run, text);
      } else if (text.startsWith("shall be ") && run.state != State.RUNNING) {
        run.state = text.endsWith("paused") ? State.PAUSED : State.CANCELLED;
      }
    }
  }

  /** The first that a device may take. */
  private static Told best(Map<Long, Told> told, String device) {
    Set<String> taken = new HashSet<>();
    told.values().stream()
        .filter(t -> t.state == State.RUNNING)
        .forEach(t -> taken.add(t.run.network()));
    Optional<Told> best = Optional.empty();
    for (Told t : told.values()) {
      if (t.state == State.QUEUED
          && Set.of(device, "auto").contains(t.device)
          && t.run.after().stream().allMatch(id -> told.get(id).state == State.DONE)
          && !taken.contains(t.run.network())
          && (best.isEmpty() || t.before(best.get()))) {
        best = Optional.of(t);
      }
    }
    return best.orElseThrow();
  }

  private static void move(Map<Long, Told> told, Told run, String text) {
    List<Told> queue = new ArrayList<>();
    told.values().stream().filter(t -> t.state == State.QUEUED).forEach(queue::add);
    queue.sort((x, y) -> x == y ? 0 : x.before(y) ? -1 : 1);
    queue.remove(run);
    Told next = told.get(Long.parseLong(text.substring("moved before ".length())));
    queue.add(queue.indexOf(next), run);
    run.priority = next.priority;
    run.ahead = next.ahead;
    for (int i = 0; i < queue.size(); i++) {
      queue.get(i).position = i + 1;
    }
  }
}
