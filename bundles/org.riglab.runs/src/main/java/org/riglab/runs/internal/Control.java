package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Observer;
import org.riglab.api.data.ClassTable;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.base.EvaluationJson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run at work: watches it for the store, and asks it to stop. */
final class Control implements Observer {
  private static final Logger LOG = LoggerFactory.getLogger(Control.class);

  /** The metric that says how long a run had computed when it came to a step; no result of it. */
  static final String CLOCK = "seconds";

  private static final double CLOCK_SECONDS = 1;

  private static final Pattern CLASS_IN_ITERATION = Pattern.compile("-?([^:]+):(.+):([0-9]{1,9})");

  private final Run run;
  private final Store store;
  private final Recorder recorder;
  private final long start = System.nanoTime();
  private final double secondsBefore;
  private volatile long beat = start;
  private volatile Run.State wanted;
  private volatile boolean drain;
  private volatile Run.Progress progress;
  private volatile boolean notFinite;
  private volatile long alive = start;
  private final Thread thread = Thread.currentThread();
  private volatile String why = "";
  private RunFolder folder;
  private boolean described;
  private double clock = Double.NEGATIVE_INFINITY;
  private String lastMessage = "";

  /**
   * @param run as it stood when it was claimed
   * @param store of the last word
   * @param recorder of everything else
   */
  Control(Run run, Store store, Recorder recorder) {
    this.run = run;
    this.store = store;
    this.recorder = recorder;
    this.secondsBefore = run.times().seconds();
    this.progress = run.progress();
  }

  Run run() {
    return run;
  }

  /** Where its files are; before anything else happens. */
  void folder(RunFolder where) {
    folder = where;
  }

  /**
   * Asks it to stop.
   *
   * @param reason why the server asks for it; empty if a user does
   */
  void want(Run.State state, String reason) {
    why = reason;
    wanted = state;
  }

  /** Why the lab itself asked it to stop; empty if a user did. */
  String why() {
    return why;
  }

  Run.State wanted() {
    return wanted;
  }

  /** The thread that does the run: the one that made this. */
  Thread thread() {
    return thread;
  }

  /** The process is about to end. */
  void drain() {
    drain = true;
  }

  /** Whether it was asked to stop, or the process is about to end. */
  boolean asked() {
    return drain || wanted != null;
  }

  String lastMessage() {
    return lastMessage;
  }

  double silentSeconds() {
    return (System.nanoTime() - beat) / 1e9;
  }

  /** Since it last said anything, or asked whether to stop. */
  double deadSeconds() {
    return (System.nanoTime() - Math.max(beat, alive)) / 1e9;
  }

  boolean notFinite() {
    return notFinite;
  }

