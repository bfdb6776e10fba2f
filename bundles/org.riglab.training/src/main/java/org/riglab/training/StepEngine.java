package org.riglab.training;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.bench.TrainSpec;
import org.riglab.networks.data.Batch;
import org.riglab.tensors.HostTensor;

/**
 * Executes the steps of trainings in other processes. A service of this type makes its {@link
 * #name} a value of the option {@code engine}. Data, schedule, evaluations, checkpoints and the
 * files of the run remain with the trainer.
 */
@ConsumerType
public interface StepEngine {
  /**
   * @return a lower-case word, such as {@code torchrun}
   */
  String name();

  /**
   * Checks whether the engine can execute a training, before anything is written.
   *
   * @param spec of the training
   * @throws org.riglab.api.RigException INVALID if an option does not fit; UNAVAILABLE if a program
   *     that the engine needs is missing
   */
  void check(TrainSpec spec);

  /**
   * Starts the processes and waits until all of them are ready.
   *
   * @param job what they are to do
   * @param state the network's and the optimizer's
   * @return the processes; to be closed
   * @throws LostException if the run is to end
   * @throws org.riglab.api.RigException if one of them cannot be started
   */
  Processes start(Job job, State state);

  /** Writes a file. */
  @FunctionalInterface
  interface Content {
    /**
     * @param out receives the file; not closed
     * @throws IOException if it cannot be written
     */
    void write(OutputStream out) throws IOException;
  }

  /**
   * A training.
   *
   * @param spec of the training
   * @param folder for files of the engine, in that of the run; need not exist
   * @param network writes the network as TorchScript: of images (N, 3, H, W) to the logits of each
   *     prediction at the network's stride
   * @param loss writes the loss as TorchScript: of the first prediction's logits and a list of the
   *     others, the labels (N, H, W) in int64, and the divisor of the step; to a list of one scalar
   * @param groups by name of each parameter; the rate is a factor on that of the step
   * @param state names of all parameters and running statistics, in order
   * @param told receives lines for the user
   * @param stopped whether the run is to end; asked while the processes start
   */
  record Job(
      TrainSpec spec,
      Path folder,
      Content network,
      Content loss,
      Map<String, Optimizers.Group> groups,
      List<String> state,
      Consumer<String> told,
      BooleanSupplier stopped) {}

  /**
   * What a step changes.
   *
   * @param weights parameters and running statistics by name
   * @param optimizer state of the optimizer by name, as in checkpoints
   * @param average moving average of the weights by name; empty without one
   */
  record State(
      Map<String, HostTensor> weights,
      Map<String, HostTensor> optimizer,
      Map<String, HostTensor> average) {}

  /**
   * A step.
   *
   * @param number 1 for the first
   * @param seed of the engine's random numbers
   * @param rate learning rate
   * @param divisor of the loss of all passes and processes
   * @param passes the batches of the forward passes; each process takes an equal share of each, the
   *     first process the first images
   */
  record Step(long number, long seed, double rate, float divisor, List<Batch> passes) {}

  /** Processes that execute steps together. Not thread safe. */
  @ConsumerType
  interface Processes extends AutoCloseable {
    /**
     * Executes a step in all processes. On failure the state is that before the step.
     *
     * @param step what to do
     * @return the loss
     * @throws NotFiniteException if the loss or a gradient is not finite
     * @throws LostException if a process has ended or failed
     */
    double step(Step step);

    /**
     * @return the state after the last step, from any process that is left
     * @throws org.riglab.api.RigException if none is left or it cannot be written or read
     */
    State state();

    @Override
    void close();
  }

  /** The loss or a gradient is NaN or infinite. */
  final class NotFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int pass;

    /**
     * @param what the loss as text, or the name of the parameter whose gradient it is
     * @param pass index of the pass with that loss; -1 for a gradient
     */
    public NotFiniteException(String what, int pass) {
      super(what);
      this.pass = pass;
    }

    /**
     * @return index of the pass; empty if a gradient is not finite
     */
    public OptionalInt pass() {
      return pass < 0 ? OptionalInt.empty() : OptionalInt.of(pass);
    }
  }

  /** A process cannot go on; the message says which and why, in one line. */
  final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message one line
     */
    public LostException(String message) {
      super(message);
    }
  }
}
