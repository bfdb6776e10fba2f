package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.networks.Session;

/** Writes and reads a run's checkpoints: network, optimizer and counters. */
final class CheckpointWriter {
  private final Checkpoints checkpoints;
  private final Session session;
  private final Optimizer optimizer;
  private Checkpoints.State saved = Checkpoints.State.START;

  /**
   * @param checkpoints of the run
   * @param session the network
   * @param optimizer of the run
   */
  CheckpointWriter(Checkpoints checkpoints, Session session, Optimizer optimizer) {
    this.checkpoints = checkpoints;
    this.session = session;
    this.optimizer = optimizer;
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
              session.load(Checkpoints.weights(last));
              optimizer.load(Checkpoints.optimizer(last));
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
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    Map<String, NDArray> moments = optimizer.state();
    moments.forEach((name, array) -> shapes.put(name, Optimizer.list(array.getShape())));
    checkpoints.write(
        state,
        weights(),
        new Checkpoints.Tensors(shapes, name -> moments.get(name).toFloatArray()));
    session.sweep();
    saved = state;
  }

  private Checkpoints.Tensors weights() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    session.state().forEach((name, p) -> shapes.put(name, Optimizer.list(p.getArray().getShape())));
    return new Checkpoints.Tensors(
        shapes, name -> session.state().get(name).getArray().toFloatArray());
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
