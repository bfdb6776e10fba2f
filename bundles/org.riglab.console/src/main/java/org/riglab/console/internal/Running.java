package org.riglab.console.internal;

import java.util.IdentityHashMap;
import java.util.Map;
import org.apache.felix.service.command.Job;

/**
 * The commands that are running, each on its thread.
 *
 * <p>Interrupting a Gogo job returns to its caller at once, while the command continues. This class
 * interrupts the thread of a command and waits for it, so that the command can save its work.
 */
final class Running {
  private final Map<Thread, Job> threads = new IdentityHashMap<>();

  /** The calling thread begins a command. */
  synchronized void enter() {
    threads.put(Thread.currentThread(), currentJob());
  }

  /** The calling thread has ended its command; an interrupt that came too late is forgotten. */
  synchronized void leave() {
    threads.remove(Thread.currentThread());
    if (Thread.interrupted() && currentJob() == null) {
      // Outside a job the thread is the process's own, and the interrupt was meant for it.
      Thread.currentThread().interrupt();
    }
    notifyAll();
  }

  /**
   * Interrupts commands.
   *
   * @param background whether to interrupt those in the background, too
   * @return whether there were any
   */
  synchronized boolean interrupt(boolean background) {
    boolean any = false;
    for (Map.Entry<Thread, Job> entry : threads.entrySet()) {
      Job job = entry.getValue();
      if (background || job == null || job.status() == Job.Status.Foreground) {
        entry.getKey().interrupt();
        any = true;
      }
    }
    return any;
  }

  /** Waits without a time limit until no command is running. */
  synchronized void await() {
    boolean interrupted = false;
    while (!threads.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Job currentJob() {
    return Job.Utils.current();
  }
}
