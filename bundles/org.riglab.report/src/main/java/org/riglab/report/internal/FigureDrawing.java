package org.riglab.report.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.riglab.api.bench.Figure;
import org.riglab.api.bench.Figure.Series;
import org.riglab.api.bench.Figure.Style;

/** Draws a {@link Figure} as an SVG document. */
final class FigureDrawing {
  /** Colours that can be told apart by people who see few colours (Okabe and Ito). */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000");

  private static final int WIDTH = 560;
  private static final int LEFT = 62;
  private static final int RIGHT = WIDTH - 28;
  private static final int TOP = 44;
  private static final int PLOT = 260;
  private static final int BOTTOM = TOP + PLOT;
  private static final int LEGEND_LINE = 18;
  private static final int TICKS = 6;
  private static final double FONT = 12;

  /** Bold characters of that size that fit beside the left margin. */
  private static final double TITLE_LENGTH = 66;

  private final Figure figure;
  private final Axis x;
  private final Axis y;
  private final StringBuilder svg = new StringBuilder();

  private FigureDrawing(Figure figure) {
    this.figure = figure;
    double half = barWidth() / 2;
    double[] xs = all(figure.series().stream().map(Series::x));
    double[] ys = all(figure.series().stream().map(Series::y));
    boolean bars = figure.series().stream().anyMatch(s -> s.style() == Style.BARS);
    Axis free = axis(least(xs) - half, most(xs) + half, half == 0);
    x = DoubleStream.of(xs).allMatch(value -> value == Math.rint(value)) ? free.whole() : free;
    y =
        axis(
            bars ? Math.min(0, least(ys)) : least(ys),
            bars ? Math.max(0, most(ys)) : most(ys),
            true);
  }

  private static Axis axis(double low, double high, boolean round) {
    double room = high > low ? 0 : high == 0 ? 1 : Math.abs(high) * 0.1;
    return round
        ? Axis.round(low - room, high + room, TICKS)
        : Axis.exact(low - room, high + room, TICKS);
  }

  private static double[] all(Stream<List<Double>> lists) {
    return lists.flatMap(List::stream).mapToDouble(v -> v).filter(Double::isFinite).toArray();
  }

  private static double least(double[] values) {
    double least = Double.POSITIVE_INFINITY;
    for (double value : values) {
      least = Math.min(least, value);
    }
    return values.length == 0 ? 0 : least;
  }

