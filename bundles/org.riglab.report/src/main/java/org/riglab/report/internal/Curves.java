package org.riglab.report.internal;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.bench.Training;

/** The curves of one network, its trainings joined end to end. */
final class Curves {
  /** More points than this are not told apart on a page. */
  private static final int MAX_POINTS = 400;

  private Curves() {}

  /**
   * A point of a curve.
   *
   * @param x steps since the start of the first training
   * @param y the value
   */
  record Point(double x, double y) {}

  /**
   * @param trainings in order
   * @return the steps done before each of them
   */
  static List<Long> starts(List<Training> trainings) {
    List<Long> starts = new ArrayList<>();
    long done = 0;
    for (Training training : trainings) {
      starts.add(done);
      done += lastStep(training);
    }
    return starts;
  }

  /**
   * @param trainings in order
   * @return the steps done by all of them
   */
  static long end(List<Training> trainings) {
    return trainings.stream().mapToLong(Curves::lastStep).sum();
  }

  private static long lastStep(Training training) {
    long last = 0;
    for (Training.Point point : training.points()) {
      last = Math.max(last, point.step());
    }
    for (Training.Validation validation : training.evaluations()) {
      last = Math.max(last, validation.step());
    }
    return last;
  }

  /**
   * @param trainings in order
   * @return the loss of every step
   */
  static List<Point> loss(List<Training> trainings) {
    List<Long> starts = starts(trainings);
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < trainings.size(); i++) {
      for (Training.Point point : trainings.get(i).points()) {
        points.add(new Point(starts.get(i) + point.step(), point.loss()));
      }
    }
    return points;
  }

  /**
   * @param trainings in order
   * @return one curve of mIoU (0 to 1) per iteration, first iteration first
   */
  static List<List<Point>> mIoU(List<Training> trainings) {
    List<Long> starts = starts(trainings);
    List<List<Point>> curves = new ArrayList<>();
    for (int i = 0; i < trainings.size(); i++) {
      for (Training.Validation validation : trainings.get(i).evaluations()) {
        for (int t = 0; t < validation.mIoU().size(); t++) {
          if (t == curves.size()) {
            curves.add(new ArrayList<>());
          }
          curves.get(t).add(new Point(starts.get(i) + validation.step(), validation.mIoU().get(t)));
        }
      }
    }
    return curves;
  }

  /**
   * Smooths by an exponential moving average over about a fiftieth of the curve, corrected for its
   * start so that it begins at the first value.
   *
   * @param points a curve; values that are not finite are passed over
   * @return as many points
   */
  static List<Point> smooth(List<Point> points) {
    double keep = 1 - 1 / Math.max(1, points.size() / 50.0);
    List<Point> smooth = new ArrayList<>(points.size());
    double sum = 0;
    double weight = 0;
    for (Point point : points) {
      if (Double.isFinite(point.y())) {
        sum = keep * sum + (1 - keep) * point.y();
        weight = keep * weight + (1 - keep);
      }
      smooth.add(new Point(point.x(), weight > 0 ? sum / weight : Double.NaN));
    }
    return smooth;
  }

  /**
   * Thins a curve out, keeping the least and the greatest value of each stretch, so that spikes
   * stay.
   *
   * @param points a curve
   * @return at most {@value #MAX_POINTS} points
   */
  static List<Point> thin(List<Point> points) {
    if (points.size() <= MAX_POINTS) {
      return points;
    }
    int stretches = MAX_POINTS / 2;
    List<Point> thin = new ArrayList<>(MAX_POINTS);
    for (int i = 0; i < stretches; i++) {
      int from = (int) ((long) i * points.size() / stretches);
      int to = (int) ((long) (i + 1) * points.size() / stretches);
      int least = from;
      int greatest = from;
      for (int j = from + 1; j < to; j++) {
        least = Double.compare(points.get(j).y(), points.get(least).y()) < 0 ? j : least;
        greatest = Double.compare(points.get(j).y(), points.get(greatest).y()) > 0 ? j : greatest;
      }
      thin.add(points.get(Math.min(least, greatest)));
      if (least != greatest) {
        thin.add(points.get(Math.max(least, greatest)));
      }
    }
    return thin;
  }
}
