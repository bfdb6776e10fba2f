package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/** Threads that outlive what they were made for. A run's threads are of its worker's group. */
final class LeakedThreads {
  private final Culprits culprits;

  /** What to say of each. */
  private final Map<Thread, String> left = Collections.synchronizedMap(new WeakHashMap<>());

  LeakedThreads(Culprits culprits) {
    this.culprits = culprits;
  }

  /** The live threads of a group and of those below it; none where there is no group any more. */
  static List<Thread> of(ThreadGroup group) {
    if (group == null) {
      return List.of();
    }
    Thread[] threads = new Thread[2 * group.activeCount() + 16];
    return Arrays.asList(Arrays.copyOf(threads, group.enumerate(threads)));
  }

  /** The threads there are, before a run. */
  static Set<Thread> now() {
    Set<Thread> now = Collections.newSetFromMap(new IdentityHashMap<>());
    now.addAll(of(Thread.currentThread().getThreadGroup()));
    return now;
  }

  /**
   * Names who left threads behind. Threads in nobody's code count only where a plugin took part: a
   * pool of one waits in Java's own.
   *
   * @param before the threads there were
   * @param bundles symbolic names of what took part
   * @return one line for each thread
   */
  List<String> since(Set<Thread> before, List<String> bundles) {
    List<String> lines = new ArrayList<>();
    List<String> suspects = culprits.plugins(bundles);
    for (Thread thread : of(Thread.currentThread().getThreadGroup())) {
      if (before.contains(thread) || !thread.isAlive()) {
        continue;
      }
      String who =
          culprits
              .in(List.of(thread))
              .map(c -> "; " + c)
              .orElse(suspects.isEmpty() ? "" : "; suspected: " + String.join(", ", suspects));
      if (!who.isEmpty()) {
        String line = "thread '%s' was left behind%s".formatted(thread.getName(), who);
        left.put(thread, line);
        lines.add(line);
      }
    }
    return lines;
  }

  /** Asks threads to end whose plugin has gone; remembers those that stay. */
  void sweep() {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      culprits
          .orphan(thread)
          .ifPresent(
              plugin -> {
                left.put(
                    thread,
                    "thread '%s' of plugin %s, which has gone, keeps its classes"
                        .formatted(thread.getName(), plugin));
                thread.interrupt();
              });
    }
  }

  /** What there is to say of those that still live. */
  List<String> lines() {
    synchronized (left) {
      left.keySet().removeIf(thread -> !thread.isAlive());
      return left.values().stream().sorted().toList();
    }
  }
}