  Run.Progress progress() {
    return progress;
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - start) / 1e9;
  }

  @Override
  public boolean stop() {
    alive = System.nanoTime();
    return asked();
  }

  @Override
  public void message(String line) {
    beat = System.nanoTime();
    lastMessage = line;
    recorder.message(run.id(), line);
  }

  @Override
  public void step(Step step) {
    beat = System.nanoTime();
    describe();
    progress =
        new Run.Progress(step.step(), step.steps(), step.imagesPerSecond(), step.secondsLeft());
    notFinite |= !Double.isFinite(step.loss());
    List<Point> points = new ArrayList<>();
    points.add(new Point("loss", step.step(), step.loss()));
    points.add(new Point("lr", step.step(), step.learningRate()));
    double seconds = seconds();
    if (seconds - clock >= CLOCK_SECONDS || step.step() == step.steps()) {
      // What an axis of time is drawn from: not for every step of a fast run.
      clock = seconds;
      points.add(new Point(CLOCK, step.step(), seconds));
    }
    recorder.add(run.id(), progress, seconds, points);
  }

  /** The trainer has said everything about the run once it steps. */
  void describe() {
    if (!described && folder.started() && run.kind() == Run.Kind.TRAIN) {
      unlessFull(
          () -> {
            store.describe(run.id(), folder.read().on(run.device()));
            described = true;
          });
    }
  }

  /** As {@link #describe}, for parts that may have changed on the way. */
  void describeAgain() {
    described = false;
    describe();
  }

  @Override
  public void image(int done, int total) {
    beat = System.nanoTime();
    if (run.kind() == Run.Kind.EVAL) {
      double seconds = (beat - start) / 1e9;
      double perSecond = seconds > 0 ? done / seconds : 0;
      progress =
          new Run.Progress(done, total, perSecond, perSecond > 0 ? (total - done) / perSecond : 0);
      recorder.add(run.id(), progress, seconds(), List.of());
      if (stop() && done < total) {
        throw new CancellationException("stopped");
      }
    }
  }

  /** Written at once: the files of a training do not hold all of it. */
  @Override
  public void evaluated(Evaluation evaluation, long step) {
    beat = System.nanoTime();
    List<Point> points = points(evaluation, step);
    monitored(String.valueOf(run.spec().get("monitor")), evaluation, step).ifPresent(points::add);
    notFinite |= evaluation.answer().values().getOrDefault("mIoU", 0.0).isNaN();
    if (run.kind() == Run.Kind.EVAL) {
      // A trainer does it itself, also outside of the queue.
      folder.write(EvaluationJson.FILE, EvaluationJson.of(evaluation, step));
    }
    recorder.add(run.id(), progress, seconds(), points);
    unlessFull(recorder::flush);
    String line =
        "step %d: mIoU %s %%"
            .formatted(
                step,
                evaluation.iterations().stream()
                    .map(s -> s.values().getOrDefault("mIoU", Double.NaN))
                    .map(miou -> String.format(Locale.ROOT, "%.2f", 100 * miou))
                    .collect(Collectors.joining(", ")));
    unlessFull(() -> store.events().add(run.id(), Event.Type.EVALUATED, line));
  }

  /**
   * What the disk has no room for the store for now is in the run's files, or with the recorder: it
   * goes on.
   */
  private static void unlessFull(Runnable change) {
    try {
      change.run();
    } catch (RigException e) {
      if (e.kind() != RigException.Kind.NO_SPACE) {
        throw e;
      }
      LOG.warn("the disk has no room for the store", e);
    }
  }

  private static List<Point> points(Evaluation evaluation, long step) {
    List<Point> points = new ArrayList<>();
    for (int t = 1; t <= evaluation.iterations().size(); t++) {
      String suffix = ".t" + t;
      evaluation
          .iterations()
          .get(t - 1)
          .values()
          .forEach((name, value) -> points.add(new Point(name + suffix, step, value)));
    }
    List<ClassTable.Entry> classes = evaluation.classes().entries();
    evaluation
        .answer()
        .perClass()
        .forEach(
            (name, values) -> {
              for (int c = 0; c < Math.min(values.size(), classes.size()); c++) {
                points.add(new Point(name + "." + classes.get(c).name(), step, values.get(c)));
              }
            });
    return points;
  }

  /** The score of a class in an iteration, which is stored only if it is the monitored one. */
  private static Optional<Point> monitored(String monitor, Evaluation evaluation, long step) {
    Matcher parts = CLASS_IN_ITERATION.matcher(monitor);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String metric = parts.group(1);
    List<String> classes =
        evaluation.classes().entries().stream().map(ClassTable.Entry::name).toList();
    int index = classes.indexOf(parts.group(2));
    int iteration = Integer.parseInt(parts.group(3));
    if (index < 0 || iteration < 1 || iteration > evaluation.iterations().size()) {
      return Optional.empty();
    }
    List<Double> values =
        evaluation.iterations().get(iteration - 1).perClass().getOrDefault(metric, List.of());
    return index < values.size()
        ? Optional.of(
            new Point(
                metric + "." + classes.get(index) + ".t" + iteration, step, values.get(index)))
        : Optional.empty();
  }
}
