package org.riglab.base;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
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
   * @param given a name that does not exist
   * @param names those that exist
   * @return the most similar one, if so few characters differ that it may be meant
   */
  public static Optional<String> similar(String given, Collection<String> names) {
    String plain = plain(given);
    return names.stream()
        .min(Comparator.comparingInt(name -> distance(plain, plain(name))))
        .filter(
            name ->
                distance(plain, plain(name))
                    <= Math.max(1, Math.min(plain.length(), plain(name).length()) / 3));
  }

  private static String plain(String name) {
    return beginning(name).replaceAll("[-_. ]", "").toLowerCase(Locale.ROOT);
  }

  /**
   * @param a any text
   * @param b any text
   * @return the number of characters to insert, delete, replace or swap with the next one that
   *     makes one of the other (optimal string alignment); of long texts, of their first 100
   */
  public static int distance(String a, String b) {
    return edits(beginning(a), beginning(b));
  }

  /** Keys of files may be long; what makes them long does not matter here. */
  private static String beginning(String name) {
    return name.substring(0, Math.min(SHOWN, name.length()));
  }

  private static int edits(String a, String b) {
    int[][] rows = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          rows[i][j] = i + j;
          continue;
        }
        int replaced = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        rows[i][j] = Math.min(replaced, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
      }
    }
    return rows[a.length()][b.length()];
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
