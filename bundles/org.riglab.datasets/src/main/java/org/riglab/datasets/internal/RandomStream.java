package org.riglab.datasets.internal;

/**
 * SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), spelt out: what a data set draws must not change
 * with the Java library.
 */
final class RandomStream {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private long state;

  /**
   * @param keys whose stream it is: other keys, or the same in another order, give another stream
   */
  RandomStream(long... keys) {
    for (long key : keys) {
      state = mix(state + GOLDEN) ^ key;
    }
    state = mix(state);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  long next() {
    state += GOLDEN;
    return mix(state);
  }

  /**
   * @param bound 1 or more
   * @return 0 to bound-1
   */
  int below(int bound) {
    return (int) (((next() >>> 32) * bound) >>> 32);
  }

  /**
   * @return least to most, both included
   */
  int between(int least, int most) {
    return least + below(most - least + 1);
  }
}
