package org.riglab.networks.engine;

import ai.djl.ndarray.NDArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads arrays on the host, which waits until the device has computed them. The steps of trainings
 * read through this class alone, so that a test can count how often they wait.
 */
public final class HostReads {
  private static final AtomicLong COUNT = new AtomicLong();

  private HostReads() {}

  /**
   * @param array float64
   * @return its elements
   */
  public static double[] doubles(NDArray array) {
    COUNT.incrementAndGet();
    return array.toDoubleArray();
  }

  /**
   * @param array float32
   * @return its elements
   */
  public static float[] floats(NDArray array) {
    COUNT.incrementAndGet();
    return array.toFloatArray();
  }

  /**
   * @return reads by this process so far
   */
  public static long count() {
    return COUNT.get();
  }
}
