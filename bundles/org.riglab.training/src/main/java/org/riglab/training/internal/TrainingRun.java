package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Training;
import org.riglab.networks.Session;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Batch;

/**
 * One run of the training loop, from the last checkpoint to the end, a stop or an error. The
 * network's own weights change only once the same weights lie in a checkpoint.
 */
final class TrainingRun implements AutoCloseable {
  /** Steps after which caches and workers are warm. */
  private static final int WARM_UP = 10;

  /** Steps that the shown speed is the mean of. */
  private static final int WINDOW = 20;

  private final Session session;
  private final RunDirectory directory;
  private final TrainSpec spec;
  private final Length length;
  private final Stepper stepper;
  private final Inputs inputs;
  private final TrainedOn trainedOn;
  private final Observer observer;
  private final Checkpoints checkpoints;

  private final Deque<Double> recent = new ArrayDeque<>();
  private Checkpoints.State state = Checkpoints.State.START;
  private Checkpoints.State saved = Checkpoints.State.START;
  private boolean stopping;
  private long startStep;
  private double evaluationSeconds;
  private Map<String, Double> metrics = Map.of(); // of the last evaluation
  private RunLog log;
  private Inputs.Feed feed;
  private List<Batch> pending = List.of();

  /**
   * How long a run is.
   *
   * @param batches per epoch
   * @param perStep batches per step
   * @param epochs 0 to go by steps
   * @param givenSteps 0 to go by epochs
   */
  record Length(long batches, long perStep, long epochs, long givenSteps) {
    /** Steps of the whole run. */
    long steps() {
      return givenSteps > 0 ? givenSteps : (epochs * batches + perStep - 1) / perStep;
    }

    /** Whether a step completes an epoch. */
    boolean endsEpoch(long step) {
      return step * perStep / batches > (step - 1) * perStep / batches;
    }
  }

  /**
   * @param session the network
   * @param directory of the run
   * @param spec of the training
   * @param length of the run
   * @param stepper does the steps
   * @param inputs batches and validation
   * @param trainedOn what the weights are trained on
   * @param observer watches
   */
  TrainingRun(
      Session session,
      RunDirectory directory,
      TrainSpec spec,
      Length length,
      Stepper stepper,
      Inputs inputs,
      TrainedOn trainedOn,
      Observer observer) {
    this.session = session;
    this.directory = directory;
    this.spec = spec;
    this.length = length;
    this.stepper = stepper;
    this.inputs = inputs;
    this.trainedOn = trainedOn;
    this.observer = observer;
    this.checkpoints = directory.checkpoints(spec.keepEvery());
  }

  /**
   * Trains.
   *
   * @return what came of it
   * @throws RigException if the loss or a gradient is not finite or a part misbehaves; the last
   *     checkpoint stays
   */
  Training run() {
    checkpoints
        .last()
        .ifPresent(
            last -> {
              state = Checkpoints.state(last);
              session.load(Checkpoints.weights(last));
              stepper.optimizer().load(Checkpoints.optimizer(last));
              directory.addParts(state.step(), session.parts());
            });
    startStep = state.step();
    saved = state;
    log = RunLog.open(directory, state);
    feed = inputs.feed(startStep);
    Training.End end = loop();
    return training(directory, spec, end, log.points(), log.evaluations(), state);
  }

  private Training.End loop() {
    long failedStep = 0;
    while (true) {
      boolean pending = state.pending();
      if (!pending && state.step() >= length.steps()) {
        return end(Training.End.FINISHED);
      }
      if (!pending && spec.patience() > 0 && state.withoutBetter() >= spec.patience()) {
        return end(Training.End.EARLY);
      }
      if (stop()) {
        return end(Training.End.STOPPED);
      }
      if ((session.stale() || inputs.stale()) && !renew()) {
        return Training.End.PAUSED;
      }
      try {
        if (!pending) {
          step(state.step() + 1);
        } else if (!cutOff(state.step())) {
          checkpoint();
        }
      } catch (RigException e) {
        // A part that went away in the middle of the step: the step has not happened.
        if (!(session.stale() || inputs.stale()) || failedStep == state.step() + 1) {
          throw e;
        }
        failedStep = state.step() + 1;
      }
    }
  }

