package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.lab.Curve;

/**
 * A curve in characters. The number of points is limited: above the limit, each two neighbours are
 * replaced by their mean.
 */
final class Plot {
  private static final String BARS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
  private static final int EIGHTHS = 8;
  private static final int LABEL = 10;

  private final int room;
  private final List<Double> means = new ArrayList<>();
  private int weight = 1;
  private double sum;
  private int pending;
  private long from;
  private long to;

  /**
   * @param room points kept at most, 2 or more
   */
  Plot(int room) {
    this.room = room;
  }

  /** Begins anew with a curve. */
  void reset(Curve curve) {
    means.clear();
    weight = 1;
    sum = 0;
    pending = 0;
    for (Curve.Bucket bucket : curve.points()) {
      means.add(bucket.mean());
      to = bucket.step();
    }
    from = curve.points().isEmpty() ? 0 : curve.points().get(0).step();
    weight = (int) Math.max(1, curve.total() / Math.max(1, means.size()));
    thin();
  }

  /** Adds a point behind the others; one of an earlier step, or that is no number, is left out. */
  void add(long step, double value) {
    if (step <= to && !means.isEmpty() || !Double.isFinite(value)) {
      return;
    }
    if (means.isEmpty() && pending == 0) {
      from = step;
    }
    to = step;
    sum += value;
    if (++pending == weight) {
      means.add(sum / pending);
      sum = 0;
      pending = 0;
      thin();
    }
  }

  private void thin() {
    while (means.size() >= room) {
      if (means.size() % 2 == 1) {
        sum = weight * means.remove(means.size() - 1);
        pending = weight;
      }
      for (int i = 0; i < means.size(); i++) {
        means.set(i, (means.get(i) + means.remove(i + 1)) / 2);
      }
      weight *= 2;
    }
  }

  /**
   * @param columns of a line, 20 or more
   * @param rows lines, 2 or more
   * @return the lines, largest value above; none without points
   */
  List<String> lines(int columns, int rows) {
    List<Double> shown = new ArrayList<>(means);
    if (pending > 0) {
      shown.add(sum / pending);
    }
    shown.removeIf(value -> !Double.isFinite(value));
    if (shown.isEmpty()) {
      return List.of();
    }
    double low = shown.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    double high = shown.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    int width = Math.min(columns - LABEL - 1, shown.size());
    int[] heights = new int[width];
    for (int x = 0; x < width; x++) {
      int first = x * shown.size() / width;
      int last = Math.max(first + 1, (x + 1) * shown.size() / width);
      double mean =
          shown.subList(first, last).stream().mapToDouble(Double::doubleValue).average().orElse(0);
      double share = high > low ? (mean - low) / (high - low) : 0.5;
      heights[x] = 1 + (int) Math.round(share * (rows * EIGHTHS - 1));
    }
    List<String> lines = new ArrayList<>();
    for (int row = rows - 1; row >= 0; row--) {
      String label = row == rows - 1 ? number(high) : row == 0 ? number(low) : "";
      StringBuilder line = new StringBuilder(Text.format("%" + LABEL + "s ", label));
      for (int height : heights) {
        line.append(BARS.charAt(Math.max(0, Math.min(EIGHTHS, height - row * EIGHTHS))));
      }
      lines.add(line.toString().stripTrailing());
    }
    String steps = "step " + from + " to " + to;
    lines.add(" ".repeat(LABEL + 1) + steps);
    return lines;
  }

  private static String number(double value) {
    double size = Math.abs(value);
    return size == 0 || size >= 0.001 && size < 1e5
        ? Text.format("%.4f", value)
        : Text.format("%.2e", value);
  }
}
