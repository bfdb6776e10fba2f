package org.riglab.runs.internal;

import java.util.Arrays;
import java.util.List;

/**
 * The thread of one run, in a thread group of its own: what plugins keep in thread locals goes with
 * the thread, and the threads that they leave behind are those of the group.
 */
final class RunThread {
  private final ThreadGroup group;
  private final Thread thread;

  /**
   * @param name of thread and group
   * @param body must not throw
   */
  RunThread(String name, Runnable body) {
    this.group = new ThreadGroup(name);
    this.thread = new Thread(group, body, name);
    thread.setDaemon(true);
  }

  /**
   * Runs it and waits for it. An interrupt of the caller is passed on to the run.
   *
   * @return threads that it has left behind
   */
  List<Thread> run() {
    boolean interrupted = false;
    thread.start();
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return live(group);
  }

  private static List<Thread> live(ThreadGroup group) {
    Thread[] threads = new Thread[2 * group.activeCount() + 16];
    return Arrays.stream(threads, 0, group.enumerate(threads)).filter(Thread::isAlive).toList();
  }

  /**
   * @param first of a run
   * @return it, and after it the other threads of its run
   */
  static List<Thread> threads(Thread first) {
    ThreadGroup group = first.getThreadGroup();
    if (group == null) {
      return List.of(first);
    }
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of(first),
            live(group).stream().filter(thread -> thread != first))
        .toList();
  }
}
