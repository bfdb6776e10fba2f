package org.riglab.report.internal;

import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;

/**
 * A confusion matrix, each row in shares of its label's pixels. Few classes have large cells with
 * numbers, many have small ones.
 */
final class ConfusionPicture {
  private static final int MARGIN = 16;
  private static final int GAP = 6;
  private static final int BAR = 14;
  private static final int NUMBERED = 32;
  private static final int LONGEST_NAME = 24;
  private static final int LEAST_SIDE = 240;

  private final double[][] shares;
  private final List<String> names;
  private final Lettering lettering;
  private final int cell;

  private ConfusionPicture(double[][] shares, List<String> names) {
    this.shares = shares;
    this.names = names;
    int classes = names.size();
    lettering = Lettering.of(classes <= NUMBERED ? 12 : 10);
    cell =
        classes <= NUMBERED
            ? Math.max(lettering.plain().stringWidth("100") + 8, LEAST_SIDE / classes)
            : lettering.lineHeight();
  }

  /**
   * @param counts pixels, row = label, column = prediction; predictions outside the classes may be
   *     left out
   * @param classes names
   * @param title one line
   * @return the picture
   * @throws RigException if the matrix is empty or does not fit the classes
   */
  static BufferedImage draw(List<List<Long>> counts, ClassTable classes, String title) {
    int size = classes.size();
    if (counts.isEmpty()) {
      throw new RigException("there is no confusion matrix to draw: the metrics have none");
    }
    if (counts.size() != size || counts.stream().anyMatch(row -> row.size() != size)) {
      throw new RigException(
          "a confusion matrix of %d rows does not fit %d classes".formatted(counts.size(), size));
    }
    double[][] shares = new double[size][size];
    for (int row = 0; row < size; row++) {
      double sum = counts.get(row).stream().mapToLong(Long::longValue).sum();
      for (int column = 0; column < size; column++) {
        shares[row][column] = counts.get(row).get(column) / sum; // NaN where the row is empty
      }
    }
    return new ConfusionPicture(
            shares, classes.entries().stream().map(ClassTable.Entry::name).toList())
        .draw(title);
  }

  private BufferedImage draw(String title) {
    FontMetrics plain = lettering.plain();
    int line = lettering.lineHeight();
    int longest = LONGEST_NAME * plain.charWidth('n');
    int room = 0;
    for (String name : names) {
      room = Math.max(room, Math.min(longest, plain.stringWidth(name)));
    }
    int side = names.size() * cell;
    int left = MARGIN + line + GAP + room + GAP;
    int top = MARGIN + 2 * line + GAP;
    int barLeft = left + side + 2 * MARGIN;
    int width = barLeft + BAR + GAP + plain.stringWidth("100 %") + MARGIN;
    BufferedImage sheet = Lettering.sheet(top + side + GAP + room + GAP + line + MARGIN, width);
    Graphics2D g = Lettering.paint(sheet);
    Lettering.write(g, lettering.bold(), Lettering.INK, title, MARGIN, MARGIN, width - 2 * MARGIN);
    cells(g, left, top);
    for (int c = 0; c < names.size(); c++) {
      String name = Lettering.fit(plain, names.get(c), room);
      int middle = c * cell + (cell - line) / 2;
      int x = left - GAP - plain.stringWidth(name);
      Lettering.write(g, plain, Lettering.INK, name, x, top + middle, room);
      upwards(g, plain, name, left + middle, top + side + GAP + plain.stringWidth(name));
    }
    String label = "label";
    upwards(g, lettering.bold(), label, MARGIN, top + (side + plain.stringWidth(label)) / 2);
    String prediction = "prediction, % of the label's pixels";
    int x = Math.max(MARGIN, left + (side - lettering.bold().stringWidth(prediction)) / 2);
    int y = top + side + GAP + room + GAP;
    Lettering.write(g, lettering.bold(), Lettering.INK, prediction, x, y, width - x);
    bar(g, barLeft, top, Math.min(side, Math.max(LEAST_SIDE, side / 2)));
    g.dispose();
    return sheet;
  }

  private void cells(Graphics2D g, int left, int top) {
    FontMetrics plain = lettering.plain();
    for (int row = 0; row < names.size(); row++) {
      for (int column = 0; column < names.size(); column++) {
        double share = shares[row][column];
        int x = left + column * cell;
        int y = top + row * cell;
        g.setColor(new Color(Double.isNaN(share) ? Palette.VOID_RGB : Viridis.rgb(share)));
        g.fillRect(x, y, cell, cell);
        String text = text(share);
        if (names.size() <= NUMBERED && !text.isEmpty()) {
          Lettering.write(
              g,
              plain,
              share < 0.6 ? Color.WHITE : Color.BLACK,
              text,
              x + (cell - plain.stringWidth(text)) / 2,
              y + (cell - lettering.lineHeight()) / 2,
              cell);
        }
      }
    }
  }

  /** Whole per cent; nothing where it rounds to zero, to leave what matters. */
  private static String text(double share) {
    long percent = Double.isNaN(share) ? 0 : Math.round(100 * share);
    return percent == 0 ? "" : String.valueOf(percent);
  }

  private static void upwards(Graphics2D g, FontMetrics metrics, String text, int x, int bottom) {
    AffineTransform before = g.getTransform();
    g.rotate(-Math.PI / 2, x, bottom);
    Lettering.write(g, metrics, Lettering.INK, text, x, bottom, metrics.stringWidth(text));
    g.setTransform(before);
  }

  private void bar(Graphics2D g, int left, int top, int height) {
    for (int y = 0; y < height; y++) {
      g.setColor(new Color(Viridis.rgb(1 - (double) y / (height - 1))));
      g.fillRect(left, top + y, BAR, 1);
    }
    FontMetrics plain = lettering.plain();
    for (int percent = 0; percent <= 100; percent += 25) {
      int y = top + (100 - percent) * (height - 1) / 100;
      g.setColor(Lettering.INK);
      g.drawLine(left + BAR, y, left + BAR + 2, y);
      Lettering.write(
          g,
          plain,
          Lettering.INK,
          percent + " %",
          left + BAR + GAP,
          y - lettering.lineHeight() / 2,
          plain.stringWidth("100 %"));
    }
  }
}
