package org.riglab.report.internal;

import java.util.List;
import java.util.Locale;
import org.riglab.report.internal.Curves.Point;

/**
 * A line chart as inline SVG; colours and strokes come from the page's style sheet.
 *
 * @param id unique on the page
 * @param title what it shows, for those who cannot see it
 * @param yTitle what the vertical axis shows
 * @param x horizontal axis, in steps
 * @param y vertical axis; what is beyond it is cut off
 */
record Chart(String id, String title, String yTitle, Axis x, Axis y) {
  static final int WIDTH = 460;
  static final int HEIGHT = 280;
  static final int LEFT = 46;
  static final int RIGHT = WIDTH - 14;
  static final int TOP = 26;
  static final int BOTTOM = HEIGHT - 40;

  /**
   * A line.
   *
   * @param style classes of the style sheet
   * @param points along x
   * @param dots whether every point has a dot
   */
  record Line(String style, List<Point> points, boolean dots) {}

  /**
   * @param lines the later ones on top
   * @param joins steps at which a further training starts
   * @return an svg element
   */
  String svg(List<Line> lines, List<Long> joins) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            """
            <svg class="chart" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title">
            <title id="%s-title">%s</title>
            <clipPath id="%s-clip"><rect x="%d" y="%d" width="%d" height="%d"/></clipPath>
            """,
            WIDTH,
            HEIGHT,
            id,
            id,
            Html.escape(title),
            id,
            LEFT,
            TOP - 3,
            RIGHT - LEFT + 4,
            BOTTOM - TOP + 6));
    for (double tick : y.ticks()) {
      String at = number(vertical(tick));
      svg.append("<path class=\"grid\" d=\"M" + LEFT + " " + at + "H" + RIGHT + "\"/>");
      text(svg, LEFT - 6, at, "end", "0.35em", y.text(tick));
    }
    svg.append("\n<path class=\"axis\" d=\"M" + LEFT + " " + BOTTOM + "H" + RIGHT + "\"/>\n");
    for (double tick : x.ticks()) {
      String at = number(horizontal(tick));
      svg.append("<path class=\"axis\" d=\"M" + at + " " + BOTTOM + "v4\"/>");
      text(svg, horizontal(tick), String.valueOf(BOTTOM + 6), "middle", "1em", x.text(tick));
    }
    text(svg, LEFT - 6, String.valueOf(TOP - 16), "start", "0.35em", yTitle);
    text(svg, RIGHT, String.valueOf(BOTTOM + 22), "end", "1em", "step");
    svg.append("\n<g clip-path=\"url(#" + id + "-clip)\">\n");
    for (long join : joins) {
      svg.append("<path class=\"join\" d=\"M" + number(horizontal(join)) + " " + TOP);
      svg.append("V" + BOTTOM + "\"/>\n");
    }
    for (Line line : lines) {
      svg.append("<path class=\"line " + line.style() + "\" d=\"" + path(line.points()) + "\"/>\n");
      if (line.dots()) {
        for (Point point : line.points()) {
          if (Double.isFinite(point.y())) {
            svg.append("<circle class=\"" + line.style() + "\" r=\"2.4\" cx=\"");
            svg.append(number(horizontal(point.x())) + "\" cy=\"");
            svg.append(number(vertical(point.y())) + "\"/>");
          }
        }
        svg.append('\n');
      }
    }
    return svg.append("</g>\n</svg>\n").toString();
  }

  private static void text(
      StringBuilder svg, double x, String y, String anchor, String shift, String text) {
    svg.append(
        String.format(
            "<text x=\"%s\" y=\"%s\" dy=\"%s\" text-anchor=\"%s\">%s</text>\n",
            number(x), y, shift, anchor, Html.escape(text)));
  }

  private double horizontal(double value) {
    return LEFT + x.place(value) * (RIGHT - LEFT);
  }

  private double vertical(double value) {
    return BOTTOM - y.place(value) * (BOTTOM - TOP);
  }

  /**
   * @param points a curve
   * @return path data with one decimal; values that are not finite leave a gap
   */
  String path(List<Point> points) {
    StringBuilder path = new StringBuilder();
    boolean down = false;
    for (Point point : points) {
      boolean draw = Double.isFinite(point.y());
      if (draw) {
        path.append(down ? "L" : "M").append(number(horizontal(point.x())));
        path.append(' ').append(number(vertical(point.y())));
      }
      down = draw;
    }
    return path.toString();
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
