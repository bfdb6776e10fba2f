package org.riglab.api.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.bench.Blueprints.Blueprint;

/** Turns networks into programs that the native library runs in one call. Thread safe. */
@ProviderType
public interface Compiler {
  /**
   * Compiles a pass. Passes that come to the same code share one compiled module.
   *
   * @param network from within
   * @param image shape of the batch (N, 3, H, W)
   * @param training as for a block's forward
   * @param precision of convolutions and matrix products; not AUTO
   * @return what computes the pass; holds nothing of the network's parts
   * @throws org.riglab.api.RigException if a part does what cannot be traced, such as reading
   *     values, or an operation cannot be compiled; names part and operation
   */
  Program compile(Blueprint network, Shape image, boolean training, Precision precision);

  /** A compiled pass. Thread safe where the pass changes nothing, as in evaluation. */
  @ProviderType
  interface Program {
    /**
     * Runs the pass. Gradients reach the parameters if the calling thread's grad mode is on.
     *
     * @param image (N, 3, H, W) as compiled, float32
     * @param state every parameter by its name in the state dict
     * @return logits per prediction, float32, attached to the image's manager
     */
    NDList run(NDArray image, Map<String, Parameter> state);
  }
}
