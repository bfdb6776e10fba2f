package org.riglab.parts;

import ai.djl.engine.Engine;
import java.util.function.Supplier;

/**
 * DJL looks for its engines and their natives through the thread's context class loader, which in a
 * framework is any bundle's. These methods set one that sees them.
 */
public final class EngineLookup {
  private EngineLookup() {}

  /**
   * Runs what may be the first to need an engine.
   *
   * @param <T> of the result
   * @param use may be a plugin's code
   * @return its result
   */
  public static <T> T call(Supplier<T> use) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Engine.class.getClassLoader());
    try {
      return use.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /**
   * Lets DJL look for its engines, once per process; loads no natives. If a plugin's code were the
   * first to touch DJL, under a class loader that does not see the engine, the engine would be
   * missing for the whole process.
   */
  public static void findEngines() {
    call(Engine::getAllEngines);
  }
}
