package org.riglab.runs.internal;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

/**
 * A simulation of discrete events: the queue and the claims of the product, on a store, with
 * workers that only take time. The clock is that of the simulation.
 *
 * <p>{@link #benchmark} prints order, fairness and the time per decision with a transaction for
 * each, as a server has them: {@code mvn test -pl bundles/org.riglab.runs
 * -Dtest=QueueSimulationTest -Driglab.queue.runs=10000}.
 */
final class QueueSimulation {
  /** A run as the simulation knows it, to tell independently which one is the next. */
  static final class Job {
    final Draft draft;
    final double minutes;
    final double submitted;
    final boolean fails;
    boolean crashes;
    long id;
    boolean ahead;
    State state;
    double started = -1;
    String on = "";

    Job(Draft draft, double submitted, double minutes, boolean fails, boolean crashes) {
      this.draft = draft;
      this.submitted = submitted;
      this.minutes = minutes;
      this.fails = fails;
      this.crashes = crashes;
    }

    /** Whether nothing but its place decides when it starts. */
    boolean plain() {
      return draft.after().isEmpty() && draft.device().equals("auto") && !crashes && !ahead;
    }
  }

  private record Finish(double at, Job job) {}

  private final Store store;
  private final List<String> devices = new ArrayList<>();
  private final List<Job> arriving = new ArrayList<>();
  private final Map<Long, Job> jobs = new TreeMap<>();
  private final PriorityQueue<Finish> running =
      new PriorityQueue<>(Comparator.comparingDouble(Finish::at));
  private final Map<String, Double> busy = new LinkedHashMap<>();
  private final Set<String> occupied = new HashSet<>();
  private final Set<Job> queued = new LinkedHashSet<>();
  private final List<Long> nanos = new ArrayList<>();
  private final boolean checked;
  private double now;

  /** Decisions that differ from what the rules say. */
  final List<String> wrong = new ArrayList<>();

  /** In the order of their starts. */
  final List<Job> starts = new ArrayList<>();

  /** When the queue first was too short for all devices. */
  double drained = -1;

  /**
   * @param checked whether each decision is compared with the rules
   */
  QueueSimulation(Store store, int devices, boolean checked) {
    this.store = store;
    this.checked = checked;
    for (int i = 0; i < devices; i++) {
      this.devices.add("gpu" + i);
      busy.put("gpu" + i, 0.0);
    }
  }

  Collection<Job> jobs() {
    return jobs.values();
  }

  Map<String, Double> busy() {
    return busy;
  }

  double makespan() {
    return now;
  }

  /**
   * Most runs are there at the beginning, the others come one after the other. Some have a
   * priority, a device, a network that others train as well, or wait for another run; some fail,
   * and the process of some dies once.
   */
  void load(int runs, long seed) {
    Random random = new Random(seed);
    double time = 0;
    for (int i = 0; i < runs; i++) {
      if (i > runs * 6 / 10) {
        time += random.nextDouble() * 2;
      }
      boolean shared = random.nextInt(50) == 0;
      Draft draft =
          new Draft(
              "run " + i,
              Run.Kind.TRAIN,
              shared ? "shared-" + random.nextInt(40) : "own-" + i,
              false,
              "",
              Map.of(),
              Map.of("steps", 100),
              i,
              random.nextInt(10) == 0 ? 1 + random.nextInt(3) : 0,
              i > 10 && random.nextInt(20) == 0
                  ? List.of((long) (1 + random.nextInt(i)))
                  : List.of(),
              random.nextInt(40) == 0 ? devices.get(random.nextInt(devices.size())) : "auto",
              0);
      double minutes = Math.exp(random.nextDouble() * Math.log(100)); // 1 to 100, log-uniform
      arriving.add(
          new Job(draft, time, minutes, random.nextInt(100) == 0, random.nextInt(100) == 0));
    }
  }

  /** Runs everything to its end. */
  void run() {
    int next = 0;
    while (next < arriving.size() || !running.isEmpty()) {
      double arrival = next < arriving.size() ? arriving.get(next).submitted : Double.MAX_VALUE;
      if (running.isEmpty() || arrival <= running.peek().at()) {
        now = arrival;
        List<Job> together = new ArrayList<>();
        while (next < arriving.size() && arriving.get(next).submitted == now) {
          together.add(arriving.get(next++));
        }
        submit(together);
      } else {
        Finish finish = running.poll();
        now = finish.at();
        finish(finish.job());
      }
      decide();
    }
  }

  private void submit(List<Job> together) {
    for (Job job : together) {
      job.id = store.queue().add(List.of(job.draft)).get(0);
      job.state = State.QUEUED;
      jobs.put(job.id, job);
      queued.add(job);
    }
  }

  private void finish(Job job) {
    occupied.remove(job.on);
    if (job.crashes) {
      job.crashes = false;
      job.ahead = true;
      job.state = State.QUEUED;
      queued.add(job);
      store.claims().putBack(job.id, "its worker died");
    } else {
      job.state = job.fails ? State.FAILED : State.DONE;
      store.claims().end(job.id, job.state, job.fails ? "no luck" : "");
    }
  }

