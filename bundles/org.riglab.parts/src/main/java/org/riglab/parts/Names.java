package org.riglab.parts;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;

/** How names are written, and which one was meant. */
public final class Names {
  private Names() {}

  /**
   * {@code outputStride}, {@code output-stride} and {@code output_stride} to the last one.
   *
   * @param name of an option
   * @return as specs write it
   */
  public static String writtenOption(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replace('-', '_').toLowerCase(Locale.ROOT);
  }

  /**
   * {@code PER_ITERATION} and {@code per_iteration} to {@code per-iteration}.
   *
   * @param name of a choice
   * @return as specs write it
   */
  public static String writtenChoice(String name) {
    return name.replace('_', '-').toLowerCase(Locale.ROOT);
  }

  /**
   * @param given a name that is not there
   * @param names those that are
   * @return all names in their order, except that the one most like the given comes first
   */
  public static Stream<String> nearestFirst(String given, Collection<String> names) {
    Stream<String> nearest =
        names.stream().min(Comparator.comparingInt(name -> distance(given, name))).stream();
    return Stream.concat(nearest, names.stream()).distinct();
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
