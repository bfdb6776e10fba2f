package org.riglab.shell.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

/** A lab with two runs that notes what it is asked. */
final class FakeLab implements Lab {
  final List<Health.Check> checks =
      new ArrayList<>(List.of(new Health.Check("disk", Health.Status.WARN, "3 MiB free")));
  String trouble = "";

  /** Runs that are newer than the two. */
  final List<Run> further = new ArrayList<>();

  final List<String> calls = new ArrayList<>();
  final List<Request> requests = new ArrayList<>();
  Run.State end = Run.State.DONE;

  static Run run(long id, Run.State state) {
    return new Run(
        id,
        "run of rig",
        Run.Kind.TRAIN,
        state,
        "rig",
        Map.of(),
        Map.of("lr", 0.5),
        7,
        0,
        id == 2 ? List.of(1L) : List.of(),
        "cpu",
        0,
        0,
        Map.of("train", "abc"),
        Map.of("gate mul", "gates 0.1.0 ff"),
        new Run.Progress(10, 40, 5.5, 65),
        Map.of("loss", 0.125, "mIoU.t1", 0.25, "mIoU.t2", 0.5),
        state == Run.State.FAILED ? "out of luck" : "",
        state == Run.State.RUNNING ? List.of("no step for 12 minutes") : List.of(),
        new Run.Times(Instant.EPOCH, Optional.empty(), Optional.empty(), 75),
        "runs/rig-" + id,
        List.of(),
        "",
        new Run.Storage(Run.Files.PRESENT, 0),
        state == Run.State.FAILED
            ? Optional.of(RigException.Kind.OUT_OF_MEMORY)
            : Optional.empty());
  }

  @Override
  public List<Run> submit(Request request) {
    requests.add(request);
    return List.of(run(1, Run.State.QUEUED));
  }

  @Override
  public Page list(Query query) {
    calls.add("list " + query);
    List<Run> runs = new ArrayList<>(further);
    runs.addAll(List.of(run(2, Run.State.QUEUED), run(1, Run.State.RUNNING)));
    List<Run> found =
        runs.stream()
            .filter(r -> query.states().isEmpty() || query.states().contains(r.state()))
            .toList();
    return new Page(found.stream().skip(query.offset()).toList(), found.size() + 1);
  }

  @Override
  public Run run(long id) {
    if (id > 2) {
      throw new RigException("there is no run " + id);
    }
    return run(id, Run.State.RUNNING);
  }

  @Override
  public List<String> metrics(long id) {
    return List.of("IoU.sky", "loss");
  }

  @Override
  public Curve curve(long id, String metric, int maxPoints) {
    return new Curve(
        id,
        metric,
        100,
        List.of(new Curve.Bucket(50, 1, 0.5, 2), new Curve.Bucket(100, 0.00001, 0, 0.5)));
  }

  @Override
  public List<Event> events(long after, int limit) {
    return eventsOf(1, limit);
  }

  @Override
  public List<Event> eventsOf(long id, int limit) {
    return List.of(new Event(3, Instant.EPOCH, id, Event.Type.STATE, "running on cpu"));
  }

  @Override
  public Registration listen(LabListener listener) {
    throw new UnsupportedOperationException();
  }

  private Run call(String what, long id) {
    calls.add(what + " " + id);
    return run(id, Run.State.QUEUED);
  }

  @Override
  public Run pause(long id) {
    return call("pause", id);
  }

  @Override
  public Run resume(long id) {
    return call("resume", id);
  }

  @Override
  public Run cancel(long id) {
    return call("cancel", id);
  }

  @Override
  public Run retry(long id) {
    return call("retry", id);
  }

  @Override
  public Run prioritise(long id, int priority) {
    return call("priority " + priority, id);
  }

  @Override
  public List<Run> reorder(long id, long before) {
    return List.of(call("before " + before, id));
  }

  @Override
  public Run replay(long id) {
    return call("replay", id);
  }

  @Override
  public Comparison compare(long first, long second) {
    calls.add("compare " + first + " " + second);
    return new Comparison(
        run(first, Run.State.DONE),
        run(second, Run.State.DONE),
        List.of(
            new Comparison.Metric("loss", 40, 0, 0, 0.125, 0.125),
            new Comparison.Metric("lr", 40, 2, 0.0005, 0.1, 0.2)),
        Map.of("lr", new Comparison.Pair("0.1", "0.2")),
        Map.of(),
        false);
  }

  @Override
  public List<RunFile> files(long id) {
    throw new UnsupportedOperationException();
  }

  /** What an evaluation writes: two images, one seed per network. */
  @Override
  public Path file(long id, String name) {
    try {
      Path file = Files.createTempFile("fake-lab", ".json");
      file.toFile().deleteOnExit();
      Files.writeString(
          file,
          """
          {"iterations": [{"values": {"mIoU": 0.625, "pAcc": 0.75, "mAcc": null},
                           "per_class": {"IoU": [0.625, 0.5]},
                           "confusion": [[3, 1], [0, 4]]}],
           "perImage": [
             {"id": "a", "correct": [1, 2], "predicted": [2, 2], "labelled": [1, 3]},
             {"id": "b", "correct": [2, 2], "predicted": [2, 2], "labelled": [2, 2]}]}
          """);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Set<String> digests() {
    return Set.of("ff");
  }

  @Override
  public List<Run> index(Path folder) {
    calls.add("index " + folder);
    if (!trouble.isEmpty()) {
      throw new RigException(trouble);
    }
    return List.of();
  }

  @Override
  public Run await(long id, Consumer<Run> watcher) {
    calls.add("await " + id);
    watcher.accept(run(id, Run.State.RUNNING));
    Run run = run(id, end);
    watcher.accept(run);
    return run;
  }

  @Override
  public List<String> fields() {
    return List.of("id", "mIoU", "spec.lr");
  }

  @Override
  public Run tag(long id, Set<String> add, Set<String> remove) {
    calls.add("tag " + id + " " + new TreeSet<>(add) + " " + new TreeSet<>(remove));
    return run(id);
  }

  @Override
  public Run note(long id, String text) {
    calls.add("note " + id + " " + text);
    return run(id);
  }

  @Override
  public Removal delete(List<Long> ids) {
    calls.add("delete " + ids);
    return new Removal(ids.stream().map(this::run).toList(), 3 << 20);
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
  public Health health() {
    return new Health(
        false,
        Optional.empty(),
        checks,
        Map.of(Run.State.DONE, 3L),
        List.of(new Health.Worker("gpu0", 5)),
        3 << 20,
        0);
  }
}
