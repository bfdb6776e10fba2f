package org.riglab.report.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.riglab.api.bench.Figure;
import org.riglab.api.bench.Figure.Series;
import org.riglab.api.bench.Figure.Style;
import org.riglab.api.bench.Inspection;
import org.riglab.api.bench.Inspection.Bin;
import org.riglab.api.bench.Inspection.Dynamics;
import org.riglab.api.bench.Inspection.Flips;

/** The diagrams of an inspection, by name of their file. */
final class InspectionFigures {
  private static final int PERCENT = 100;

  /** Changes below a millionth are rounding. */
  private static final double PRECISION = -6;

  private InspectionFigures() {}

  static Map<String, String> svg(Inspection inspection) {
    Map<String, String> all = new LinkedHashMap<>();
    int iterations = inspection.iou().size();
    if (iterations > 1) {
      all.put("flips", FigureDrawing.draw(flips(inspection)));
      all.put("classes", MatrixDrawing.draw(classes(inspection)));
      all.put("residuals", FigureDrawing.draw(residuals(inspection)));
    }
    if (!inspection.dynamics().isEmpty()) {
      all.put("dynamics", FigureDrawing.draw(dynamics(inspection)));
      all.put("dynamics-accuracy", FigureDrawing.draw(dynamicsAccuracy(inspection)));
    }
    int number = 1;
    for (Inspection.Group group : inspection.groups()) {
      all.put("accuracy-" + number, FigureDrawing.draw(accuracy(group)));
      if (iterations > 1) {
        all.put("gain-" + number, FigureDrawing.draw(gain(group)));
      }
      number++;
    }
    inspection
        .gates()
        .forEach((name, gate) -> all.put("values-" + name, FigureDrawing.draw(values(name, gate))));
    return all;
  }

