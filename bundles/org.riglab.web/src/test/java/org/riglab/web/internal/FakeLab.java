package org.riglab.web.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;

/** A lab in memory, whose runs do what a test says. */
final class FakeLab implements Lab {
  static final Instant BEGAN = Instant.parse("2026-11-22T08:00:00Z");

  final List<LabListener> listeners = new CopyOnWriteArrayList<>();
  final List<Request> requests = new ArrayList<>();
  final List<String> calls = new ArrayList<>();
  final List<Health.Check> checks = new ArrayList<>();

  /** What happens after runs have been read and before the answer is sent. */
  Consumer<Query> afterList = query -> {};

  private final Path home;
  private final Map<Long, Run> runs = new TreeMap<>();
  private final Map<Long, Map<String, List<double[]>>> points = new TreeMap<>();
  private final List<Long> queue = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();

  FakeLab(Path home) {
    this.home = home;
  }

  /** Adds a run. */
  synchronized Run add(String name, Run.State state, Map<String, Object> spec) {
    long id = runs.keySet().stream().max(Long::compare).orElse(0L) + 1;
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("network", name);
    whole.put("dataset", Map.of("name", "shapes", "size", 96));
    whole.put("data", "");
    whole.put("val_split", "");
    whole.put("lr", 0.01);
    whole.put("batch", 8);
    whole.put("steps", 400);
    whole.putAll(spec);
    Map<String, Object> network = new LinkedHashMap<>();
    network.put("backbone", Map.of("name", "resnet", "layers", "1,1,1,1"));
    network.put("gate", Map.of("name", "mul-sigmoid"));
    network.put("unroll", Map.of("name", "parallel"));
    network.put("feedback", List.of(4, 5, 6));
    network.put("iterations", 2);
    Run run =
        new Run(
            id,
            name,
            Run.Kind.TRAIN,
            state,
            name,
            network,
            whole,
            id % 3,
            0,
            List.of(),
            "cpu",
            0,
            0,
            Map.of("train", "5f2c"),
            Map.of("gate mul-sigmoid", "org.riglab.gates 0.1.0 ab12"),
            new Run.Progress(state == Run.State.DONE ? 400 : 0, 400, 0, 0),
            Map.of(),
            state == Run.State.FAILED ? "the loss is not finite after step 12" : "",
            List.of(),
            new Run.Times(BEGAN.plusSeconds(60 * id), Optional.empty(), Optional.empty(), 61.5),
            "runs/" + name + "-" + id);
    runs.put(id, run);
    points.put(id, new TreeMap<>());
    if (state == Run.State.QUEUED) {
      queue.add(id);
    }
    return run;
  }

  /** Notes a value of a metric. */
  synchronized void point(long run, String metric, long step, double value) {
    points.get(run).computeIfAbsent(metric, m -> new ArrayList<>()).add(new double[] {step, value});
    Run r = runs.get(run);
    Map<String, Double> metrics = new LinkedHashMap<>(r.metrics());
    metrics.put(metric, value);
    runs.put(run, with(r, r.state(), r.priority(), r.progress(), metrics));
  }

  /** Tells listeners of a step, as the lab does. */
  void step(long run, Run.Progress progress, List<LabListener.Point> brought) {
    synchronized (this) {
      brought.forEach(p -> point(run, p.metric(), p.step(), p.value()));
      Run r = runs.get(run);
      runs.put(run, with(r, r.state(), r.priority(), progress, r.metrics()));
    }
    listeners.forEach(listener -> listener.points(run, progress, brought));
  }

  private static Run labelled(Run r, List<String> tags) {
    return labelled(r, tags, r.note());
  }

  private static Run labelled(Run r, List<String> tags, String note) {
    return new Run(
        r.id(),
        r.name(),
        r.kind(),
        r.state(),
        r.network(),
        r.networkSpec(),
        r.spec(),
        r.seed(),
        r.priority(),
        r.after(),
        r.device(),
        r.sweep(),
        r.replayOf(),
        r.data(),
        r.parts(),
        r.progress(),
        r.metrics(),
        r.error(),
        r.warnings(),
        r.times(),
        r.folder(),
        tags,
        note,
        r.storage(),
        r.failure());
  }

  /** A run as another kind. */
  Run as(Run r, Run.Kind kind, List<Long> after) {
    return new Run(
        r.id(),
        r.name(),
        kind,
        r.state(),
        r.network(),
        r.networkSpec(),
        r.spec(),
        r.seed(),
        r.priority(),
        after,
        r.device(),
        r.sweep(),
        r.replayOf(),
        r.data(),
        r.parts(),
        r.progress(),
        r.metrics(),
        r.error(),
        r.warnings(),
        r.times(),
        r.folder(),
        r.tags(),
        r.note(),
        r.storage(),
        r.failure());
  }

  /** Puts a run in the place of another one. */
  synchronized void replace(Run run) {
    runs.put(run.id(), run);
    points.putIfAbsent(run.id(), new TreeMap<>());
  }

