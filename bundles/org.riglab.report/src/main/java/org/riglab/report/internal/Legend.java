package org.riglab.report.internal;

import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Swatches with names, set in columns of equal width. */
final class Legend {
  private final Palette palette;
  private final List<Integer> labels;
  private final Lettering lettering;
  private final int swatch;
  private final int cell;

  /**
   * @param palette names and colours
   * @param labels what to list, in order
   * @param lettering of the names
   */
  Legend(Palette palette, List<Integer> labels, Lettering lettering) {
    this.palette = palette;
    this.labels = labels;
    this.lettering = lettering;
    FontMetrics metrics = lettering.plain();
    this.swatch = metrics.getAscent();
    int widest =
        labels.stream().mapToInt(l -> metrics.stringWidth(palette.name(l))).max().orElse(0);
    // A name may take 24 letters' width; a longer one is cut.
    this.cell = swatch + gap() + Math.min(widest, 24 * metrics.charWidth('n'));
  }

  private int gap() {
    return swatch / 2;
  }

  private int columns(int width) {
    int between = 3 * gap();
    return Math.max(1, Math.min(labels.size(), (width + between) / (cell + between)));
  }

  /**
   * @return width in pixels of a single column
   */
  int columnWidth() {
    return cell;
  }

  /**
   * @param width in pixels that it may take
   * @return height in pixels that it will take
   */
  int height(int width) {
    int columns = columns(width);
    return (labels.size() + columns - 1) / columns * lineHeight();
  }

  private int lineHeight() {
    return lettering.lineHeight() * 5 / 4;
  }

  /**
   * Draws it, row by row.
   *
   * @param sheet to draw on
   * @param left edge
   * @param top edge
   * @param width in pixels that it may take
   */
  void draw(BufferedImage sheet, int left, int top, int width) {
    int columns = columns(width);
    Graphics2D g = Lettering.paint(sheet);
    for (int i = 0; i < labels.size(); i++) {
      int x = left + i % columns * (cell + 3 * gap());
      int y = top + i / columns * lineHeight();
      int middle = y + (lettering.lineHeight() - swatch) / 2;
      for (int v = 0; v < swatch; v++) {
        for (int u = 0; u < swatch; u++) {
          sheet.setRGB(x + u, middle + v, palette.hatched(labels.get(i), u, v));
        }
      }
      g.setColor(new Color(0, 0, 0, 60));
      g.drawRect(x, middle, swatch - 1, swatch - 1);
      int textWidth = Math.min(cell, width) - swatch - gap();
      Lettering.write(
          g,
          lettering.plain(),
          Lettering.INK,
          palette.name(labels.get(i)),
          x + swatch + gap(),
          y,
          textWidth);
    }
    g.dispose();
  }
}
