package org.riglab.api.bench;

import org.osgi.annotation.versioning.ProviderType;

/** Times networks on made-up data. */
@ProviderType
public interface Benchmark {
  /**
   * Times training steps (forward, cross entropy of the last prediction, backward, SGD with
   * momentum and weight decay) and inferences (forward, enlarge, argmax of every prediction), each
   * after passes that do not count.
   *
   * @param network what to time; needs no name
   * @param load how
   * @return medians
   * @throws RuntimeException a {@link org.riglab.api.RigException} if the network cannot be
   *     assembled, or an option is out of range
   */
  Timing time(NetworkSpec network, Load load);

  /**
   * How to time.
   *
   * @param batch images per pass, 1 or more
   * @param height of an image in pixels
   * @param width of an image in pixels
   * @param execution how passes are run
   * @param precision of compiled passes
   * @param recompute as of {@link TrainSpec.Engine#recompute}
   * @param passes how many are timed, 1 or more
   * @param train whether to time training steps
   * @param infer whether to time inferences
   * @param threads of the native library; 0 to leave them
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
   * What it took.
   *
   * @param load with the precision that was used
   * @param trainStepMs median of the training steps, milliseconds; NaN if not timed
   * @param inferMs median of the inferences, milliseconds; NaN if not timed
   * @param firstStepMs the first training step, in which the network is compiled, milliseconds
   * @param peakResidentMiB largest resident set of this process so far; NaN where the system does
   *     not say
   * @param deviceMiB memory of the GPU in use after the passes, also by other processes; the engine
   *     keeps what it has taken, so that this is its peak; NaN for the CPU
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