  /** As the supervisor looks at its workers. */
  private void decide() {
    for (String device : devices) {
      if (!occupied.contains(device)) {
        long before = System.nanoTime();
        boolean orphans = store.claims().failOrphans();
        Optional<Long> taken =
            store
                .claims()
                .claim(device, true, Set.of(), Set.of())
                .map(claimed -> claimed.run().id());
        nanos.add(System.nanoTime() - before);
        if (orphans) {
          failOrphans();
        }
        if (checked) {
          Optional<Long> right = right(device);
          if (!right.equals(taken)) {
            wrong.add("%s at %.1f: %s instead of %s".formatted(device, now, taken, right));
          }
        }
        if (taken.isPresent()) {
          start(jobs.get(taken.get()), device);
        } else if (drained < 0) {
          drained = now;
        }
      }
    }
  }

  private void start(Job job, String device) {
    job.state = State.RUNNING;
    queued.remove(job);
    job.ahead = false;
    job.on = device;
    if (job.started < 0) {
      job.started = now;
      starts.add(job);
    }
    occupied.add(device);
    busy.merge(device, job.minutes, Double::sum);
    running.add(new Finish(now + job.minutes, job));
  }

  private void failOrphans() {
    for (Job job : List.copyOf(queued)) {
      if (job.draft.after().stream().anyMatch(id -> jobs.get(id).state == State.FAILED)) {
        job.state = State.FAILED;
        queued.remove(job);
      }
    }
  }

  /** The next run of a device, by the rules and not by SQL. */
  private Optional<Long> right(String device) {
    Set<String> networks = new HashSet<>();
    running.forEach(finish -> networks.add(finish.job().draft.network()));
    return queued.stream()
        .filter(job -> boundTo(job).equals("auto") || boundTo(job).equals(device))
        .filter(job -> !networks.contains(job.draft.network()))
        .filter(job -> job.draft.after().stream().allMatch(id -> jobs.get(id).state == State.DONE))
        .min(
            Comparator.comparing((Job job) -> !job.ahead)
                .thenComparing(job -> -job.draft.priority())
                .thenComparing(job -> job.id))
        .map(job -> job.id);
  }

  /** A run stays on the device on which it has begun. */
  private static String boundTo(Job job) {
    return job.on.isEmpty() ? job.draft.device() : job.on;
  }

  private String report() {
    long[] sorted = nanos.stream().mapToLong(n -> n).sorted().toArray();
    double all = Arrays.stream(sorted).sum() / 1e6;
    return String.format(
        Locale.ROOT,
        "%d runs, %d devices: %d decisions, mean %.2f ms, median %.2f, 99%% %.2f, worst %.2f; the"
            + " devices are busy for %.1f %% of the time, and always until the queue is short after"
            + " %.0f of %.0f min",
        jobs.size(),
        devices.size(),
        sorted.length,
        all / sorted.length,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        sorted[sorted.length - 1] / 1e6,
        100 * busy.values().stream().mapToDouble(b -> b).sum() / devices.size() / makespan(),
        drained,
        makespan());
  }

  /**
   * Measures a queue.
   *
   * @param home of its store
   * @return lines for people
   */
  static String benchmark(Path home, int runs, int devices) {
    try (Store store = new Store(new Database(home.resolve("lab.db"), home), Clock.systemUTC())) {
      QueueSimulation simulation = new QueueSimulation(store, devices, false);
      simulation.load(runs, 1);
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      long cpu = threads.getCurrentThreadCpuTime();
      long start = System.nanoTime();
      simulation.run();
      return String.format(
          Locale.ROOT,
          "%s%n%s%n%.1f s in all, %.1f s of processor time",
          simulation.report(),
          simulation.fairness(),
          (System.nanoTime() - start) / 1e9,
          (threads.getCurrentThreadCpuTime() - cpu) / 1e9);
    }
  }

  /** How many runs with the same rights were overtaken, how long runs waited, and who worked. */
  private String fairness() {
    long overtaken = 0;
    for (List<Long> ids : plainStarts().values()) {
      long latest = 0;
      for (long id : ids) {
        overtaken += id < latest ? 1 : 0;
        latest = Math.max(latest, id);
      }
    }
    Map<Integer, List<Double>> waits = new TreeMap<>();
    starts.stream()
        .filter(Job::plain)
        .forEach(
            job ->
                waits
                    .computeIfAbsent(job.draft.priority(), p -> new ArrayList<>())
                    .add(job.started - job.submitted));
    StringBuilder text = new StringBuilder();
    text.append("overtaken by a later run of the same priority: ").append(overtaken);
    waits.forEach(
        (priority, all) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "; priority %d waits %.0f min on average",
                    priority,
                    all.stream().mapToDouble(w -> w).average().orElse(0))));
    return text.append(
            String.format(
                Locale.ROOT,
                "; busy minutes of a device: %.0f to %.0f",
                busy.values().stream().mapToDouble(b -> b).min().orElse(0),
                busy.values().stream().mapToDouble(b -> b).max().orElse(0)))
        .toString();
  }

  /** Starts of plain runs of one priority, in order. */
  Map<Integer, List<Long>> plainStarts() {
    Map<Integer, List<Long>> starts = new HashMap<>();
    for (Job job : this.starts) {
      if (job.plain() && job.draft.network().startsWith("own")) {
        starts.computeIfAbsent(job.draft.priority(), p -> new ArrayList<>()).add(job.id);
      }
    }
    return starts;
  }
}
