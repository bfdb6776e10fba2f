package org.riglab.base;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;

/** How names are written in files and on the command line, and how they are shown in messages. */
public final class Names {
  /** Longer texts are cut where they are shown, in code points. */
  private static final int SHOWN = 100;

  private Names() {}

  /**
   * Turns {@code outputStride} and {@code output-stride} into {@code output_stride}.
   *
   * @param name of an option
   * @return as specs write it
   */
  public static String writtenOption(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replace('-', '_').toLowerCase(Locale.ROOT);
  }

  /**
   * Turns {@code PER_ITERATION} and {@code per_iteration} into {@code per-iteration}.
   *
   * @param name of a choice
   * @return as specs write it
   */
  public static String writtenChoice(String name) {
    return name.replace('_', '-').toLowerCase(Locale.ROOT);
  }

  /**
   * @param constant of an enum
   * @return its name as specs write it, for example {@code per-iteration}
   */
  public static String writtenChoice(Enum<?> constant) {
    return writtenChoice(constant.name());
  }

  /**
   * @param given a name that does not exist
   * @param names those that exist
   * @return all names in their order, except that the most similar one comes first
   */
  public static Stream<String> nearestFirst(String given, Collection<String> names) {
    Stream<String> nearest =
        names.stream().min(Comparator.comparingInt(name -> distance(given, name))).stream();
    return Stream.concat(nearest, names.stream()).distinct();
  }

  /**
   * @param a any text
   * @param b any text
   * @return their Levenshtein distance
   */
  public static int distance(String a, String b) {
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

  /**
   * @param text from a file or a client
   * @return whether a terminal shows each of its characters as a character: no control characters,
   *     no line ends, no changes of direction, no lone surrogates
   */
  public static boolean printable(String text) {
    return text.codePoints().noneMatch(Names::unprintable);
  }

  /**
   * @param text from a file or a client
   * @return the same for a message: each character that is not {@link #printable} becomes {@code
   *     ?}, and a long text is cut after 100 characters
   */
  public static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(SHOWN).forEach(c -> shown.appendCodePoint(unprintable(c) ? '?' : c));
    return text.codePointCount(0, text.length()) > SHOWN
        ? shown.append("...").toString()
        : shown.toString();
  }

  static boolean unprintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
