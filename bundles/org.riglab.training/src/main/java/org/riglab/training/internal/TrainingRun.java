package org.riglab.training.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.TrainSpec.Budget;
import org.riglab.api.bench.Training;
import org.riglab.base.EvaluationJson;
import org.riglab.base.Json;
import org.riglab.networks.Session;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Batch;
import org.riglab.training.StepEngine;

/**
 * One run of the training loop, from the last checkpoint to the end, a stop or an error. The
 * network's own weights change only once the same weights lie in a checkpoint.
 */
final class TrainingRun implements AutoCloseable {
  private final Session session;
  private final RunDirectory directory;
  private final TrainSpec spec;
  private final Budget budget;
  private final Length length;
  private final Steps stepper;
  private final Inputs inputs;
  private final Monitor monitor;
  private final Observer observer;
  private final CheckpointWriter checkpoints;
  private final StepFailures failures;
  private Checkpoints.State state = Checkpoints.State.START;
  private boolean stopping;
  private Pace pace;
  private Map<String, Double> metrics = Map.of(); // of the last evaluation
  private RunLog log;
  private Inputs.Feed feed;
  private List<Batch> pending = List.of();
  private final Outstanding outstanding = new Outstanding();

  /**
   * @param session the network
   * @param directory of the run
   * @param spec of the training
   * @param length of the run
   * @param stepper does the steps; closed with this
   * @param inputs batches and validation
   * @param trainedOn what the weights are trained on
   * @param monitor tells which evaluation is the best
   * @param observer watches
   */
  TrainingRun(
      Session session,
      RunDirectory directory,
      TrainSpec spec,
      Length length,
      Steps stepper,
      Inputs inputs,
      TrainedOn trainedOn,
      Monitor monitor,
      Observer observer) {
    this.session = session;
    this.directory = directory;
    this.spec = spec;
    this.budget = spec.budget();
    this.length = length;
    this.stepper = stepper;
    this.inputs = inputs;
    this.monitor = monitor;
    this.observer = observer;
    this.checkpoints =
        new CheckpointWriter(
            directory.checkpoints(budget.keepEvery()),
            session,
            stepper.optimizer(),
            stepper.average(),
            stepper.halting(),
            trainedOn);
    this.failures = new StepFailures(stepper, checkpoints, spec.network());
  }

  /**
   * Trains.
   *
   * @return what came of it
   * @throws RigException if the loss or a gradient is not finite or a part misbehaves; the last
   *     checkpoint stays
   */
  Training run() {
    state = checkpoints.load();
    if (state.step() > 0) {
      directory.addParts(state.step(), parts());
    }
    pace = new Pace(spec, length, inputs.validates(), state.step());
    log = RunLog.open(directory, state);
    feed = inputs.feed(state.step());
    Training.End end = loop();
    return Results.of(directory, spec, end, log.points(), log.evaluations(), state);
  }

  private List<PartInfo> parts() {
    List<PartInfo> parts = new ArrayList<>(session.parts());
    parts.add(stepper.objective().loss().part());
    parts.addAll(inputs.parts());
    return parts;
  }

  private Training.End loop() {
    long failedStep = 0;
    while (true) {
      boolean evaluationPending = state.pending();
      Optional<Training.End> end = due(evaluationPending);
      boolean renewal = end.isEmpty() && stale();
      if ((end.isPresent() || renewal) && !settle()) {
        continue;
      }
      if (end.isPresent()) {
        return end(end.get());
      }
      if (renewal && !renew()) {
        return Training.End.PAUSED;
      }
      try {
        if (!evaluationPending) {
          step(state.step() + 1);
        } else if (!cutOff(state.step())) {
          checkpoint();
        }
      } catch (RigException e) {
        // A part that went away in the middle of the step: the step has not happened.
        if (!stale() || failedStep == state.step() + 1) {
          throw e;
        }
        failedStep = state.step() + 1;
      }
    }
  }