  private static double most(double[] values) {
    double most = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      most = Math.max(most, value);
    }
    return values.length == 0 ? 1 : most;
  }

  /** The smallest distance of two bars; 0 without bars. */
  private double barWidth() {
    double width = 0;
    for (Series series : figure.series()) {
      if (series.style() == Style.BARS) {
        List<Double> places = series.x().stream().sorted().distinct().toList();
        for (int i = 1; i < places.size(); i++) {
          double step = places.get(i) - places.get(i - 1);
          width = width == 0 ? step : Math.min(width, step);
        }
        width = width == 0 ? 1 : width;
      }
    }
    return width;
  }

  static String draw(Figure figure) {
    return new FigureDrawing(figure).draw();
  }

  private String draw() {
    List<Series> named = figure.series().stream().filter(s -> !s.name().isEmpty()).toList();
    int height = BOTTOM + 48 + LEGEND_LINE * named.size();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%1$d\" height=\"%2$d\""
                + " viewBox=\"0 0 %1$d %2$d\" role=\"img\" font-family=\"sans-serif\""
                + " font-size=\"12\">\n<title>%3$s</title>\n"
                + "<rect width=\"%1$d\" height=\"%2$d\" fill=\"#fff\"/>\n",
            WIDTH,
            height,
            Html.escape(figure.title())));
    double font = FONT * Math.min(1, TITLE_LENGTH / figure.title().length());
    text(
        LEFT,
        16,
        "start",
        " font-weight=\"bold\" font-size=\"" + number(font) + "\"",
        figure.title());
    text(LEFT, 34, "start", " fill=\"#555\"", figure.yTitle());
    text(RIGHT, BOTTOM + 36, "end", " fill=\"#555\"", figure.xTitle());
    axes();
    List<Series> series = figure.series();
    for (int i = 0; i < series.size(); i++) {
      draw(series.get(i), colour(i));
    }
    for (int i = 0; i < named.size(); i++) {
      double at = BOTTOM + 48 + LEGEND_LINE * i + 4;
      String colour = colour(series.indexOf(named.get(i)));
      svg.append("<rect x=\"" + LEFT + "\" y=\"" + number(at - 9));
      svg.append("\" width=\"12\" height=\"12\" fill=\"" + colour + "\"/>\n");
      text(LEFT + 18, at + 1, "start", "", named.get(i).name());
    }
    return svg.append("</svg>\n").toString();
  }

  private static String colour(int index) {
    return COLOURS.get(index % COLOURS.size());
  }

  private void axes() {
    for (double tick : y.ticks()) {
      String at = number(vertical(tick));
      svg.append("<path stroke=\"#ddd\" d=\"M" + LEFT + " " + at + "H" + RIGHT + "\"/>\n");
      text(LEFT - 6, vertical(tick) + 4, "end", "", y.text(tick));
    }
    for (double tick : x.ticks()) {
      String at = number(horizontal(tick));
      svg.append("<path stroke=\"#888\" d=\"M" + at + " " + BOTTOM + "v4\"/>\n");
      text(horizontal(tick), BOTTOM + 18, "middle", "", x.text(tick));
    }
    svg.append("<path stroke=\"#888\" d=\"M" + LEFT + " " + BOTTOM + "H" + RIGHT + "\"/>\n");
  }

  private void draw(Series series, String colour) {
    if (series.style() == Style.BARS) {
      bars(series, colour);
      return;
    }
    if (series.style() != Style.POINTS) {
      svg.append("<path fill=\"none\" stroke-width=\"1.8\" stroke=\"" + colour + "\"");
      svg.append(series.style() == Style.DASHED ? " stroke-dasharray=\"5 4\"" : "");
      svg.append(" d=\"" + path(series) + "\"/>\n");
    }
    for (int i = 0; i < series.x().size(); i++) {
      if (Double.isFinite(series.y().get(i))) {
        svg.append("<circle r=\"" + (series.style() == Style.POINTS ? "4" : "2.6"));
        svg.append("\" fill=\"" + colour + "\" cx=\"" + number(horizontal(series.x().get(i))));
        svg.append("\" cy=\"" + number(vertical(series.y().get(i))) + "\"/>\n");
      }
    }
  }

  private void bars(Series series, String colour) {
    List<Series> all =
        new ArrayList<>(figure.series().stream().filter(s -> s.style() == Style.BARS).toList());
    double whole = barWidth() * 0.86;
    double own = whole / all.size();
    int place = all.indexOf(series);
    for (int i = 0; i < series.x().size(); i++) {
      double value = series.y().get(i);
      if (Double.isFinite(value)) {
        double from = horizontal(series.x().get(i) - whole / 2 + own * place);
        double to = horizontal(series.x().get(i) - whole / 2 + own * (place + 1));
        double top = vertical(Math.max(0, value));
        svg.append("<rect fill=\"" + colour + "\" x=\"" + number(from) + "\" y=\"");
        svg.append(number(top) + "\" width=\"" + number(to - from) + "\" height=\"");
        svg.append(number(Math.abs(vertical(value) - vertical(0))) + "\"/>\n");
      }
    }
  }

  private String path(Series series) {
    StringBuilder path = new StringBuilder();
    boolean down = false;
    for (int i = 0; i < series.x().size(); i++) {
      boolean draw = Double.isFinite(series.y().get(i));
      if (draw) {
        path.append(down ? "L" : "M").append(number(horizontal(series.x().get(i))));
        path.append(' ').append(number(vertical(series.y().get(i))));
      }
      down = draw;
    }
    return path.toString();
  }

  private void text(double at, double line, String anchor, String more, String text) {
    svg.append("<text x=\"" + number(at) + "\" y=\"" + number(line) + "\" text-anchor=\"");
    svg.append(anchor + "\"" + more + ">" + Html.escape(text) + "</text>\n");
  }

  private double horizontal(double value) {
    return LEFT + x.place(value) * (RIGHT - LEFT);
  }

  private double vertical(double value) {
    return BOTTOM - y.place(value) * PLOT;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value).replaceFirst("\\.0$", "");
  }
}
