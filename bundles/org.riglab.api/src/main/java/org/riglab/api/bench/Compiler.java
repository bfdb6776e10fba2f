package org.riglab.api.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.bench.Blueprints.Blueprint;

/** Compiles networks to programs that the native library runs in one call. Thread safe. */
@ProviderType
public interface Compiler {
  /**
   * Options of a pass.
   *
   * @param training as for a block's forward
   * @param precision of convolutions and matrix products; not AUTO
   * @param recompute whether a training pass stores only values that pass between runs of blocks
   *     and gates, and recomputes each run during the backward pass
   * @param deterministic whether gradients are added in the same order in every run, also if the
   *     engine's kernels for a device do not; those for the CPU do
   */
  record Options(boolean training, Precision precision, boolean recompute, boolean deterministic) {}

  /**
   * Compiles a pass. Passes with the same code share one compiled module.
   *
   * @param network the internals of the network
   * @param image shape of the batch (N, 3, H, W)
   * @param options of the pass
   * @return the program; it does not reference the parts of the network
   * @throws org.riglab.api.RigException if a part cannot be traced, for example because it reads
   *     values, or an operation cannot be compiled or recomputed; the message names part and
   *     operation
   */
  Program compile(Blueprint network, Shape image, Options options);

  /**
   * Compiles a function of arrays, such as a loss. If the grad mode of the thread is on, the engine
   * computes its gradients like those of any other operation.
   *
   * @param function uses its arguments, their manager and array operations only; not referenced
   *     afterwards
   * @param arguments with the shapes and types for which the function is compiled; their values are
   *     not used
   * @param deterministic whether sums are added in the same order in every run, also if the
   *     engine's kernels for a device do not; those for the CPU do
   * @return the compiled function; its results are attached to the manager of the first argument
   * @throws org.riglab.api.RigException if the function cannot be traced, for example because it
   *     reads values; the message names operation and class
   */
  UnaryOperator<NDList> compile(
      UnaryOperator<NDList> function, NDList arguments, boolean deterministic);

  /**
   * Lists the graph of {@link #compile} before code generation: every operation with the type,
   * shape and layout of its result and its run of a block or gate. For a training pass it lists
   * both directions, with the bytes that the forward pass stores for the backward pass.
   *
   * @param network the internals of the network
   * @param image shape of the batch (N, 3, H, W)
   * @param options of the pass
   * @return the lines; the same for the same network, shape and options
   * @throws org.riglab.api.RigException as {@link #compile}, and if a gradient is computed by the
   *     engine
   */
  String graph(Blueprint network, Shape image, Options options);

  /**
   * Counts the multiply-adds up to each prediction, as in {@link Analysis}.
   *
   * @param network the internals of the network
   * @param height of an image in pixels
   * @param width of an image in pixels
   * @return for each prediction the multiply-adds for one image of everything that it depends on,
   *     or that an earlier prediction depends on; ascending
   * @throws org.riglab.api.RigException if a part cannot be traced; the message names part and
   *     operation
   */
  List<Long> multiplyAdds(Blueprint network, int height, int width);

  /** Decides after each prediction whether the pass continues. */
  @FunctionalInterface
  @ConsumerType
  interface Continuation {
    /**
     * @param iteration number of the prediction, 1 for the first
     * @param logits of the prediction (N, C, H, W); belongs to the pass
     * @return whether to compute the next one
     */
    boolean more(int iteration, NDArray logits);
  }

  /** A compiled pass. Thread safe if the pass does not change state, as in evaluation. */
  @ProviderType
  interface Program {
    /**
     * @return a key of the result of {@link #prepare}: programs of one network and precision with
     *     equal keys can share it
     */
    String preparation();

    /**
     * Computes values that depend on the parameters only, such as weights in the program's
     * precision with batch norm folded into them.
     *
     * @param state every parameter by its name in the state dict
     * @param manager owner of the result; to be closed when parameters change
     * @return parameters and derived values
     */
    NDList prepare(Map<String, Parameter> state, NDManager manager);

    /**
     * Runs the pass, without gradients.
     *
     * @param image (N, 3, H, W) as compiled, float32
     * @param prepared by {@link #prepare}
     * @return logits per prediction, float32, attached to the image's manager
     */
    NDList run(NDArray image, NDList prepared);

    /**
     * Runs the pass in steps, one program per prediction. Each step receives the values that
     * earlier steps have computed and computes only what its prediction needs in addition. Programs
     * for evaluation only.
     *
     * @param image (N, 3, H, W) as compiled, float32
     * @param prepared by {@link #prepare}
     * @param continuation is asked after each prediction except the last
     * @return logits of the predictions that were computed, float32, attached to the image's
     *     manager
     */
    NDList run(NDArray image, NDList prepared, Continuation continuation);

    /**
     * Runs the forward pass of a training step. The grad mode of the calling thread must be on.
     *
     * @param image (N, 3, H, W) as compiled, float32
     * @param state every parameter by its name in the state dict
     * @return the pass; its stored values are attached to the image's manager
     */
    TrainingPass start(NDArray image, Map<String, Parameter> state);
  }

  /** A training pass after its forward computation. */
  @ProviderType
  interface TrainingPass {
    /**
     * @return logits per prediction, float32, whose gradients the engine computes
     */
    NDList logits();

    /**
     * @return whether {@link #backward} computes the gradients of the parameters; otherwise the
     *     engine computes them together with those of the loss, and the method has no effect
     */
    boolean direct();

    /**
     * Computes the gradients of the parameters from those of the logits, which the engine has
     * computed. May be called once.
     *
     * @param replace whether existing gradients of the parameters are replaced rather than
     *     accumulated
     */
    void backward(boolean replace);
  }
}
