package org.riglab.api.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.bench.Blueprints.Blueprint;

/** Turns networks into programs that the native library runs in one call. Thread safe. */
@ProviderType
public interface Compiler {
  /**
   * What a pass is for.
   *
   * @param training as for a block's forward
   * @param precision of convolutions and matrix products; not AUTO
   * @param recompute whether a pass of training keeps only what goes from one run of a block or
   *     gate to another, and computes each run once more on its way back
   * @param deterministic whether gradients are added up in the same order in every run, also where
   *     the engine's kernels of a device do not; on processors they do
   */
  record Options(boolean training, Precision precision, boolean recompute, boolean deterministic) {}

  /**
   * Compiles a pass. Passes that come to the same code share one compiled module.
   *
   * @param network from within
   * @param image shape of the batch (N, 3, H, W)
   * @param options what the pass is for
   * @return what computes the pass; holds nothing of the network's parts
   * @throws org.riglab.api.RigException if a part does what cannot be traced, such as reading
   *     values, or an operation cannot be compiled, or not be computed again; names part and
   *     operation
   */
  Program compile(Blueprint network, Shape image, Options options);

  /**
   * Compiles a function of arrays, such as a loss. The engine finds the gradients through it as
   * through any other operation, where the thread's grad mode is on.
   *
   * @param function computes from its arguments and their manager, by array operations only; is not
   *     kept
   * @param arguments of the shapes and types that the function is compiled for; their values do not
   *     matter
   * @param deterministic whether sums are added up in the same order in every run, also where the
   *     engine's kernels of a device do not; on processors they do
   * @return computes the function of such arguments; the results are attached to the manager of the
   *     first one
   * @throws org.riglab.api.RigException if the function does what cannot be traced, such as reading
   *     values; names operation and class
   */
  UnaryOperator<NDList> compile(
      UnaryOperator<NDList> function, NDList arguments, boolean deterministic);

  /**
   * Writes out what {@link #compile} makes, before it becomes code: every operation with the type,
   * shape and layout of its result and the run of a block or gate that it belongs to. Of a pass of
   * training both directions, with the bytes that the forward pass keeps for the backward pass.
   *
   * @param network from within
   * @param image shape of the batch (N, 3, H, W)
   * @param options what the pass is for
   * @return the lines; the same for the same network, shape and options
   * @throws org.riglab.api.RigException as {@link #compile}, and if a gradient is left to the
   *     engine
   */
  String graph(Blueprint network, Shape image, Options options);

  /** A compiled pass. Thread safe where the pass changes nothing, as in evaluation. */
  @ProviderType
  interface Program {
    /**
     * @return names what {@link #prepare} makes: programs of one network and precision that name
     *     the same can share it
     */
    String preparation();

    /**
     * Computes what depends on the parameters alone, such as weights in the program's precision
     * with batch norm folded into them.
     *
     * @param state every parameter by its name in the state dict
     * @param manager gets what is made; to be closed when parameters change
     * @return parameters, and what is made of them
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
     * Runs a pass of training that is gone back through. The calling thread's grad mode is on.
     *
     * @param image (N, 3, H, W) as compiled, float32
     * @param state every parameter by its name in the state dict
     * @return the pass; what it keeps is attached to the image's manager
     */
    Pass start(NDArray image, Map<String, Parameter> state);
  }

  /** A pass of training on its way. */
  @ProviderType
  interface Pass {
    /**
     * @return logits per prediction, float32, of which the engine is to find the gradients
     */
    NDList logits();

    /**
     * @return whether {@link #backward} finds the gradients of the parameters; otherwise the engine
     *     has found them on its way through the loss, and it does nothing
     */
    boolean direct();

    /**
     * Goes back: from the gradients of the logits, which the engine has found, to those of the
     * parameters. Once, at most.
     *
     * @param replace whether the gradients that the parameters have are replaced, not added to
     */
    void backward(boolean replace);
  }
}
