package org.riglab.api.author;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Compares networks with reference values of another implementation. Thread safe. */
@ProviderType
public interface Parity {
  /** The largest relative error of tensors that are considered equal. */
  double TOLERANCE = 1e-4;

  /**
   * Computes the values of a case and compares them with the expected ones.
   *
   * @param folder of the case, with case.json, weights, batch and, if available,
   *     expected.safetensors
   * @param out where to write {@code CASE/got.safetensors}
   * @param trace whether to compute and write every intermediate result: {@code eval.block.K.tT},
   *     {@code eval.gated.K.tT}, {@code eval.gate.K.tT} as in {@link
   *     org.riglab.api.bench.Predictions#predict}, and {@code eval.op.NAME.tT} for the T-th
   *     application of the layer NAME; those that a case expects are always computed
   * @return the result of the comparison
   * @throws org.riglab.api.RigException if the case is invalid, or a part is missing or fails
   */
  Row compare(Path folder, Optional<Path> out, boolean trace);

  /**
   * One case.
   *
   * @param name of the case
   * @param tensors number of compared tensors; 0 if nothing is expected
   * @param worst largest relative error over all tensors and losses; NaN if nothing is expected
   * @param worstTensor tensor with this error
   * @param losses of both training steps
   * @param first the first difference in the order of execution
   */
  record Row(
      String name,
      int tensors,
      double worst,
      String worstTensor,
      List<Double> losses,
      Optional<Difference> first) {}

  /**
   * A difference between a network and the reference. The order is that of execution: evaluation,
   * loss of step 1, gradients from the last operation to the first, loss of step 2, state after two
   * steps.
   *
   * @param tensor its key in expected.safetensors
   * @param error relative; infinite if the tensor is missing or has another shape
   * @param block 1 for B1; 0 if it belongs to none
   * @param iteration 1 for the first; 0 if it belongs to none or to several
   * @param operation name of the layer, or the computed value
   * @param where the position, as text
   */
  record Difference(
      String tensor, double error, int block, int iteration, String operation, String where) {}
}