  private Optional<Training.End> due(boolean evaluationPending) {
    if (!evaluationPending && state.step() >= length.steps()) {
      return Optional.of(Training.End.FINISHED);
    }
    boolean exhausted = budget.patience() > 0 && state.withoutBetter() >= budget.patience();
    if (!evaluationPending && exhausted) {
      return Optional.of(Training.End.EARLY);
    }
    return stop() ? Optional.of(Training.End.STOPPED) : Optional.empty();
  }

  private boolean stop() {
    // Clears the interrupt: what is to be written yet must not be disturbed by it.
    stopping |= observer.stop() | Thread.interrupted();
    return stopping;
  }

  private Training.End end(Training.End end) {
    if (state.step() > 0) {
      checkpoint();
      boolean best = end != Training.End.STOPPED && budget.keep().equals("best");
      if (best && state.hasBetter() && checkpoints.loadBest()) {
        session.save(checkpoints.trainedOn(), bestMetrics());
        observer.message("the network has the weights of step " + state.bestStep());
      } else {
        averaged(
            () -> {
              session.save(checkpoints.trainedOn(), metrics);
              return null;
            });
      }
    }
    if (end != Training.End.STOPPED) {
      directory.finish(end);
    }
    return end;
  }

  /** A run that Riglab 0.1 began has kept the mIoU only. */
  private Map<String, Double> bestMetrics() {
    return state.bestMetrics().isEmpty()
        ? Map.of("mIoU", state.bestMIoU(), "step", (double) state.bestStep())
        : state.bestMetrics();
  }

