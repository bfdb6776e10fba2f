package org.riglab.api.bench;

import java.util.List;

/**
 * A diagram of numbers.
 *
 * @param title one line
 * @param xTitle of the horizontal axis
 * @param yTitle of the vertical axis
 * @param series drawn in order, each in its own colour
 */
public record Figure(String title, String xTitle, String yTitle, List<Series> series) {
  /** How a series is drawn. */
  public enum Style {
    /** Points, connected. */
    LINE,
    /** Points, connected by a dashed line. */
    DASHED,
    /** Points only. */
    POINTS,
    /** Bars from zero, centred at x. */
    BARS
  }

  /**
   * A series of points.
   *
   * @param name in the legend
   * @param style of the drawing
   * @param x of each point
   * @param y of each point; one that is not finite leaves a gap
   */
  public record Series(String name, Style style, List<Double> x, List<Double> y) {}

  /**
   * A table of numbers whose cells are coloured by value.
   *
   * @param title one line
   * @param xTitle what the columns are
   * @param yTitle what the rows are
   * @param columns their names
   * @param rows their names
   * @param values by row, then column; NaN for an empty cell
   * @param decimals of the numbers
   */
  public record Matrix(
      String title,
      String xTitle,
      String yTitle,
      List<String> columns,
      List<String> rows,
      List<List<Double>> values,
      int decimals) {}
}
