package org.riglab.report.internal;

import java.util.List;
import java.util.Locale;
import org.riglab.api.bench.Figure.Matrix;

/** Draws a {@link Matrix} as an SVG document. */
final class MatrixDrawing {
  private static final int CELL_WIDTH = 62;
  private static final int CELL_HEIGHT = 28;
  private static final int TOP = 62;
  private static final int LETTER = 7;

  private MatrixDrawing() {}

  static String draw(Matrix matrix) {
    int left = 30 + LETTER * matrix.rows().stream().mapToInt(String::length).max().orElse(0);
    int width =
        Math.max(
            left + CELL_WIDTH * matrix.columns().size() + 10,
            16 + LETTER * matrix.title().length());
    int height = TOP + CELL_HEIGHT * matrix.rows().size() + 14;
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (List<Double> row : matrix.values()) {
      for (double value : row) {
        low = Double.isFinite(value) ? Math.min(low, value) : low;
        high = Double.isFinite(value) ? Math.max(high, value) : high;
      }
    }
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%1$d\" height=\"%2$d\""
                + " viewBox=\"0 0 %1$d %2$d\" role=\"img\" font-family=\"sans-serif\""
                + " font-size=\"12\">\n<title>%3$s</title>\n"
                + "<rect width=\"%1$d\" height=\"%2$d\" fill=\"#fff\"/>\n",
            width,
            height,
            Html.escape(matrix.title())));
    text(svg, 8, 16, "start", "#000", matrix.title());
    text(svg, 8, TOP - 8, "start", "#555", matrix.yTitle());
    text(svg, width - 8, 34, "end", "#555", matrix.xTitle());
    for (int c = 0; c < matrix.columns().size(); c++) {
      int centre = left + CELL_WIDTH * c + CELL_WIDTH / 2;
      text(svg, centre, TOP - 8, "middle", "#000", matrix.columns().get(c));
    }
    for (int r = 0; r < matrix.rows().size(); r++) {
      int top = TOP + CELL_HEIGHT * r;
      text(svg, left - 8, top + 18, "end", "#000", matrix.rows().get(r));
      for (int c = 0; c < matrix.columns().size(); c++) {
        cell(svg, left + CELL_WIDTH * c, top, matrix.values().get(r).get(c), low, high, matrix);
      }
    }
    return svg.append("</svg>\n").toString();
  }

  private static void cell(
      StringBuilder svg, int x, int y, double value, double low, double high, Matrix matrix) {
    if (!Double.isFinite(value)) {
      return;
    }
    double share = high > low ? (value - low) / (high - low) : 1;
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
            x,
            y,
            CELL_WIDTH - 1,
            CELL_HEIGHT - 1,
            Viridis.rgb(share)));
    text(
        svg,
        x + CELL_WIDTH / 2,
        y + 18,
        "middle",
        share < 0.6 ? "#fff" : "#000",
        Numbers.fixed(value, matrix.decimals()));
  }

  private static void text(
      StringBuilder svg, int x, int y, String anchor, String fill, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n",
            x,
            y,
            anchor,
            fill,
            Html.escape(text)));
  }
}
