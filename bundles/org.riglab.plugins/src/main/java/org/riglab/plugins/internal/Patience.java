package org.riglab.plugins.internal;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.riglab.api.RigException;

/**
 * Runs code of a plugin and gives it up if it does not return.
 *
 * @param limit how long it may take
 */
record Patience(Duration limit) {
  private static final long GRACE_MILLIS = 1000;

  /** Whether a failure is that code did not return; it may still run. */
  static boolean gaveUp(Throwable failure) {
    return failure.getCause() instanceof TimeoutException;
  }

  /**
   * @param what begins the message if it is given up, for example {@code plugin a 1.0.0}
   * @param own whether a class belongs to the plugin, by its name
   * @param body is interrupted at the limit, and left alone if that does not end it
   * @return what the body returns
   * @throws RigException if it was given up, see {@link #gaveUp}; says where it is
   */
  <T> T run(String what, Predicate<String> own, Supplier<T> body) {
    FutureTask<T> task = new FutureTask<>(body::get);
    Thread thread = new Thread(task, "start of " + what);
    thread.setDaemon(true); // must not keep the process
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.start();
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      String where = where(own, thread.getStackTrace());
      thread.interrupt();
      join(thread);
      throw new RigException(
          RigException.Kind.PART_FAILED,
          "%s does not start: it has not returned for %d s%s"
              .formatted(what, limit.toSeconds(), where),
          e);
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw new RigException(RigException.Kind.BUSY, what + " was interrupted while starting", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(GRACE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String where(Predicate<String> own, StackTraceElement... stack) {
    for (StackTraceElement frame : stack) {
      if (own.test(frame.getClassName())) {
        String type = frame.getClassName();
        return ": it is in %s.%s (%s:%d)"
            .formatted(
                type.substring(type.lastIndexOf('.') + 1),
                frame.getMethodName(),
                frame.getFileName(),
                frame.getLineNumber());
      }
    }
    return "";
  }
}
