package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.networks.Session;
import org.riglab.networks.TrainedOn;

/**
 * Writes and reads a run's checkpoints: network, optimizer and counters. The weights of a
 * checkpoint are what the run would result in; where that is a moving average, the weights that are
 * trained are stored beside it.
 */
final class CheckpointWriter {
  private final Checkpoints checkpoints;
  private final Session session;
  private final Optimizer optimizer;
  private final Optional<MovingAverage> average;
  private final Optional<HaltingTraining> halting;
  private final TrainedOn trainedOn;
  private Checkpoints.State saved = Checkpoints.State.START;

  /**
   * @param checkpoints of the run
   * @param session the network
   * @param optimizer of the run
   * @param average of the weights, if the run has one
   * @param halting the halting head, if the run has one
   * @param trainedOn what the weights are trained on
   */
  CheckpointWriter(
      Checkpoints checkpoints,
      Session session,
      Optimizer optimizer,
      Optional<MovingAverage> average,
      Optional<HaltingTraining> halting,
      TrainedOn trainedOn) {
    this.checkpoints = checkpoints;
    this.session = session;
    this.optimizer = optimizer;
    this.average = average;
    this.halting = halting;
    this.trainedOn = trainedOn;
  }

  /**
   * Goes back to the last checkpoint; the network stays as it is where there is none.
   *
   * @return the counters
   */
  Checkpoints.State load() {
    checkpoints
        .last()
        .ifPresent(
            last -> {
              saved = Checkpoints.state(last);
              session.load(Checkpoints.trained(last).orElseGet(() -> Checkpoints.weights(last)));
              average.ifPresent(mean -> mean.load(Checkpoints.weights(last)));
              optimizer.load(Checkpoints.optimizer(last));
              halting.ifPresent(head -> head.load(Checkpoints.halting(last)));
            });
    return saved;
  }

  /**
   * Writes a checkpoint, unless there is one of these counters already.
   *
   * @param state the counters
   * @param log is brought to the disk first
   */
  void write(Checkpoints.State state, RunLog log) {
    if (saved.equals(state)) {
      return;
    }
    log.sync();
    Optional<Checkpoints.Tensors> mean = average.map(arrays -> tensors(arrays.averages()));
    checkpoints.write(
        state,
        mean.orElseGet(this::weights).described(session.description(trainedOn())),
        mean.map(there -> weights()),
        tensors(optimizer.state()));
    session.sweep();
    saved = state;
  }

  /** What the weights are trained on, with the halting head as it is. */
  TrainedOn trainedOn() {
    return halting.map(head -> trainedOn.with(head.head())).orElse(trainedOn);
  }

  private static Checkpoints.Tensors tensors(Map<String, NDArray> arrays) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    arrays.forEach((name, array) -> shapes.put(name, Optimizer.list(array.getShape())));
    return new Checkpoints.Tensors(shapes, name -> arrays.get(name).toFloatArray());
  }

  private Checkpoints.Tensors weights() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    session.state().forEach((name, p) -> shapes.put(name, Optimizer.list(p.getArray().getShape())));
    return new Checkpoints.Tensors(
        shapes, name -> session.state().get(name).getArray().toFloatArray());
  }

  /**
   * Loads the weights of the best checkpoint into the network, to be saved as its result.
   *
   * @return whether there is one
   */
  boolean loadBest() {
    Optional<Path> best = checkpoints.best();
    best.ifPresent(
        directory -> {
          session.load(Checkpoints.weights(directory));
          halting.ifPresent(head -> head.load(Checkpoints.halting(directory)));
        });
    return best.isPresent();
  }

  /**
   * @return for messages, where the last checkpoint is
   */
  String where() {
    return checkpoints
        .last()
        .map(last -> "the last checkpoint is " + last)
        .orElse("there is no checkpoint yet");
  }
}