  private boolean stop() {
    // Clears the interrupt: what is to be written yet must not be disturbed by it.
    stopping |= observer.stop() | Thread.interrupted();
    return stopping;
  }

  private Training.End end(Training.End end) {
    if (state.step() > 0) {
      checkpoint();
      session.save(trainedOn, metrics);
    }
    if (end != Training.End.STOPPED) {
      directory.finish(end);
    }
    return end;
  }

  /** Moves over to new parts; returns whether there are any. */
  private boolean renew() {
    checkpoint();
    try {
      if (inputs.stale()) {
        dropBatches();
        feed.close();
        inputs.renew();
        feed = inputs.feed(state.step());
      }
      if (session.stale()) {
        session.renew();
        stepper.renewed();
        directory.addParts(state.step(), session.parts());
      }
    } catch (RigException e) {
      observer.message(
          "paused after step %d: %s; resume once it is back"
              .formatted(state.step(), e.getMessage()));
      return false;
    }
    observer.message("moved over to new parts after step %d".formatted(state.step()));
    return true;
  }

  private void dropBatches() {
    pending.forEach(Batch::close);
    pending = List.of();
  }

  private void step(long number) {
    long start = System.nanoTime();
    long waitedBefore = feed.waitedNanos();
    while (pending.size() < spec.accumulation()) {
      List<Batch> more = new ArrayList<>(pending);
      more.add(feed.next());
      pending = more;
    }
    double loss = loss(number);
    dropBatches();
    double seconds = (System.nanoTime() - start) / 1e9;
    boolean warm = number > startStep + WARM_UP;
    state =
        new Checkpoints.State(
            number,
            state.bestMIoU(),
            state.bestStep(),
            state.withoutBetter(),
            evaluationDue(number),
            state.seconds() + seconds,
            state.warmSeconds() + (warm ? seconds : 0),
            state.waitedSeconds() + (warm ? (feed.waitedNanos() - waitedBefore) / 1e9 : 0));
    log.add(new Training.Point(number, loss, stepper.rate(number)));
    tell(loss, seconds);

    if (state.pending() && cutOff(number)) {
      return;
    }
    boolean better = state.bestStep() == number;
    boolean kept = spec.keepEvery() > 0 && number % spec.keepEvery() == 0;
    boolean due =
        spec.checkpointEvery() > 0
            ? number % spec.checkpointEvery() == 0
            : evaluationDue(number) || !inputs.validates() && length.endsEpoch(number);
    if (better || kept || due) {
      checkpoint();
    }
  }

  private double loss(long number) {
    try {
      return stepper.step(number, pending);
    } catch (Stepper.NotFiniteException e) {
      String what =
          e.batch().isPresent()
              ? "the loss of step %d is %s: %s"
                  .formatted(
                      number, e.getMessage(), stepper.blame(pending.get(e.batch().getAsInt())))
              : "a gradient of step %d is not finite, first in %s"
                  .formatted(number, e.getMessage());
      throw new RigException(
          "%s; %s; a smaller lr or clip_norm helps most often"
              .formatted(
                  what,
                  checkpoints
                      .last()
                      .map(last -> "the last checkpoint is " + last)
                      .orElse("there is no checkpoint yet")),
          e);
    }
  }

  private boolean evaluationDue(long step) {
    return inputs.validates()
        && (step == length.steps()
            || (spec.evalEvery() > 0 ? step % spec.evalEvery() == 0 : length.endsEpoch(step)));
  }

  /** Evaluates; a stop meanwhile leaves a checkpoint from which the evaluation comes first. */
  private boolean cutOff(long step) {
    try {
      evaluate(step);
      return false;
    } catch (Stopped e) {
      stop();
      checkpoint();
      return true;
    }
  }

