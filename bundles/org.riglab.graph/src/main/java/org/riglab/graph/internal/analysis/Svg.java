package org.riglab.graph.internal.analysis;

import java.util.Locale;

/** Pieces of an SVG document. */
final class Svg {
  private Svg() {}

  /** Straight lines with rounded corners through the points. */
  static String path(String colour, boolean dashed, int... points) {
    StringBuilder path = new StringBuilder("M%d %d".formatted(points[0], points[1]));
    int last = points.length - 2;
    for (int i = 2; i < last; i += 2) {
      int x = points[i];
      int y = points[i + 1];
      int[] before = near(x, y, points[i - 2], points[i - 1]);
      int[] after = near(x, y, points[i + 2], points[i + 3]);
      path.append("L%d %dQ%d %d %d %d".formatted(before[0], before[1], x, y, after[0], after[1]));
    }
    path.append("L%d %d".formatted(points[last], points[last + 1]));
    return line(colour, dashed, path.toString());
  }

  private static int[] near(int x, int y, int towardsX, int towardsY) {
    int round = 6;
    int dx = Math.max(-round, Math.min(round, (towardsX - x) / 2));
    int dy = Math.max(-round, Math.min(round, (towardsY - y) / 2));
    return new int[] {x + dx, y + dy};
  }

  static String line(String colour, boolean dashed, String path) {
    return """
        <path d="%s" fill="none" stroke="%s" stroke-width="1.6"%s marker-end="url(#%s)"/>
        """
        .formatted(path, colour, dashed ? " stroke-dasharray=\"6 3\"" : "", marker(colour));
  }

  static String marker(String colour) {
    return "a" + colour.substring(1);
  }

  static void text(
      StringBuilder svg,
      int x,
      int y,
      String anchor,
      int size,
      String colour,
      String weight,
      String words) {
    svg.append(
        """
        <text x="%d" y="%d" text-anchor="%s" font-size="%d" fill="%s" font-weight="%s">%s</text>
        """
            .formatted(x, y, anchor, size, colour, weight, escaped(words)));
  }

  static String escaped(String words) {
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** Three digits and a unit: 182.8 G, 5.14 G, 420 M. */
  static String amount(long number) {
    String[] units = {"", " k", " M", " G", " T", " P"};
    double value = number;
    int unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f", value) + units[unit];
  }
}
