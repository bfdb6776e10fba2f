package org.riglab.testkit.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A thread that runs code of a part and is given up if it does not return. What counts is the time
 * since a call of the part began or ended: many calls may take as long as they like.
 */
final class Watched extends Thread {
  private static final long GRACE_MILLIS = 1000;
  private static final int FRAMES = 3;

  /** How often it looks for a sign, at least. */
  private static final int SLICES = 10;

  private static final long SLICE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What threads that the current one starts wait for before they end; null for nothing. */
  private static final ThreadLocal<CountDownLatch> STAY = new ThreadLocal<>();

  private volatile long sign = System.nanoTime();

  private Watched(Runnable body, String name, CountDownLatch stay) {
    super(stay == null ? body : () -> stay(body, stay), name);
    // must not keep the process
    setDaemon(true);
  }

  private static void stay(Runnable body, CountDownLatch until) {
    body.run();
    try {
      until.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it was given up
    }
  }

  /**
   * Keeps the threads of all checks that run meanwhile until the end, as a server keeps its
   * threads: what a part leaves in their thread locals stays there.
   */
  static <T> T staying(Supplier<T> body) {
    CountDownLatch end = new CountDownLatch(1);
    STAY.set(end);
    try {
      return body.get();
    } finally {
      STAY.remove();
      end.countDown();
    }
  }

  /** Says that a call of a part begins or has ended on this thread. */
  static void sign() {
    if (Thread.currentThread() instanceof Watched watched) {
      watched.sign = System.nanoTime();
    }
  }

  /**
   * Runs something on a thread of its own.
   *
   * @param name of the thread
   * @param limit how long no call of the part may begin or end
   * @param body is interrupted, and left to itself if that does not help, when it is over the limit
   * @return what the body returns
   * @throws CancellationException if the calling thread is interrupted
   * @throws Hung if it was given up; says where it is
   */
  static <T> T run(String name, Duration limit, Supplier<T> body) {
    FutureTask<T> task = new FutureTask<>(body::get);
    Watched thread = new Watched(task, name, STAY.get());
    thread.start();
    long slice = Math.max(1, Math.min(limit.toNanos() / SLICES, SLICE_NANOS));
    long sign = thread.sign;
    long looked = System.nanoTime();
    long silent = 0;
    try {
      while (true) {
        try {
          return task.get(slice, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          long now = System.nanoTime();
          // While the process was stopped by a signal the part could not return.
          silent = sign == thread.sign ? silent + Math.min(now - looked, 2 * slice) : 0;
          sign = thread.sign;
          looked = now;
          if (silent >= limit.toNanos()) {
            throw new Hung(thread.giveUp(limit));
          }
        }
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw new CancellationException(name + " was interrupted");
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

  private String giveUp(Duration limit) throws InterruptedException {
    String where = where(getStackTrace());
    interrupt();
    join(GRACE_MILLIS);
    return "no return after %s: it is in %s%s"
        .formatted(
            limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms",
            where,
            isAlive() ? "; an interrupt does not end it, the end of this process does" : "");
  }

  /** The uppermost frames of the part's code, or the uppermost of all. */
  static String where(StackTraceElement... stack) {
    List<String> frames = new ArrayList<>();
    for (StackTraceElement frame : stack) {
      if (Broken.ofPart(frame)) {
        frames.add(words(frame));
        if (frames.size() == FRAMES) {
          break;
        }
      } else if (!frames.isEmpty()) {
        break; // below are those who called the part
      }
    }
    if (!frames.isEmpty()) {
      return String.join(", called by ", frames);
    }
    return stack.length == 0 ? "no code any more" : words(stack[0]);
  }

  static String words(StackTraceElement frame) {
    String type = frame.getClassName();
    return "%s.%s (%s:%d)"
        .formatted(
            type.substring(type.lastIndexOf('.') + 1),
            frame.getMethodName(),
            frame.getFileName(),
            frame.getLineNumber());
  }
}
