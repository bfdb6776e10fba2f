package org.riglab.evaluation.internal;

import java.util.ArrayDeque;
import java.util.Arrays;

/** Distances and regions in label maps. */
final class Distances {
  private static final double FAR = 1e12;

  private Distances() {}

  /**
   * The exact Euclidean distance to the nearest pixel of a set (Felzenszwalb and Huttenlocher,
   * Theory of Computing 2012).
   *
   * @param set height*width
   * @return per pixel; infinite if the set is empty
   */
  static double[] toNearest(boolean[] set, int height, int width) {
    double[] squares = new double[set.length];
    for (int i = 0; i < set.length; i++) {
      squares[i] = set[i] ? 0 : FAR;
    }
    double[] line = new double[Math.max(height, width)];
    for (int x = 0; x < width; x++) {
      for (int y = 0; y < height; y++) {
        line[y] = squares[y * width + x];
      }
      double[] done = parabolas(line, height);
      for (int y = 0; y < height; y++) {
        squares[y * width + x] = done[y];
      }
    }
    double[] distances = new double[set.length];
    for (int y = 0; y < height; y++) {
      double[] done = parabolas(Arrays.copyOfRange(squares, y * width, (y + 1) * width), width);
      for (int x = 0; x < width; x++) {
        distances[y * width + x] =
            done[x] >= FAR / 2 ? Double.POSITIVE_INFINITY : Math.sqrt(done[x]);
      }
    }
    return distances;
  }

  /** The lower envelope of parabolas of the given heights. */
  private static double[] parabolas(double[] heights, int n) {
    int[] places = new int[n];
    double[] bounds = new double[n + 1];
    int last = 0;
    bounds[0] = Double.NEGATIVE_INFINITY;
    bounds[1] = Double.POSITIVE_INFINITY;
    for (int q = 1; q < n; q++) {
      double meet = meet(heights, q, places[last]);
      while (meet <= bounds[last]) {
        last--;
        meet = meet(heights, q, places[last]);
      }
      last++;
      places[last] = q;
      bounds[last] = meet;
      bounds[last + 1] = Double.POSITIVE_INFINITY;
    }
    double[] envelope = new double[n];
    int k = 0;
    for (int q = 0; q < n; q++) {
      while (bounds[k + 1] < q) {
        k++;
      }
      double step = q - places[k];
      envelope[q] = step * step + heights[places[k]];
    }
    return envelope;
  }

  private static double meet(double[] heights, int q, int p) {
    return (heights[q] + (double) q * q - heights[p] - (double) p * p) / (2.0 * (q - p));
  }

  /** Pixels with a 4-neighbour of another label. */
  static boolean[] borders(byte[] label, int height, int width) {
    boolean[] border = new boolean[label.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int i = y * width + x;
        border[i] =
            x > 0 && label[i - 1] != label[i]
                || x + 1 < width && label[i + 1] != label[i]
                || y > 0 && label[i - width] != label[i]
                || y + 1 < height && label[i + width] != label[i];
      }
    }
    return border;
  }

  /** For each pixel the size of its 4-connected region of one label. */
  static int[] areas(byte[] label, int height, int width) {
    int[] areas = new int[label.length];
    int[] members = new int[label.length];
    boolean[] seen = new boolean[label.length];
    ArrayDeque<Integer> open = new ArrayDeque<>();
    for (int start = 0; start < label.length; start++) {
      if (seen[start]) {
        continue;
      }
      int count = 0;
      open.add(start);
      seen[start] = true;
      while (!open.isEmpty()) {
        int i = open.poll();
        members[count++] = i;
        int x = i % width;
        visit(x > 0 ? i - 1 : -1, start, label, seen, open);
        visit(x + 1 < width ? i + 1 : -1, start, label, seen, open);
        visit(i - width, start, label, seen, open);
        visit(i + width < label.length ? i + width : -1, start, label, seen, open);
      }
      for (int k = 0; k < count; k++) {
        areas[members[k]] = count;
      }
    }
    return areas;
  }

  private static void visit(
      int i, int start, byte[] label, boolean[] seen, ArrayDeque<Integer> open) {
    if (i >= 0 && !seen[i] && label[i] == label[start]) {
      seen[i] = true;
      open.add(i);
    }
  }

  /** The distance of each pixel to the nearest part of its own class; infinite without one. */
  static double[] toParts(byte[] label, byte[] parts, int height, int width) {
    double[] distances = new double[label.length];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    boolean[] classes = new boolean[256];
    for (int i = 0; i < label.length; i++) {
      classes[label[i] & 0xff] |= parts[i] != 0;
    }
    for (int c = 0; c < classes.length; c++) {
      if (classes[c]) {
        boolean[] set = new boolean[label.length];
        for (int i = 0; i < label.length; i++) {
          set[i] = parts[i] != 0 && (label[i] & 0xff) == c;
        }
        double[] own = toNearest(set, height, width);
        for (int i = 0; i < label.length; i++) {
          distances[i] = (label[i] & 0xff) == c ? own[i] : distances[i];
        }
      }
    }
    return distances;
  }
}