  private boolean stale() {
    return session.stale() || inputs.stale() || stepper.objective().stale();
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
      if (stepper.objective().stale()) {
        stepper.objective().renew();
        stepper.renewed();
      }
      if (session.stale()) {
        session.renew();
        stepper.renewed();
      }
      directory.addParts(state.step(), parts());
    } catch (RigException e) {
      observer.message(
          "paused after step %d: %s; resume the run when it is available again"
              .formatted(state.step(), e.getMessage()));
      return false;
    }
    observer.message("switched to new parts after step %d".formatted(state.step()));
    return true;
  }

  private void dropBatches() {
    pending.forEach(Batch::close);
    pending = List.of();
  }

  private void step(long number) {
    long start = System.nanoTime();
    long waitedBefore = feed.waitedNanos();
    while (pending.size() < budget.accumulation()) {
      List<Batch> more = new ArrayList<>(pending);
      more.add(feed.next());
      pending = more;
    }
    Optional<List<Steps.Loss>> computed = losses(number);
    if (computed.isEmpty()) {
      return;
    }
    dropBatches();
    double seconds = (System.nanoTime() - start) / 1e9;
    double waited = (feed.waitedNanos() - waitedBefore) / 1e9;
    Checkpoints.State before = state;
    state = state.stepped(evaluationDue(number), seconds, pace.warm(number), waited);
    outstanding.add(before, new Outstanding.Ran(state, stepper.rate(number), seconds));
    tell(computed.get());
    boolean checkpointDue = checkpointDue(number);
    if ((state.pending() || checkpointDue) && !settle()) {
      return;
    }
    if (state.pending() && cutOff(number)) {
      return;
    }
    if (state.bestStep() == number || checkpointDue) {
      checkpoint();
    }
  }

  /** Logs losses of steps that ran, the first of those that were not known. */
  private void tell(List<Steps.Loss> losses) {
    for (Steps.Loss loss : losses) {
      Outstanding.Ran ran = outstanding.first();
      log.add(new Training.Point(loss.step(), loss.value(), ran.rate()));
      observer.step(pace.step(ran.state(), loss.value(), ran.rate(), ran.seconds()));
    }
  }

  /** Waits for all steps; false if one was wrong, so that the run goes on from there. */
  private boolean settle() {
    try {
      tell(stepper.settle());
      return true;
    } catch (Steps.LateException e) {
      goBack(e);
      return false;
    } catch (Stepper.NotFiniteWeightException e) {
      tell(e.before());
      throw failures.notFinite(e);
    }
  }

  /** To the step that was wrong: it is done again, and says what is wrong. */
  private void goBack(Steps.LateException late) {
    stepper.readThrough(state.step() + 1);
    tell(late.before());
    state = outstanding.drop();
    dropBatches();
    feed.close();
    feed = inputs.feed(state.step());
  }

  /** Empty if the step has not happened because of a stop, or one before it was wrong. */
  private Optional<List<Steps.Loss>> losses(long number) {
    try {
      return Optional.of(stepper.step(number, pending));
    } catch (Steps.LateException e) {
      outstanding.add(state, new Outstanding.Ran(state, stepper.rate(number), 0));
      goBack(e);
      return Optional.empty();
    } catch (Stepper.NotFiniteException e) {
      throw failures.notFinite(number, pending, e);
    } catch (Stepper.NotFiniteWeightException e) {
      tell(e.before());
      throw failures.notFinite(e);
    } catch (StepEngine.LostException e) {
      if (stop()) {
        observer.message("step %d: %s".formatted(number, e.getMessage()));
        return Optional.empty();
      }
      throw lost(number, e);
    }
  }

  /** Keeps what the processes that are left have computed. */
  private RigException lost(long number, StepEngine.LostException e) {
    RigException lost;
    try {
      if (state.step() > 0) {
        checkpoint();
      }
      lost = new RigException(Kind.UNAVAILABLE, failures.lost(number, e), e);
    } catch (RigException nothing) {
      lost = new RigException(Kind.UNAVAILABLE, failures.lost(number, e), e);
      lost.addSuppressed(nothing);
    }
    return lost;
  }

  private boolean checkpointDue(long step) {
    boolean kept = budget.keepEvery() > 0 && step % budget.keepEvery() == 0;
    boolean due =
        budget.checkpointEvery() > 0
            ? step % budget.checkpointEvery() == 0
            : evaluationDue(step) || !inputs.validates() && length.endsEpoch(step);
    return kept || due;
  }

  private boolean evaluationDue(long step) {
    return inputs.validates()
        && (step == length.steps()
            || (budget.evalEvery() > 0 ? step % budget.evalEvery() == 0 : length.endsEpoch(step)));
  }

  /** Evaluates; a stop meanwhile leaves a checkpoint from which the evaluation comes first. */
  private boolean cutOff(long step) {
    try {
      evaluate(step);
      return false;
    } catch (CancellationException e) {
      stop();
      checkpoint();
      return true;
    }
  }

  private void evaluate(long step) {
    stepper.settle();
    long start = System.nanoTime();
    Evaluation evaluation =
        averaged(() -> inputs.validate(session, new StoppableObserver(observer)));
    pace.validated((System.nanoTime() - start) / 1e9);
    List<Double> mIoU =
        evaluation.iterations().stream().map(scores -> scores.values().get("mIoU")).toList();
    log.add(new Training.Validation(step, mIoU));
    int last = mIoU.size() - 1;
    metrics = new LinkedHashMap<>(evaluation.iterations().get(last).values());
    metrics.put("step", (double) step);
    state =
        state.evaluated(monitor.value(evaluation.iterations()), mIoU.get(last), metrics, monitor);
    Json.write(directory.path().resolve(EvaluationJson.FILE), EvaluationJson.of(evaluation, step));
    observer.evaluated(evaluation, step);
  }

  /** Runs something with the weights that the run results in. */
  private <T> T averaged(Supplier<T> body) {
    return stepper.average().isPresent()
        ? stepper.average().get().within(session.state(), body)
        : body.get();
  }

  private void checkpoint() {
    stepper.settle();
    checkpoints.write(state, log);
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
