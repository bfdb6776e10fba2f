package org.riglab.api.engine;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Tests whether the engine computes the same results on a device as on the CPU. */
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
   * CPU in float32, layer by layer, and on the device compiled, in float32 without TF32 and, if the
   * device supports it, in bfloat16. Each network is trained twice on the device. Networks have no
   * name and nothing is stored in the home. The process is in deterministic mode during the test.
   *
   * @param device cpu, gpu0, ... or auto
   * @return the result
   * @throws org.riglab.api.RigException if there is no such device, or the engine does not load
   * @throws InterruptedException between two networks
   */
  Result test(String device) throws InterruptedException;

  /**
   * The result of a test.
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
   * One network in one precision. Errors are relative to the results of the CPU.
   *
   * @param network what was computed
   * @param precision FP32 or BF16
   * @param logits largest difference of the evaluation logits, divided by the largest logit
   * @param gradients norm of the difference divided by the norm: in float32 of the worst
   *     parameter's gradient (at least one per cent of the norm of all), in bfloat16 of all
   *     gradients together
   * @param steps error of the worse loss of two training steps
   * @param repeats whether a second training gave the same losses to the last bit
   * @param leftArrays arrays that were not freed after closing
   * @param leftMiB device memory that was not freed after closing; NaN if the device does not
   *     report it
   * @param imagesPerSecond of a training step
   * @param passed whether the errors are within the tolerance, the losses repeat and everything was
   *     freed
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
