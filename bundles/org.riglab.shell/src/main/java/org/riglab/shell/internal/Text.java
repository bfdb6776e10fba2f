package org.riglab.shell.internal;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jline.utils.WCWidth;

/** Formats numbers and lines. */
final class Text {
  /** Width of lines where there is no terminal. */
  static final int COLUMNS = 100;

  private static final String ELLIPSIS = "\u2026";

  private Text() {}

  /**
   * Breaks a text into lines at spaces.
   *
   * @param text any number of words
   * @param indent columns in front of every line but the first, which starts at that column
   * @param columns no line is longer, except where a single word is
   * @return the lines, the last without a line end
   */
  static String wrap(String text, int indent, int columns) {
    StringBuilder lines = new StringBuilder();
    int column = indent;
    boolean first = true;
    for (String word : text.strip().split("\\s+")) {
      if (!first) {
        if (column + 1 + width(word) > columns) {
          lines.append('\n').append(" ".repeat(indent));
          column = indent;
        } else {
          lines.append(' ');
          column++;
        }
      }
      lines.append(word);
      column += width(word);
      first = false;
    }
    return lines.toString();
  }

  /**
   * @param text any
   * @return the columns that it takes: two for a wide character, none for one that combines
   */
  static int width(String text) {
    return text.codePoints().map(c -> Math.max(0, WCWidth.wcwidth(c))).sum();
  }

  /**
   * @param text any
   * @param room columns, 1 or more
   * @return the text, or its beginning and an ellipsis
   */
  static String cut(String text, int room) {
    return width(text) <= room ? text : text.substring(0, end(text, room - 1)) + ELLIPSIS;
  }

  /** Index after the longest beginning that fits. */
  private static int end(String text, int room) {
    int taken = 0;
    int end = 0;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      taken += Math.max(0, WCWidth.wcwidth(c));
      if (taken > room) {
        break;
      }
      end += Character.charCount(c);
    }
    return end;
  }

  /**
   * @param text any
   * @param room columns, 2 or more
   * @return lines that fit, broken at spaces where possible
   */
  static List<String> fold(String text, int room) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (width(rest) > room) {
      int most = end(rest, room);
      int space = rest.lastIndexOf(' ', most);
      int end = space > 0 ? space : Math.max(most, rest.offsetByCodePoints(0, 1));
      lines.add(rest.substring(0, end));
      rest = rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines;
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
   * @param text what others wrote
   * @return without characters that would move the cursor
   */
  static String shown(String text) {
    return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }

  /**
   * @param sha256 in hexadecimal
   * @return the first 16 digits
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
