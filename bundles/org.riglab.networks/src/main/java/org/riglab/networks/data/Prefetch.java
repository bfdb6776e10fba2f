package org.riglab.networks.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.riglab.api.RigException;

/**
 * Makes numbered things ahead on worker threads and hands them out in order. What is made does not
 * depend on how many workers there are. For one consumer.
 *
 * @param <T> what is made
 */
public final class Prefetch<T> implements AutoCloseable {
  private static final long GRACE_MILLIS = 10_000;

  private final long end;
  private final int ahead;
  private final LongFunction<T> maker;
  private final Consumer<T> disposer;
  private final List<Thread> workers = new ArrayList<>();

  /** Guarded by this: what is made and not yet handed out. */
  private final Map<Long, Result<T>> ready = new HashMap<>();

  private long toMake;
  private long toHand;
  private boolean closed;
  private long waited;

  /**
   * @param name of the threads
   * @param count how many workers
   * @param ahead how many things may be in the making or waiting
   * @param begin number of the first
   * @param end number after the last
   * @param maker makes the thing of a number; called on the workers
   * @param disposer called with what was made and will not be handed out
   */
  public Prefetch(
      String name,
      int count,
      int ahead,
      long begin,
      long end,
      LongFunction<T> maker,
      Consumer<T> disposer) {
    this.end = end;
    this.ahead = ahead;
    this.maker = maker;
    this.disposer = disposer;
    this.toMake = begin;
    this.toHand = begin;
    for (int i = 0; i < count; i++) {
      Thread worker = new Thread(null, this::work, name + "-" + (i + 1), 0, false);
      worker.setDaemon(true);
      worker.setContextClassLoader(Prefetch.class.getClassLoader());
      workers.add(worker);
    }
    workers.forEach(Thread::start);
  }

  private void work() {
    for (long number = claim(); number >= 0; number = claim()) {
      Result<T> result;
      try {
        result = new Result<>(maker.apply(number), null);
      } catch (Throwable e) { // anything a data set throws belongs to the consumer
        result = new Result<>(null, e);
      }
      deliver(number, result);
    }
  }

  /** Waits until there is room; returns the number to make, or -1 if there is nothing left. */
  private synchronized long claim() {
    try {
      while (!closed && toMake < end && toMake >= toHand + ahead) {
        wait();
      }
    } catch (InterruptedException e) {
      return -1; // only close interrupts
    }
    return closed || toMake >= end ? -1 : toMake++;
  }

  private synchronized void deliver(long number, Result<T> result) {
    if (!closed) {
      ready.put(number, result);
      notifyAll();
    } else if (result.value != null) {
      disposer.accept(result.value);
    }
  }

  /**
   * Waits for the next thing. An interrupt does not end the wait: it is kept for the caller, who
   * can finish the step in hand.
   *
   * @return what was made
   * @throws RigException if making it failed
   * @throws NoSuchElementException after the last
   */
  public synchronized T next() {
    if (closed || toHand >= end) {
      throw new NoSuchElementException("No more than " + toHand);
    }
    long start = System.nanoTime();
    boolean interrupted = false;
    while (!ready.containsKey(toHand)) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
      if (closed) {
        throw new NoSuchElementException("Closed");
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    waited += System.nanoTime() - start;
    Result<T> result = ready.remove(toHand++);
    notifyAll();
    if (result.failure instanceof RigException e) {
      throw new RigException(e.getMessage(), e);
    }
    if (result.failure != null) {
      throw new RigException("Reading data failed: " + result.failure, result.failure);
    }
    return result.value;
  }

  /**
   * @return whether there is another thing to wait for
   */
  public synchronized boolean hasNext() {
    return !closed && toHand < end;
  }

  /**
   * @return nanoseconds that {@link #next} has waited so far
   */
  public synchronized long waitedNanos() {
    return waited;
  }

  /** Stops the workers and waits for them, unless a data set does not return for seconds. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      for (Result<T> result : ready.values()) {
        if (result.value != null) {
          disposer.accept(result.value);
        }
      }
      ready.clear();
      notifyAll();
    }
    workers.forEach(Thread::interrupt);
    long deadline = System.nanoTime() + GRACE_MILLIS * 1_000_000;
    boolean interrupted = false;
    for (Thread worker : workers) {
      long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
      try {
        worker.join(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private record Result<T>(T value, Throwable failure) {}
}
