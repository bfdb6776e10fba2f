package org.riglab.graph.internal.torchscript;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A method split in two: what depends on the parameters alone, to be computed once, and the rest,
 * which finds the results of the first in the list {@code c}.
 */
final class Preparation {
  private static final Pattern IMAGE = Pattern.compile("\\bimage\\b");

  private final List<String> lines = new ArrayList<>();
  private final List<String> rest = new ArrayList<>();
  private final List<String> made;

  /**
   * @param method lines of a method of {@code image} and {@code p}, the last its return
   */
  Preparation(List<String> method) {
    Set<String> known = new LinkedHashSet<>();
    Set<String> wanted = new LinkedHashSet<>();
    for (String line : method) {
      int equals = line.indexOf(" = ");
      Set<String> used = Adjoint.names(line.substring(Math.max(0, equals)));
      boolean fixed = equals > 0 && known.containsAll(used) && !IMAGE.matcher(line).find();
      if (fixed) {
        known.addAll(Adjoint.results(line));
        lines.add(line);
      } else {
        used.retainAll(known);
        wanted.addAll(used);
        rest.add(line);
      }
    }
    made = List.copyOf(wanted);
    for (int i = made.size() - 1; i >= 0; i--) {
      rest.add(0, "%s = c[%d]".formatted(made.get(i), i));
    }
    lines.add("return [" + String.join(", ", made) + "]");
  }

  /** How many arrays the first part makes. */
  int makes() {
    return made.size();
  }

  /** The first part, of {@code p}. */
  List<String> lines() {
    return lines;
  }

  /** The second part, of {@code image}, {@code p} and {@code c}. */
  List<String> rest() {
    return rest;
  }
}
