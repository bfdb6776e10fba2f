package org.riglab.testkit.internal;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.riglab.testkit.internal.Check.Outcome;

/**
 * A class loader that is no longer needed.
 *
 * @param loader the loader
 * @param gone is told when it has been collected
 */
public record Survival(WeakReference<ClassLoader> loader, ReferenceQueue<ClassLoader> gone) {
  /** Once a part is removed or replaced, its classes go. */
  public static final Check<Survival> AFTER_USE =
      new Check<>("classesGoAfterUse", Survival::collected);

  private static final long WAIT_SECONDS = 10;

  private Outcome collected() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (!loader.refersTo(null) && System.nanoTime() < deadline) {
      System.gc();
      if (gone.remove(100) != null) {
        break;
      }
    }
    if (!loader.refersTo(null)) {
      throw new Broken(
          "its classes stay in memory after it was removed: something outside still refers to them,"
              + " %s; an update would leak the old version"
                  .formatted(
                      thread()
                          .orElse(
                              "such as a thread that it started, a thread local, a shutdown hook or"
                                  + " a listener")));
    }
    return Outcome.PASSED;
  }

  /** A thread that runs code of the loader. */
  private Optional<String> thread() {
    for (Map.Entry<Thread, StackTraceElement[]> thread : Thread.getAllStackTraces().entrySet()) {
      for (StackTraceElement frame : thread.getValue()) {
        if (owns(frame.getClassName())) {
          return Optional.of(
              "the thread '%s', which is in %s"
                  .formatted(thread.getKey().getName(), Watched.words(frame)));
        }
      }
    }
    return Optional.empty();
  }

  private boolean owns(String className) {
    ClassLoader own = loader.get();
    try {
      return own != null && Class.forName(className, false, own).getClassLoader() == own;
    } catch (ClassNotFoundException | LinkageError e) {
      return false; // another loader's, or nobody's by name
    }
  }
}
