package org.riglab.report.internal;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import org.riglab.api.RigException;

/**
 * Text on pictures.
 *
 * @param plain for most things
 * @param bold for titles
 */
record Lettering(FontMetrics plain, FontMetrics bold) {
  /** Colour of text. */
  static final Color INK = new Color(0x1F2328);

  /** Colour of text that matters less. */
  static final Color FAINT_INK = new Color(0x656D76);

  /**
   * @param size of the letters in pixels
   * @return the platform's sans serif
   * @throws RigException if the Java runtime finds no font at all, as in a bare container
   */
  static Lettering of(int size) {
    Graphics2D g = paint(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));
    try {
      return new Lettering(
          g.getFontMetrics(new Font(Font.SANS_SERIF, Font.PLAIN, size)),
          g.getFontMetrics(new Font(Font.SANS_SERIF, Font.BOLD, size)));
    } catch (RuntimeException | Error e) {
      // A machine without fonts: Java throws a bare Error, an InternalError or an unchecked
      // exception, by version and by what is missing.
      throw new RigException(
          "cannot write on pictures: Java finds no font; install fontconfig and a font, for example"
              + " fonts-dejavu-core",
          e);
    } finally {
      g.dispose();
    }
  }

  /**
   * @param picture to draw on
   * @return smooth shapes and text
   */
  static Graphics2D paint(BufferedImage picture) {
    Graphics2D g = picture.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    return g;
  }

  /**
   * @param height in pixels
   * @param width in pixels
   * @return an empty white picture
   */
  static BufferedImage sheet(int height, int width) {
    BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sheet.createGraphics();
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, width, height);
    g.dispose();
    return sheet;
  }

  /**
   * @return pixels from one line to the next
   */
  int lineHeight() {
    return plain.getHeight();
  }

  /**
   * Writes one line, cut with an ellipsis where it is too long.
   *
   * @param g to draw on
   * @param metrics {@link #plain} or {@link #bold}
   * @param color of the text
   * @param text what to write
   * @param x left edge
   * @param y upper edge of the line
   * @param width at most
   */
  static void write(
      Graphics2D g, FontMetrics metrics, Color color, String text, int x, int y, int width) {
    g.setFont(metrics.getFont());
    g.setColor(color);
    g.drawString(fit(metrics, text, width), x, y + metrics.getAscent());
  }

  /**
   * @param metrics of the font
   * @param text a line
   * @param width in pixels
   * @return the text, cut with an ellipsis if it is wider
   */
  static String fit(FontMetrics metrics, String text, int width) {
    if (metrics.stringWidth(text) <= width) {
      return text;
    }
    int end = text.length();
    while (end > 0 && metrics.stringWidth(text.substring(0, end).strip() + "\u2026") > width) {
      end = text.offsetByCodePoints(end, -1);
    }
    return text.substring(0, end).strip() + "\u2026";
  }
}
