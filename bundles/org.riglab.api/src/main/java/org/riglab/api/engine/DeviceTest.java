package org.riglab.api.engine;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Tests whether the engine computes on a device what it computes on the CPU. */
@ProviderType
public interface DeviceTest {
  /** Largest relative error of float32 that passes. */
  double FP32_TOLERANCE = 1e-3;

  /** Largest relative error of bfloat16 logits and losses that passes. */
  double BF16_TOLERANCE = 0.1;

  /**
   * Largest relative error of bfloat16 gradients that passes: units whose input is near zero
   * switch, and a share s of them changes the gradient by about the square root of s.
   */
  double BF16_GRADIENT_TOLERANCE = 0.5;

  /**
   * Computes logits, gradients and two training steps of small networks of built-in parts: on the
   * CPU in float32 and layer by layer, and on the device compiled, in float32 without TF32 and,
   * where the device has it, in bfloat16. Each network is trained twice on the device. Networks
   * have no name and leave nothing in the home. The process computes deterministically meanwhile.
   *
   * @param device cpu, gpu0, ... or auto
   * @return what was found
   * @throws org.riglab.api.RigException if there is no such device, or the engine does not load
   * @throws InterruptedException between two networks
   */
  Result test(String device) throws InterruptedException;

  /**
   * What a test found.
   *
   * @param engine version of PyTorch and its capabilities, as the loaded library reports them
   * @param device what was tested
   * @param rows one per network and precision
   */
  record Result(String engine, String device, List<Row> rows) {
    /**
     * @return whether every row passed
     */
    public boolean passed() {
      return rows.stream().allMatch(Row::passed);
    }
  }

  /**
   * One network in one precision. Errors are relative to what the CPU computes.
   *
   * @param network what was computed
   * @param precision FP32 or BF16
   * @param logits largest difference of the evaluation logits, by the largest logit
   * @param gradients norm of the difference by the norm: in float32 of the worst parameter's
   *     gradient (at least one per cent of the norm of all), in bfloat16 of all gradients together
   * @param steps error of the worse loss of two training steps
   * @param repeats whether a second training gave the same losses to the last bit
   * @param leftArrays arrays that are left after closing
   * @param leftMiB device memory that was not given back after closing; NaN where the device does
   *     not report it
   * @param imagesPerSecond of a training step
   * @param passed whether the errors are within the tolerance, the losses repeat and nothing is
   *     left
   */
  record Row(
      String network,
      org.riglab.api.bench.Precision precision,
      double logits,
      double gradients,
      double steps,
      boolean repeats,
      int leftArrays,
      double leftMiB,
      double imagesPerSecond,
      boolean passed) {}
}
