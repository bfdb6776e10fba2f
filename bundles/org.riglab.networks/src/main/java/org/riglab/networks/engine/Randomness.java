package org.riglab.networks.engine;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The random generators of the engine, which the whole process shares. Whoever wants the same
 * numbers again holds them, seeds them, and draws before letting go.
 */
public final class Randomness implements AutoCloseable {
  private static final ReentrantLock LOCK = new ReentrantLock();

  private Randomness() {}

  /**
   * Waits until no other thread of the process holds the generators.
   *
   * @return to be closed by the same thread
   */
  public static Randomness hold() {
    LOCK.lock();
    return new Randomness();
  }

  /**
   * @param seed of what is drawn from now on, on every device
   */
  public void seed(long seed) {
    // DJL draws some distributions in Java
    Torch.engine().setRandomSeed((int) seed);
    JniUtils.setSeed(seed);
  }

  @Override
  public void close() {
    LOCK.unlock();
  }
}
