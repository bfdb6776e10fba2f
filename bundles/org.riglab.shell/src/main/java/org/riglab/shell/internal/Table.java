package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.riglab.base.RequestText;
import org.riglab.base.Visible;

/**
 * Rows in aligned columns: numbers to the right, text to the left. If the whole is wider than
 * {@link Text#COLUMNS}, the widest column of text is wrapped.
 */
final class Table {
  private static final String GAP = "  ";
  private static final int NARROWEST = 12;

  /** Characters of a cell; what is longer is cut. */
  private static final int MOST = 500;

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?[0-9][0-9,]*([.][0-9]+)?([eE][-+]?[0-9]+)?|-|");

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param header titles of the columns
   */
  Table(String... header) {
    this(List.of(header));
  }

  /**
   * @param header titles of the columns
   */
  Table(List<String> header) {
    this.header = List.copyOf(header);
  }

  /**
   * @param cells as many as there are columns
   */
  void row(String... cells) {
    row(List.of(cells));
  }

  /**
   * @param cells as many as there are columns
   */
  void row(List<String> cells) {
    if (cells.size() != header.size()) {
      throw new IllegalArgumentException(cells + " does not fit " + header);
    }
    rows.add(cells.stream().map(cell -> RequestText.cut(Visible.line(cell), MOST)).toList());
  }

  /**
   * @return the table, every line with a line end
   */
  @Override
  public String toString() {
    int columns = header.size();
    int[] widths = new int[columns];
    boolean[] right = new boolean[columns];
    int total = GAP.length() * (columns - 1);
    for (int c = 0; c < columns; c++) {
      int column = c;
      right[c] =
          !rows.isEmpty() && rows.stream().allMatch(r -> NUMBER.matcher(r.get(column)).matches());
      widths[c] =
          Math.max(
              header.get(c).length(),
              rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0));
      total += widths[c];
    }
    narrow(widths, right, total - Text.COLUMNS);
    StringBuilder text = new StringBuilder();
    line(text, header, widths, right);
    rows.forEach(r -> line(text, r, widths, right));
    return text.toString();
  }

  /** Takes what is too much from the widest columns of text. */
  private static void narrow(int[] widths, boolean[] right, int tooMuch) {
    int left = tooMuch;
    while (left > 0) {
      int widest = -1;
      for (int c = 0; c < widths.length; c++) {
        if (!right[c] && (widest < 0 || widths[c] > widths[widest])) {
          widest = c;
        }
      }
      if (widest < 0 || widths[widest] <= NARROWEST) {
        return;
      }
      int less = Math.max(NARROWEST, widths[widest] - left);
      left -= widths[widest] - less;
      widths[widest] = less;
    }
  }

  private static void line(StringBuilder text, List<String> cells, int[] widths, boolean[] right) {
    List<String[]> wrapped = new ArrayList<>();
    int height = 1;
    for (int c = 0; c < widths.length; c++) {
      String[] lines = fold(cells.get(c), widths[c]);
      wrapped.add(lines);
      height = Math.max(height, lines.length);
    }
    for (int h = 0; h < height; h++) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < widths.length; c++) {
        String cell = h < wrapped.get(c).length ? wrapped.get(c)[h] : "";
        String pad = " ".repeat(Math.max(0, widths[c] - cell.length()));
        line.append(c == 0 ? "" : GAP).append(right[c] ? pad + cell : cell + pad);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
  }

  private static String[] fold(String cell, int width) {
    List<String> lines = new ArrayList<>();
    String rest = cell;
    while (rest.length() > width) {
      int space = rest.lastIndexOf(' ', width);
      int end = space > 0 ? space : width;
      lines.add(rest.substring(0, end));
      rest = rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines.toArray(String[]::new);
  }
}
