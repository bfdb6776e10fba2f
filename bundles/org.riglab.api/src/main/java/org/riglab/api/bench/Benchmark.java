package org.riglab.api.bench;

import org.osgi.annotation.versioning.ProviderType;

/** Measures the time of networks on random data. */
@ProviderType
public interface Benchmark {
  /**
   * Measures training steps (forward, cross entropy of the last prediction, backward, SGD with
   * momentum and weight decay) and inferences (forward, interpolation, argmax of every prediction),
   * each after warm-up passes.
   *
   * @param network the network to measure; needs no name
   * @param load settings of the measurement
   * @return median times
   * @throws RuntimeException a {@link org.riglab.api.RigException} if the network cannot be
   *     assembled, or an option is out of range
   */
  Timing time(NetworkSpec network, Load load);

  /**
   * Settings of a measurement.
   *
   * @param batch images per pass, 1 or more
   * @param height of an image in pixels
   * @param width of an image in pixels
   * @param execution of the passes
   * @param precision of compiled passes
   * @param recompute as of {@link TrainSpec.Engine#recompute}
   * @param passes number of measured passes, 1 or more
   * @param train whether to measure training steps
   * @param infer whether to measure inferences
   * @param threads of the native library; 0 for its default
   * @param device auto, cpu, gpu0, gpu1, ...
   */
  record Load(
      int batch,
      int height,
      int width,
      Execution execution,
      Precision precision,
      boolean recompute,
      int passes,
      boolean train,
      boolean infer,
      int threads,
      String device) {}

  /**
   * The result of a measurement.
   *
   * @param load settings, with the precision that was used
   * @param trainStepMs median of the training steps, milliseconds; NaN if not timed
   * @param inferMs median of the inferences, milliseconds; NaN if not timed
   * @param firstStepMs the first training step, in which the network is compiled, milliseconds
   * @param peakResidentMiB largest resident set of this process so far; NaN if unknown
   * @param deviceMiB used memory of the GPU after the passes, including other processes; since the
   *     engine does not return memory, this is the peak; NaN for the CPU
   * @param matrixGflops multiply-adds and additions per second, in billions, of a large matrix
   *     product in the same precision
   */
  record Timing(
      Load load,
      double trainStepMs,
      double inferMs,
      double firstStepMs,
      double peakResidentMiB,
      double deviceMiB,
      double matrixGflops) {}
}
