package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.riglab.base.RequestText;
import org.riglab.base.Visible;

/**
 * Rows in aligned columns: numbers to the right, text to the left. If the whole is wider than the
 * terminal, text is shortened or wrapped, then the least important columns are left out, and at
 * last the columns are printed in several blocks.
 */
final class Table {
  private static final String GAP = "  ";
  private static final int LEAST = 12;

  /** Characters of a cell; what is longer is cut. */
  private static final int MOST = 500;

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?[0-9][0-9,]*([.][0-9]+)?([eE][-+]?[0-9]+)?|-|");

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> optional = new ArrayList<>();
  private final Set<String> elided = new HashSet<>();
  private final Set<String> states = new HashSet<>();

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
   * @param titles of columns to leave out where there is no room, the first one first
   * @return this
   */
  Table optional(String... titles) {
    optional.addAll(List.of(titles));
    return this;
  }

  /**
   * @param titles of columns whose text is cut where there is no room, instead of wrapped
   * @return this
   */
  Table elided(String... titles) {
    elided.addAll(List.of(titles));
    return this;
  }

  /**
   * @param titles of columns whose words have colours; see {@link Style#of}
   * @return this
   */
  Table states(String... titles) {
    states.addAll(List.of(titles));
    return this;
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
   * @return the table without colours, as where there is no terminal
   */
  @Override
  public String toString() {
    return text(Text.COLUMNS, false);
  }

  /**
   * @param room columns of the terminal
   * @param colour whether to use colours
   * @return the table, every line with a line end
   */
  String text(int room, boolean colour) {
    int[] widths = new int[header.size()];
    boolean[] right = new boolean[header.size()];
    for (int c = 0; c < widths.length; c++) {
      int column = c;
      right[c] =
          !rows.isEmpty() && rows.stream().allMatch(r -> NUMBER.matcher(r.get(column)).matches());
      widths[c] =
          Math.max(
              Text.width(header.get(c)),
              rows.stream().mapToInt(r -> Text.width(r.get(column))).max().orElse(0));
    }
    List<Integer> shown = new ArrayList<>(IntStream.range(0, widths.length).boxed().toList());
    int[] fitted = shrunk(shown, widths, right, room);
    for (String title : optional) {
      if (total(shown, fitted) > room) {
        shown.remove((Integer) header.indexOf(title));
        fitted = shrunk(shown, widths, right, room);
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<Integer> block : blocks(shown, fitted, room)) {
      text.append(text.isEmpty() ? "" : "\n");
      line(text, block, header, fitted, right, c -> colour ? Style.TITLE : Style.PLAIN);
      for (List<String> row : rows) {
        line(
            text,
            block,
            row,
            fitted,
            right,
            c -> colour && states.contains(header.get(c)) ? Style.of(row.get(c)) : Style.PLAIN);
      }
    }
    return text.toString();
  }

  private static int total(List<Integer> shown, int[] widths) {
    return shown.stream().mapToInt(c -> widths[c]).sum() + GAP.length() * (shown.size() - 1);
  }

  /** The widest columns of text give way first. */
  private int[] shrunk(List<Integer> shown, int[] widths, boolean[] right, int room) {
    int[] shrunk = widths.clone();
    for (int excess = total(shown, widths) - room; excess > 0; excess--) {
      int widest = -1;
      for (int c : shown) {
        int least = Math.max(LEAST, Text.width(header.get(c)));
        if (!right[c] && shrunk[c] > least && (widest < 0 || shrunk[c] > shrunk[widest])) {
          widest = c;
        }
      }
      if (widest < 0) {
        break;
      }
      shrunk[widest]--;
    }
    return shrunk;
  }

  /** The first column is repeated in every block. */
  private static List<List<Integer>> blocks(List<Integer> shown, int[] widths, int room) {
    List<List<Integer>> blocks = new ArrayList<>();
    List<Integer> block = new ArrayList<>();
    for (int c : shown) {
      block.add(c);
      if (block.size() > 2 && total(block, widths) > room) {
        block.remove(block.size() - 1);
        blocks.add(block);
        block = new ArrayList<>(List.of(shown.get(0), c));
      }
    }
    blocks.add(block);
    return blocks;
  }

  private interface Styles {
    Style of(int column);
  }

  private void line(
      StringBuilder text,
      List<Integer> block,
      List<String> cells,
      int[] widths,
      boolean[] right,
      Styles styles) {
    List<List<String>> wrapped = new ArrayList<>();
    int height = 1;
    for (int c : block) {
      List<String> lines =
          elided.contains(header.get(c))
              ? List.of(Text.cut(cells.get(c), widths[c]))
              : Text.fold(cells.get(c), widths[c]);
      wrapped.add(lines);
      height = Math.max(height, lines.size());
    }
    for (int h = 0; h < height; h++) {
      StringBuilder line = new StringBuilder();
      int blank = 0;
      for (int b = 0; b < block.size(); b++) {
        int c = block.get(b);
        String cell = h < wrapped.get(b).size() ? wrapped.get(b).get(h) : "";
        int pad = Math.max(0, widths[c] - Text.width(cell));
        blank += (b == 0 ? 0 : GAP.length()) + (right[c] ? pad : 0);
        if (!cell.isEmpty()) {
          line.append(" ".repeat(blank)).append(styles.of(c).on(cell));
          blank = 0;
        }
        blank += right[c] ? 0 : pad;
      }
      text.append(line).append('\n');
    }
  }
}