  private void evaluate(long step) {
    long start = System.nanoTime();
    Evaluation evaluation = inputs.validate(session, new Stoppable(observer));
    evaluationSeconds = (System.nanoTime() - start) / 1e9;
    List<Double> mIoU =
        evaluation.iterations().stream().map(scores -> scores.values().get("mIoU")).toList();
    log.add(new Training.Validation(step, mIoU));
    double answer = mIoU.get(mIoU.size() - 1);
    metrics = new LinkedHashMap<>(evaluation.iterations().get(mIoU.size() - 1).values());
    metrics.put("step", (double) step);
    boolean better = answer > state.bestMIoU() || Double.isNaN(state.bestMIoU()) && answer >= 0;
    state =
        new Checkpoints.State(
            state.step(),
            better ? answer : state.bestMIoU(),
            better ? step : state.bestStep(),
            better ? 0 : state.withoutBetter() + 1,
            false,
            state.seconds(),
            state.warmSeconds(),
            state.waitedSeconds());
    observer.evaluated(evaluation, step);
  }

  /** An evaluation that can be stopped between two images. */
  private record Stoppable(Observer observer) implements Observer {
    @Override
    public void message(String line) {
      observer.message(line);
    }

    @Override
    public void image(int done, int total) {
      observer.image(done, total);
      if (done < total && (observer.stop() || Thread.currentThread().isInterrupted())) {
        throw new Stopped();
      }
    }

    @Override
    public boolean stop() {
      return observer.stop();
    }
  }

  /** Thrown through an evaluation. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("stopped", null, false, false);
    }
  }

  private void tell(double loss, double seconds) {
    recent.add(seconds);
    if (recent.size() > WINDOW) {
      recent.remove();
    }
    double mean = recent.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    long left = length.steps() - state.step();
    double evaluations =
        !inputs.validates()
            ? 0
            : spec.evalEvery() > 0
                ? (double) left / spec.evalEvery()
                : (double) left * length.perStep() / length.batches();
    observer.step(
        new Observer.Step(
            state.step(),
            length.steps(),
            loss,
            stepper.rate(state.step()),
            spec.batch() * length.perStep() / mean,
            waiting(state),
            left * mean + evaluations * evaluationSeconds));
  }

  private Checkpoints.Tensors weights() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    session.state().forEach((name, p) -> shapes.put(name, Optimizer.list(p.getArray().getShape())));
    return new Checkpoints.Tensors(
        shapes, name -> session.state().get(name).getArray().toFloatArray());
  }

  private void checkpoint() {
    if (saved.equals(state)) {
      return;
    }
    log.sync();
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    Map<String, NDArray> optimizer = stepper.optimizer().state();
    optimizer.forEach((name, array) -> shapes.put(name, Optimizer.list(array.getShape())));
    checkpoints.write(
        state,
        weights(),
        new Checkpoints.Tensors(shapes, name -> optimizer.get(name).toFloatArray()));
    session.sweep();
    saved = state;
  }

  private static double waiting(Checkpoints.State state) {
    return state.warmSeconds() > 0 ? state.waitedSeconds() / state.warmSeconds() : 0;
  }

  /**
   * @param directory of the run
   * @param spec of the training
   * @param end how it ended
   * @param points of all steps
   * @param evaluations all of them
   * @param state counters at the end
   * @return what came of a run
   */
  static Training training(
      RunDirectory directory,
      TrainSpec spec,
      Training.End end,
      List<Training.Point> points,
      List<Training.Validation> evaluations,
      Checkpoints.State state) {
    double images = (double) state.step() * spec.batch() * spec.accumulation();
    return new Training(
        directory.name(),
        directory.path(),
        spec,
        end,
        List.copyOf(points),
        List.copyOf(evaluations),
        state.bestMIoU(),
        state.bestStep(),
        state.seconds() > 0 ? images / state.seconds() : 0,
        waiting(state));
  }

  @Override
  public void close() {
    dropBatches();
    if (feed != null) {
      feed.close();
    }
    if (log != null) {
      log.close();
    }
    stepper.close();
  }
}