  private static List<Double> numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(t -> (double) t).toList();
  }

  private static Figure flips(Inspection inspection) {
    List<Flips> flips = inspection.flips().subList(1, inspection.flips().size());
    List<Double> x = numbers(2, inspection.flips().size());
    return new Figure(
        "Pixels that change their class in an iteration",
        "iteration",
        "% of the labelled pixels",
        List.of(
            bars("to wrong", x, flips.stream().map(f -> PERCENT * f.toWrong()).toList()),
            bars(
                "between wrong classes",
                x,
                flips.stream().map(f -> PERCENT * f.between()).toList()),
            bars("to right", x, flips.stream().map(f -> PERCENT * f.toRight()).toList())));
  }

  private static Series bars(String name, List<Double> x, List<Double> y) {
    return new Series(name, Style.BARS, x, y);
  }

  private static Figure.Matrix classes(Inspection inspection) {
    int iterations = inspection.iou().size();
    List<String> rows = inspection.classes().entries().stream().map(entry -> entry.name()).toList();
    List<List<Double>> values = new ArrayList<>();
    for (int c = 0; c < rows.size(); c++) {
      List<Double> row = new ArrayList<>();
      for (int t = 1; t < iterations; t++) {
        row.add(PERCENT * (inspection.iou().get(t).get(c) - inspection.iou().get(t - 1).get(c)));
      }
      values.add(row);
    }
    return new Figure.Matrix(
        "Gain in IoU of each class, points",
        "iteration",
        "class",
        IntStream.rangeClosed(2, iterations).mapToObj(String::valueOf).toList(),
        rows,
        values,
        1);
  }

  private static Figure residuals(Inspection inspection) {
    return new Figure(
        "Relative change of the logits, log10",
        "iteration",
        "log10 |z(t) - z(t-1)| / |z(t)|",
        List.of(
            new Series(
                "",
                Style.LINE,
                numbers(1, inspection.residuals().size()),
                inspection.residuals().stream().map(Math::log10).toList())));
  }

  /** The mean over the examples of a value per iteration. */
  private static Series mean(
      String name, Inspection inspection, Function<Dynamics, List<Double>> of, boolean log) {
    int iterations = of.apply(inspection.dynamics().get(0)).size();
    List<Double> means = new ArrayList<>();
    for (int t = 0; t < iterations; t++) {
      int iteration = t;
      double mean =
          inspection.dynamics().stream()
              .mapToDouble(d -> of.apply(d).get(iteration))
              .average()
              .orElse(Double.NaN);
      means.add(log ? Math.log10(mean) : PERCENT * mean);
    }
    return new Series(name, Style.LINE, numbers(1, iterations), means);
  }

  private static Figure dynamics(Inspection inspection) {
    double radius =
        inspection.dynamics().stream()
            .mapToDouble(d -> d.radius().get(d.radius().size() - 1))
            .average()
            .orElse(Double.NaN);
    Series plain = mean("plain iterations", inspection, Dynamics::plain, true);
    return new Figure(
        "Beyond the training: convergence rate "
            + Numbers.significant(rate(plain.y()))
            + ", spectral radius "
            + Numbers.significant(radius),
        "iteration",
        "log10 |z(t) - z(t-1)| / |z(t)|, mean over the worst images",
        List.of(plain, mean("Anderson acceleration", inspection, Dynamics::anderson, true)));
  }

  /**
   * The factor by which the change shrinks per iteration: the slope of the line of least squares
   * through the logarithms, from the second change to where single precision ends.
   *
   * @param logs decimal logarithms per iteration; NaN for the first
   */
  static double rate(List<Double> logs) {
    int n = 0;
    double[] sums = new double[4];
    for (int t = 1; t < logs.size() && logs.get(t) > PRECISION; t++) {
      double log = logs.get(t);
      n++;
      sums[0] += t;
      sums[1] += log;
      sums[2] += (double) t * t;
      sums[3] += t * log;
    }
    double slope = (n * sums[3] - sums[0] * sums[1]) / (n * sums[2] - sums[0] * sums[0]);
    return Math.pow(10, slope); // NaN with fewer than two changes
  }

  private static Figure dynamicsAccuracy(Inspection inspection) {
    return new Figure(
        "Correct pixels beyond the training",
        "iteration",
        "% of the labelled pixels, mean over the worst images",
        List.of(
            mean("plain iterations", inspection, Dynamics::plainAccuracy, false),
            mean("Anderson acceleration", inspection, Dynamics::andersonAccuracy, false)));
  }

  private static Figure accuracy(Inspection.Group group) {
    int iterations = group.bins().get(0).accuracy().size();
    List<Series> series = new ArrayList<>();
    for (int t = 0; t < iterations; t++) {
      int iteration = t;
      series.add(
          new Series(
              "iteration " + (t + 1),
              Style.LINE,
              numbers(1, group.bins().size()),
              group.bins().stream().map(b -> PERCENT * b.accuracy().get(iteration)).toList()));
    }
    return new Figure(
        "Correct pixels by " + group.name(), axis(group), "% of the pixels in the group", series);
  }

  private static Figure gain(Inspection.Group group) {
    int iterations = group.bins().get(0).accuracy().size();
    List<Series> series = new ArrayList<>();
    for (int t = 1; t < iterations; t++) {
      int iteration = t;
      series.add(
          bars(
              "iteration " + (t + 1),
              numbers(1, group.bins().size()),
              group.bins().stream()
                  .map(b -> PERCENT * (b.accuracy().get(iteration) - b.accuracy().get(0)))
                  .toList()));
    }
    return new Figure("Gain over iteration 1 by " + group.name(), axis(group), "points", series);
  }

  /** Group 1 is from ..., 2 from ...: their first values. */
  private static String axis(Inspection.Group group) {
    return "group, from "
        + String.join(", ", group.bins().stream().map(InspectionFigures::from).toList())
        + " "
        + group.unit();
  }

  private static String from(Bin bin) {
    return Numbers.fixed(bin.from(), 0);
  }

  private static Figure values(String name, Inspection.Gate gate) {
    List<Long> counts = gate.histogram();
    int bins = counts.size() - 1;
    double all = counts.stream().mapToLong(n -> n).sum();
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int b = 0; b < bins; b++) {
      x.add((b + 0.5) / bins);
      y.add(PERCENT * counts.get(b) / all);
    }
    return new Figure(
        "Values of "
            + name
            + ": mean "
            + Numbers.significant(gate.mean())
            + ", "
            + Numbers.percent(counts.get(bins) / all)
            + " % outside of 0 to 1",
        "value",
        "% of the values",
        List.of(bars("", x, y)));
  }
}
