package org.riglab.api.author;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Compares networks with reference numbers of another implementation. Thread safe. */
@ProviderType
public interface Parity {
  /** The relative error up to which two tensors count as the same. */
  double TOLERANCE = 1e-4;

  /**
   * Computes what a case asks for and compares it with what the case expects.
   *
   * @param folder of the case, with case.json, weights, batch and, where known,
   *     expected.safetensors
   * @param out where to write {@code CASE/got.safetensors}
   * @param trace whether to compute, and write, every intermediate: {@code eval.block.K.tT}, {@code
   *     eval.gated.K.tT}, {@code eval.gate.K.tT} as in {@link
   *     org.riglab.api.bench.Predictions#predict}, and {@code eval.op.NAME.tT} for the T-th
   *     application of the layer NAME; those that a case expects are computed anyway
   * @return what the comparison found
   * @throws org.riglab.api.RigException if the case is broken, or a part is missing or fails
   */
  Row compare(Path folder, Optional<Path> out, boolean trace);

  /**
   * One case.
   *
   * @param name of the case
   * @param tensors how many were compared; 0 if nothing is expected
   * @param worst largest relative error over all tensors and losses; NaN if nothing is expected
   * @param worstTensor where it is
   * @param losses of both training steps
   * @param first the first one, in the order of execution, that differs
   */
  record Row(
      String name,
      int tensors,
      double worst,
      String worstTensor,
      List<Double> losses,
      Optional<Difference> first) {}

  /**
   * Where a network departs from the reference. The order is that of execution: evaluation, loss of
   * step 1, gradients from the last operation to the first, loss of step 2, state after two steps.
   *
   * @param tensor its key in expected.safetensors
   * @param error relative; infinite if the tensor is missing or has another shape
   * @param block 1 for B1; 0 if it belongs to none
   * @param iteration 1 for the first; 0 if it belongs to none or to several
   * @param operation name of the layer, or what was computed
   * @param where all of that in words
   */
  record Difference(
      String tensor, double error, int block, int iteration, String operation, String where) {}
}
