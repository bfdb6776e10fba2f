package org.riglab.itests;

import java.lang.management.ManagementFactory;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;

/** What the garbage collector leaves. */
final class Heap {
  /**
   * Rank, instances, bytes and name of a class, not the JDK's: of those, what is cached or freed a
   * little later comes and goes.
   */
  private static final Pattern CLASS =
      Pattern.compile(
          "(?m)^ *\\d+: +(\\d+) +\\d+ +(?!\\[*L?(?:java|javax|jdk|sun)\\.|\\[+[A-KM-Z]\\s)(\\S+)");

  private Heap() {}

  /** Number and size of each class's instances after a full collection, as the JVM prints them. */
  static String histogram() {
    try {
      return (String)
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many instances more of each class but the JDK's there are in a later histogram. */
  static Map<String, Long> grown(String before, String after) {
    Map<String, Long> grown = instances(after);
    instances(before).forEach((name, count) -> grown.merge(name, -count, Long::sum));
    return grown;
  }

  private static Map<String, Long> instances(String histogram) {
    // Classes of one name in several loaders are one here.
    return CLASS
        .matcher(histogram)
        .results()
        .collect(
            Collectors.toMap(
                m -> m.group(2), m -> Long.valueOf(m.group(1)), Long::sum, TreeMap::new));
  }

  /** Collects garbage until all references are cleared, or a collection clears none. */
  static void collect(ReferenceQueue<ClassLoader> queue, Set<WeakReference<ClassLoader>> references)
      throws InterruptedException {
    int left;
    do {
      left = references.size();
      System.gc();
      for (var cleared = queue.remove(1000); cleared != null; cleared = queue.poll()) {
        references.remove(cleared);
      }
    } while (!references.isEmpty() && references.size() < left);
  }
}
