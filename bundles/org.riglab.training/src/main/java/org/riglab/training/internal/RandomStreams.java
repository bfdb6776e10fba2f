package org.riglab.training.internal;

import java.util.Map;
import java.util.SplittableRandom;

/**
 * The random numbers of a run's data: a stream for the order of each epoch, and one for each
 * transform of each image in each epoch. Streams depend on the seed and on what they are for, so
 * that neither a resume nor the number of workers changes what is drawn, and a transform that is
 * added to a list leaves the others' draws as they are.
 *
 * @param seed of the run
 */
record RandomStreams(long seed) {
  /** By how much the state of a {@link SplittableRandom} moves with each draw. */
  private static final long DRAW = 0x9E3779B97F4A7C15L;

  /**
   * The built-in transforms share one stream, of which each has its place: scale draws once, then
   * flip once, then crop. Runs of 0.1 drew so, and are continued to the same numbers.
   */
  private static final Map<String, Integer> SHARED = Map.of("scale", 0, "flip", 1, "crop", 2);

  /**
   * @param epoch 0 for the first
   * @return decides the order of the images
   */
  SplittableRandom order(long epoch) {
    return new SplittableRandom(state(epoch, 0));
  }

  /**
   * @param epoch 0 for the first
   * @param position of the image in the order of the epoch, 0 for the first
   * @param transform name of the transform
   * @param occurrence how many transforms of that name come before it
   * @return decides what the transform does
   */
  SplittableRandom transform(long epoch, long position, String transform, int occurrence) {
    long state = state(epoch, 1 + position);
    Integer place = occurrence == 0 ? SHARED.get(transform) : null;
    if (place != null) {
      return new SplittableRandom(state + place * DRAW);
    }
    long byName = new SplittableRandom(transform.hashCode()).nextLong() + occurrence;
    return new SplittableRandom(new SplittableRandom(state).nextLong() ^ byName);
  }

  private long state(long epoch, long position) {
    long bySeed = new SplittableRandom(seed).nextLong();
    long byEpoch = new SplittableRandom(bySeed + epoch).nextLong();
    return byEpoch + position;
  }
}