  private static Run with(
      Run r, Run.State state, int priority, Run.Progress progress, Map<String, Double> metrics) {
    return new Run(
        r.id(),
        r.name(),
        r.kind(),
        state,
        r.network(),
        r.networkSpec(),
        r.spec(),
        r.seed(),
        priority,
        r.after(),
        r.device(),
        r.sweep(),
        r.replayOf(),
        r.data(),
        r.parts(),
        progress,
        metrics,
        r.error(),
        r.warnings(),
        r.times(),
        r.folder(),
        r.tags(),
        r.note(),
        r.storage(),
        r.failure());
  }

  /** Changes a run's state and tells listeners. */
  Run state(long id, Run.State state) {
    Run changed;
    Event event;
    synchronized (this) {
      Run r = run(id);
      changed = with(r, state, r.priority(), r.progress(), r.metrics());
      runs.put(id, changed);
      queue.remove(id);
      if (state == Run.State.QUEUED) {
        queue.add(id);
      }
      event = event(id, Event.Type.STATE, Names.writtenChoice(state));
    }
    listeners.forEach(listener -> listener.event(event));
    return changed;
  }

  /** What submitting fails with; null if it does not. */
  RigException failure;

  private Event event(long run, Event.Type type, String text) {
    Event event = new Event(events.size() + 1, BEGAN.plusSeconds(events.size()), run, type, text);
    events.add(event);
    return event;
  }

  @Override
  public synchronized List<Run> submit(Request request) {
    requests.add(request);
    if (failure != null) {
      throw failure;
    }
    if (request.network().isEmpty()) {
      throw new RigException("a training needs a network");
    }
    Run run = add(request.network(), Run.State.QUEUED, request.options());
    event(run.id(), Event.Type.SUBMITTED, request.network());
    return List.of(run);
  }

  @Override
  public synchronized Page list(Query query) {
    List<Run> all =
        runs.values().stream()
            .filter(r -> query.states().isEmpty() || query.states().contains(r.state()))
            .filter(r -> query.kinds().isEmpty() || query.kinds().contains(r.kind()))
            .filter(
                r ->
                    (r.id() + r.name() + r.spec() + r.error())
                        .toLowerCase(Locale.ROOT)
                        .contains(query.text().toLowerCase(Locale.ROOT)))
            .filter(r -> query.sweep() == 0 || query.sweep() == r.sweep())
            .filter(r -> fulfils(r, query.where()))
            .sorted(
                query.states().equals(java.util.Set.of(Run.State.QUEUED))
                    ? Comparator.comparing(r -> queue.indexOf(r.id()))
                    : Comparator.comparing(r -> -r.id()))
            .sorted(order(query.sort()))
            .toList();
    Page page =
        new Page(all.stream().skip(query.offset()).limit(query.limit()).toList(), all.size());
    afterList.accept(query);
    return page;
  }

  /** Knows mIoU>N and tag:NAME; the store knows much more. */
  private static boolean fulfils(Run run, String where) {
    for (String condition : where.isBlank() ? new String[0] : where.strip().split("\\s+")) {
      if (condition.matches("mIoU>[0-9.]+")) {
        double miou = run.metrics().getOrDefault("mIoU.t2", 0.0);
        if (miou * 100 <= Double.parseDouble(condition.substring(5))) {
          return false;
        }
      } else if (condition.startsWith("tag:")) {
        if (!run.tags().contains(condition.substring(4))) {
          return false;
        }
      } else {
        throw new RigException("no run has a field '" + condition + "'");
      }
    }
    return true;
  }

  /** Knows mIoU and name. */
  private static Comparator<Run> order(List<String> sort) {
    Comparator<Run> order = (a, b) -> 0;
    for (String key : sort) {
      Comparator<Run> by =
          key.endsWith("mIoU")
              ? Comparator.comparing(r -> r.metrics().getOrDefault("mIoU.t2", -1.0))
              : key.endsWith("name")
                  ? Comparator.comparing(Run::name)
                  : key.endsWith("id") ? Comparator.comparing(Run::id) : (a, b) -> 0;
      order = order.thenComparing(key.startsWith("-") ? by.reversed() : by);
    }
    return order;
  }

  @Override
  public synchronized Run run(long id) {
    if (!runs.containsKey(id)) {
      throw new RigException(RigException.Kind.NOT_FOUND, "there is no run " + id);
    }
    return runs.get(id);
  }

  @Override
  public synchronized List<String> metrics(long id) {
    return List.copyOf(points.get(id).keySet());
  }

  @Override
  public synchronized Curve curve(long id, String metric, int maxPoints) {
    List<double[]> all = points.get(id).getOrDefault(metric, List.of());
    int size = (all.size() + maxPoints - 1) / maxPoints;
    List<Curve.Bucket> buckets = new ArrayList<>();
    for (int from = 0; from < all.size(); from += size) {
      List<double[]> some = all.subList(from, Math.min(all.size(), from + size));
      buckets.add(
          new Curve.Bucket(
              (long) some.get(some.size() - 1)[0],
              some.stream().mapToDouble(p -> p[1]).average().orElseThrow(),
              some.stream().mapToDouble(p -> p[1]).min().orElseThrow(),
              some.stream().mapToDouble(p -> p[1]).max().orElseThrow()));
    }
    return new Curve(id, metric, all.size(), buckets);
  }

