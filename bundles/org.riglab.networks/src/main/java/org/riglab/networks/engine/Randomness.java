package org.riglab.networks.engine;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The random generators of the engine, which the whole process shares. Whoever wants the same
 * numbers again holds them, seeds them, and draws before letting go.
 */
public final class Randomness implements AutoCloseable {
  private static volatile ReentrantLock current = new ReentrantLock();

  private final ReentrantLock lock;

  private Randomness(ReentrantLock lock) {
    this.lock = lock;
  }

  /**
   * Waits until nobody else in the process holds the generators; an interrupt is kept for the
   * caller and does not end the wait.
   *
   * @return to be closed by the same thread
   */
  public static Randomness hold() {
    boolean interrupted = false;
    try {
      while (true) {
        ReentrantLock lock = current; // another one once somebody was abandoned
        try {
          if (lock.tryLock(1, TimeUnit.SECONDS)) {
            return new Randomness(lock);
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** From now on nobody waits for those who hold the generators: one of them hangs in a part. */
  public static void abandon() {
    current = new ReentrantLock();
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
    lock.unlock();
  }
}
