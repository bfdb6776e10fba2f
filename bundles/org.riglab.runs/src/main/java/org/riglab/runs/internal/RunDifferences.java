package org.riglab.runs.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;

/** Compares two runs key by key. */
final class RunDifferences {
  private RunDifferences() {}

  /**
   * @param a a run
   * @param b another one
   * @param metrics of both, compared
   */
  static Comparison of(Run a, Run b, List<Comparison.Metric> metrics) {
    Map<String, Comparison.Pair> spec = new LinkedHashMap<>();
    add("", a.spec(), b.spec(), spec);
    spec.remove("network");
    add("network.", a.networkSpec(), b.networkSpec(), spec);
    Map<String, Comparison.Pair> parts = new LinkedHashMap<>();
    add("", a.parts(), b.parts(), parts);
    return new Comparison(a, b, metrics, spec, parts, a.data().equals(b.data()));
  }

  private static void add(
      String prefix, Map<String, ?> a, Map<String, ?> b, Map<String, Comparison.Pair> into) {
    Set<String> keys = new TreeSet<>(a.keySet());
    keys.addAll(b.keySet());
    for (String key : keys) {
      String first = a.containsKey(key) ? Json.line(a.get(key)) : "";
      String second = b.containsKey(key) ? Json.line(b.get(key)) : "";
      if (!first.equals(second)) {
        into.put(prefix + key, new Comparison.Pair(unquoted(first), unquoted(second)));
      }
    }
  }

  private static String unquoted(String json) {
    return json.replaceFirst("^\"(.*)\"$", "$1");
  }
}