  @Override
  public synchronized List<Event> events(long after, int limit) {
    return events.stream().filter(e -> e.sequence() > after).limit(limit).toList();
  }

  @Override
  public synchronized List<Event> eventsOf(long id, int limit) {
    return events.stream().filter(e -> e.run() == id).limit(limit).toList();
  }

  @Override
  public Registration listen(LabListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public Run pause(long id) {
    if (run(id).state().ended()) {
      throw new RigException(RigException.Kind.CONFLICT, "run " + id + " has ended");
    }
    return state(id, Run.State.PAUSED);
  }

  @Override
  public Run resume(long id) {
    return state(id, Run.State.QUEUED);
  }

  @Override
  public Run cancel(long id) {
    return state(id, Run.State.CANCELLED);
  }

  @Override
  public Run retry(long id) {
    return state(id, Run.State.QUEUED);
  }

  @Override
  public synchronized Run prioritise(long id, int priority) {
    Run r = run(id);
    runs.put(id, with(r, r.state(), priority, r.progress(), r.metrics()));
    return runs.get(id);
  }

  @Override
  public synchronized List<Run> reorder(long id, long before) {
    if (run(id).state() != Run.State.QUEUED) {
      throw new RigException(
          RigException.Kind.CONFLICT, "run " + id + " does not wait in the queue");
    }
    if (before != 0 && run(before).state() != Run.State.QUEUED) {
      throw new RigException(
          RigException.Kind.CONFLICT, "run " + before + " does not wait in the queue");
    }
    if (before == id) {
      return queue.stream().map(this::run).toList();
    }
    queue.remove(id);
    queue.add(before == 0 ? queue.size() : queue.indexOf(before), id);
    return queue.stream().map(this::run).toList();
  }

  synchronized List<Long> queue() {
    return List.copyOf(queue);
  }

  @Override
  public Run replay(long id) {
    return add(run(id).name() + "-replay-" + id, Run.State.QUEUED, Map.of());
  }

  @Override
  public Comparison compare(long first, long second) {
    throw new AssertionError("the page compares any number of runs");
  }

  @Override
  public List<RunFile> files(long id) {
    Path folder = home.resolve(run(id).folder());
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      List<RunFile> files = new ArrayList<>();
      for (Path file : all.filter(f -> !Files.isDirectory(f)).sorted().toList()) {
        files.add(new RunFile(folder.relativize(file).toString(), 1));
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Path file(long id, String name) {
    return home.resolve(run(id).folder()).resolve(name);
  }

  @Override
  public Set<String> digests() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Run> index(Path folder) {
    throw new AssertionError("not over HTTP");
  }

  @Override
  public Run await(long id, Consumer<Run> watcher) {
    throw new AssertionError("not over HTTP");
  }

  @Override
  public List<String> fields() {
    return List.of("id", "mIoU", "spec.lr");
  }

  @Override
  public Run tag(long id, Set<String> add, Set<String> remove) {
    calls.add("tag " + id + " " + new TreeSet<>(add) + " " + new TreeSet<>(remove));
    synchronized (this) {
      TreeSet<String> tags = new TreeSet<>(run(id).tags());
      tags.addAll(add);
      tags.removeAll(remove);
      runs.put(id, labelled(run(id), List.copyOf(tags)));
      return run(id);
    }
  }

  @Override
  public Run note(long id, String text) {
    calls.add("note " + id + " " + text);
    synchronized (this) {
      Run r = labelled(run(id), run(id).tags(), text);
      runs.put(id, r);
      return r;
    }
  }

  @Override
  public Removal delete(List<Long> ids) {
    calls.add("delete " + ids);
    synchronized (this) {
      List<Run> deleted = ids.stream().map(this::run).toList();
      ids.forEach(runs::remove);
      return new Removal(deleted, 3 << 20);
    }
  }

  @Override
  public List<Run> restore(List<Long> ids) {
    calls.add("restore " + ids);
    return ids.stream().map(this::run).toList();
  }

  @Override
  public Removal archive(List<Long> ids) {
    calls.add("archive " + ids);
    return new Removal(ids.stream().map(this::run).toList(), 3 << 20);
  }

  @Override
  public synchronized Health health() {
    Map<Run.State, Long> states = new EnumMap<>(Run.State.class);
    runs.values().forEach(r -> states.merge(r.state(), 1L, Long::sum));
    return new Health(
        true,
        Optional.of("this process"),
        List.copyOf(checks),
        states,
        List.of(new Health.Worker("cpu", 0)),
        5L << 30,
        400L << 20);
  }
}
