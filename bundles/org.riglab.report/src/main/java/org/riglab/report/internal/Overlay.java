package org.riglab.report.internal;

import java.awt.image.BufferedImage;
import java.util.List;
import org.riglab.api.bench.RgbImage;

/** An image at its own size with its labels laid over, and a legend. */
final class Overlay {
  /** Images narrower than this have the legend at their side. */
  private static final int BESIDE_BELOW = 320;

  private Overlay() {}

  /**
   * @param image the image; stands in the upper left corner
   * @param labels one per pixel, checked
   * @param palette names and colours
   * @return the picture
   */
  static BufferedImage draw(RgbImage image, byte[] labels, Palette palette) {
    int height = image.height();
    int width = image.width();
    int size = Math.max(13, Math.min(64, Math.min(height, width) / 40));
    Legend legend = new Legend(palette, Palette.occurring(List.of(labels)), Lettering.of(size));
    BufferedImage sheet;
    if (width < BESIDE_BELOW) {
      int legendWidth = legend.columnWidth();
      int legendHeight = legend.height(legendWidth);
      sheet =
          Lettering.sheet(Math.max(height, legendHeight + size), width + legendWidth + 2 * size);
      legend.draw(sheet, width + size, size / 2, legendWidth);
    } else {
      int legendWidth = width - 2 * size;
      sheet = Lettering.sheet(height + legend.height(legendWidth) + 3 * size / 2, width);
      legend.draw(sheet, size, height + size, legendWidth);
    }
    byte[] rgb = image.rgb();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = y * width + x;
        int pixel =
            (rgb[3 * at] & 0xFF) << 16 | (rgb[3 * at + 1] & 0xFF) << 8 | rgb[3 * at + 2] & 0xFF;
        sheet.setRGB(
            x, y, Palette.mix(pixel, palette.hatched(labels[at] & 0xFF, x, y), Tile.BLEND));
      }
    }
    return sheet;
  }
}
