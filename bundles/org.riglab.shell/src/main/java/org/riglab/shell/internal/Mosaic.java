package org.riglab.shell.internal;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pictures in the characters of a terminal. */
final class Mosaic {
  private static final String UPPER = "\u2580";
  private static final String PLAIN = "\u001b[0m";
  private static final int REGISTERS = 256;
  private static final int SIXEL = 6;
  private static final int OFFSET = 63;
  private static final int PERCENT = 100;
  private static final int LONGEST = 255;

  private Mosaic() {}

  /**
   * Scales a picture.
   *
   * @param picture any
   * @param width in pixels, 1 or more
   * @param height in pixels, 1 or more
   * @param smooth whether colours may be mixed; labels may not
   * @return the picture on black
   */
  static BufferedImage scaled(BufferedImage picture, int width, int height, boolean smooth) {
    BufferedImage from = picture;
    // Halving first: a bilinear filter alone leaves pixels out.
    while (smooth && from.getWidth() >= 2 * width && from.getHeight() >= 2 * height) {
      from = drawn(from, from.getWidth() / 2, from.getHeight() / 2, true);
    }
    return drawn(from, width, height, smooth);
  }

  private static BufferedImage drawn(BufferedImage from, int width, int height, boolean smooth) {
    BufferedImage to = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = to.createGraphics();
    graphics.setColor(Color.BLACK);
    graphics.fillRect(0, 0, width, height);
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION,
        smooth
            ? RenderingHints.VALUE_INTERPOLATION_BILINEAR
            : RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    graphics.drawImage(from, 0, 0, width, height, null);
    graphics.dispose();
    return to;
  }

  /**
   * Floyd and Steinberg's dithering to six values per channel, so that a photograph and labels
   * share the registers of a Sixel terminal.
   *
   * @param picture any
   * @return the picture in at most 216 colours
   */
  static BufferedImage dithered(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    BufferedImage to = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int shift = 0; shift <= 16; shift += 8) {
      // One column and one row more, so that the last ones pass their error on like the others.
      float[][] values = new float[height + 1][width + 2];
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          values[y][x + 1] += picture.getRGB(x, y) >> shift & 0xff;
          int level = Math.max(0, Math.min(5, Math.round(values[y][x + 1] / 51)));
          float error = values[y][x + 1] - 51 * level;
          values[y][x + 2] += error * 7 / 16;
          values[y + 1][x] += error * 3 / 16;
          values[y + 1][x + 1] += error * 5 / 16;
          values[y + 1][x + 2] += error / 16;
          to.setRGB(x, y, to.getRGB(x, y) | 51 * level << shift);
        }
      }
    }
    return to;
  }

  /**
   * Half blocks: each character shows two pixels, one above the other.
   *
   * @param picture as wide as the columns to fill; of an even height
   * @param trueColour whether the terminal has 24-bit colours; else the 256 of xterm
   * @return the rows
   */
  static List<String> blocks(BufferedImage picture, boolean trueColour) {
    List<String> rows = new ArrayList<>();
    for (int y = 0; y + 1 < picture.getHeight(); y += 2) {
      StringBuilder row = new StringBuilder();
      String before = "";
      for (int x = 0; x < picture.getWidth(); x++) {
        String colours =
            "\u001b["
                + colour(picture.getRGB(x, y), 38, trueColour)
                + ";"
                + colour(picture.getRGB(x, y + 1), 48, trueColour)
                + "m";
        row.append(colours.equals(before) ? "" : colours).append(UPPER);
        before = colours;
      }
      rows.add(row.append(PLAIN).toString());
    }
    return rows;
  }

  private static String colour(int rgb, int ground, boolean trueColour) {
    int red = rgb >> 16 & 0xff;
    int green = rgb >> 8 & 0xff;
    int blue = rgb & 0xff;
    return trueColour
        ? ground + ";2;" + red + ";" + green + ";" + blue
        : ground + ";5;" + nearest(red, green, blue);
  }

  /** Of xterm's palette, the colour cube or a grey. */
  private static int nearest(int red, int green, int blue) {
    int cube = 16 + 36 * level(red) + 6 * level(green) + level(blue);
    int mean = (red + green + blue) / 3;
    int step = Math.max(0, Math.min(23, (mean - 3) / 10));
    int grey = 8 + 10 * step;
    int toCube =
        square(red - value(level(red)))
            + square(green - value(level(green)))
            + square(blue - value(level(blue)));
    int toGrey = square(red - grey) + square(green - grey) + square(blue - grey);
    return toGrey < toCube ? 232 + step : cube;
  }

  private static int level(int value) {
    return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
  }

  private static int value(int level) {
    return level == 0 ? 0 : 55 + 40 * level;
  }

  private static int square(int value) {
    return value * value;
  }

  /**
   * Sixel graphics, as DEC's VT340 shows them.
   *
   * @param picture any
   * @return the control sequence
   */
  static String sixel(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    int[] pixels = picture.getRGB(0, 0, width, height, null, 0, width);
    Map<Integer, Integer> palette = palette(pixels);
    StringBuilder text = new StringBuilder("\u001bP0;1;0q\"1;1;" + width + ";" + height);
    palette.forEach(
        (rgb, register) ->
            text.append('#')
                .append(register)
                .append(";2;")
                .append((rgb >> 16 & 0xff) * PERCENT / 255)
                .append(';')
                .append((rgb >> 8 & 0xff) * PERCENT / 255)
                .append(';')
                .append((rgb & 0xff) * PERCENT / 255));
    for (int top = 0; top < height; top += SIXEL) {
      Map<Integer, byte[]> band = new LinkedHashMap<>();
      for (int y = top; y < Math.min(height, top + SIXEL); y++) {
        for (int x = 0; x < width; x++) {
          int register = palette.get(pixels[y * width + x]);
          band.computeIfAbsent(register, r -> new byte[width])[x] |= (byte) (1 << y - top);
        }
      }
      band.forEach(
          (register, bits) -> {
            text.append('#').append(register);
            runs(text, bits);
            text.append('$');
          });
      text.append('-');
    }
    return text.append("\u001b\\").toString();
  }

  /** Few colours are exact; of many, the lowest bits are left out of the pixels. */
  private static Map<Integer, Integer> palette(int[] pixels) {
    int mask = 0xffffff;
    for (int bits = 0; ; bits++) {
      int channel = 0xff << bits & 0xff;
      mask = channel << 16 | channel << 8 | channel;
      Map<Integer, Integer> palette = new LinkedHashMap<>();
      for (int pixel : pixels) {
        palette.putIfAbsent(pixel & mask, palette.size());
        if (palette.size() > REGISTERS) {
          break;
        }
      }
      if (palette.size() <= REGISTERS) {
        for (int i = 0; i < pixels.length; i++) {
          pixels[i] &= mask;
        }
        return palette;
      }
    }
  }

  private static void runs(StringBuilder text, byte[] bits) {
    int x = 0;
    while (x < bits.length) {
      int end = x;
      while (end < bits.length && bits[end] == bits[x] && end - x < LONGEST) {
        end++;
      }
      String one = new String(new byte[] {(byte) (OFFSET + bits[x])}, StandardCharsets.US_ASCII);
      text.append(end - x > 3 ? "!" + (end - x) + one : one.repeat(end - x));
      x = end;
    }
  }
}
