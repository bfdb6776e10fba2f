package org.riglab.training.internal;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.bench.Training;

/**
 * The points of a training for its result, in memory that does not grow with its length: each one
 * at first; whenever there are too many, every second one of them is dropped. The last one is there
 * always.
 */
final class KeptPoints {
  /** As the documentation of {@link Training#points} says; 4 MB or so. */
  static final int MOST = 65_536;

  private final List<Training.Point> kept = new ArrayList<>();
  private long every = 1;
  private Training.Point last;

  /**
   * @param point of the step after that of the point before
   */
  void add(Training.Point point) {
    last = point;
    if ((point.step() - 1) % every != 0) {
      return;
    }
    kept.add(point);
    if (kept.size() == MOST) {
      every *= 2;
      kept.removeIf(one -> (one.step() - 1) % every != 0);
    }
  }

  /**
   * @return the points in order
   */
  List<Training.Point> points() {
    List<Training.Point> points = new ArrayList<>(kept);
    if (last != null && (kept.isEmpty() || !kept.get(kept.size() - 1).equals(last))) {
      points.add(last);
    }
    return points;
  }
}
