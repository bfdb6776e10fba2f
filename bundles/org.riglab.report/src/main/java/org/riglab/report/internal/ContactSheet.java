package org.riglab.report.internal;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/** A grid of labelled images with their names. */
final class ContactSheet {
  private static final int SIZE = 13;
  private static final int MARGIN = 16;
  private static final int GAP = 12;
  private static final int MAX_COLUMNS = 6;

  private ContactSheet() {}

  /**
   * @param split the images
   * @param count how many at most, spread evenly over the split
   * @param palette names and colours
   * @return the picture
   */
  static BufferedImage draw(Split split, int count, Palette palette) {
    int shown = Math.min(count, split.size());
    if (shown < 1) {
      throw new RigException(
          "nothing to show: " + count + " images of a split of " + split.size() + " asked for");
    }
    List<String> ids = new ArrayList<>();
    List<BufferedImage> pictures = new ArrayList<>();
    BitSet labels = new BitSet();
    for (int i = 0; i < shown; i++) {
      Sample sample = split.sample((int) ((long) i * split.size() / shown));
      RgbImage image = new RgbImage(sample.height(), sample.width(), sample.image());
      Palette.check(image, "image " + sample.id());
      palette.check(sample.label(), sample.height(), sample.width(), "label of " + sample.id());
      Palette.occurring(List.of(sample.label())).forEach(labels::set);
      pictures.add(
          Tile.of(sample.height(), sample.width()).overlay(image, sample.label(), palette));
      ids.add(sample.id());
    }
    Lettering lettering = Lettering.of(SIZE);
    int columns = Math.min(MAX_COLUMNS, (int) Math.ceil(Math.sqrt(shown)));
    int cell = pictures.stream().mapToInt(BufferedImage::getWidth).max().orElseThrow();
    int width = 2 * MARGIN + columns * (cell + GAP) - GAP;
    int[] tops = new int[(shown + columns - 1) / columns + 1];
    tops[0] = MARGIN;
    for (int row = 1; row < tops.length; row++) {
      int tallest =
          pictures.subList((row - 1) * columns, Math.min(shown, row * columns)).stream()
              .mapToInt(BufferedImage::getHeight)
              .max()
              .orElseThrow();
      tops[row] = tops[row - 1] + tallest + lettering.lineHeight() + GAP;
    }
    Legend legend = new Legend(palette, labels.stream().boxed().toList(), lettering);
    int legendTop = tops[tops.length - 1];
    BufferedImage sheet =
        Lettering.sheet(legendTop + legend.height(width - 2 * MARGIN) + MARGIN, width);
    Graphics2D g = Lettering.paint(sheet);
    for (int i = 0; i < shown; i++) {
      BufferedImage picture = pictures.get(i);
      int x = MARGIN + i % columns * (cell + GAP);
      int y = tops[i / columns];
      g.drawImage(picture, x, y, null);
      Lettering.write(
          g,
          lettering.plain(),
          Lettering.FAINT_INK,
          ids.get(i),
          x,
          y + picture.getHeight() + 2,
          cell);
    }
    g.dispose();
    legend.draw(sheet, MARGIN, legendTop, width - 2 * MARGIN);
    return sheet;
  }
}
