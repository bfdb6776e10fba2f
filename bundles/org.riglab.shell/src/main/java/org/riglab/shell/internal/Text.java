package org.riglab.shell.internal;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers and lines for people. */
final class Text {
  /** No line is longer, except where a single word is. */
  static final int COLUMNS = 100;

  private Text() {}

  /**
   * Breaks a text into lines at spaces.
   *
   * @param text any number of words
   * @param indent columns in front of every line but the first, which starts at that column
   * @return the lines, the last without a line end
   */
  static String wrap(String text, int indent) {
    StringBuilder lines = new StringBuilder();
    int column = indent;
    boolean first = true;
    for (String word : text.strip().split("\\s+")) {
      if (!first) {
        if (column + 1 + word.length() > COLUMNS) {
          lines.append('\n').append(" ".repeat(indent));
          column = indent;
        } else {
          lines.append(' ');
          column++;
        }
      }
      lines.append(word);
      column += word.length();
      first = false;
    }
    return lines.toString();
  }

  /**
   * @param fraction 0 to 1
   * @return per cent with two decimals; a dash for NaN
   */
  static String percent(double fraction) {
    return Double.isNaN(fraction) ? "-" : String.format(Locale.ROOT, "%.2f", 100 * fraction);
  }

  /**
   * @param number any
   * @return with a comma between thousands
   */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /**
   * @param number any
   * @param noun what is counted
   * @return the number and the noun in singular or plural
   */
  static String count(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /**
   * @param text any
   * @param room columns, 4 or more
   * @return the text, or as much of its end as there is room for
   */
  static String tail(String text, int room) {
    return text.length() <= room ? text : "..." + text.substring(text.length() - room + 3);
  }

  /**
   * @param sha256 in hexadecimal
   * @return enough of it to tell it from others
   */
  static String digest(String sha256) {
    return sha256.substring(0, Math.min(16, sha256.length()));
  }

  /**
   * @param size height and width
   * @return for example 180x240
   */
  static String size(List<Integer> size) {
    return size.get(0) + "x" + size.get(1);
  }

  /**
   * @param numbers any
   * @return with commas between them and no more decimals than they have
   */
  static String numbers(List<Double> numbers) {
    return numbers.stream()
        .map(n -> BigDecimal.valueOf(n).stripTrailingZeros().toPlainString())
        .collect(Collectors.joining(","));
  }

  /**
   * @param seconds of time
   * @return for example 45s, 3m12s or 2h05m
   */
  static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "-";
    }
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + "s";
    } else if (whole < 3600) {
      return String.format(Locale.ROOT, "%dm%02ds", whole / 60, whole % 60);
    }
    return String.format(Locale.ROOT, "%dh%02dm", whole / 3600, whole / 60 % 60);
  }

  /**
   * @param format as in {@link String#format}
   * @param arguments of the format
   * @return formatted the same everywhere
   */
  static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
