package org.riglab.report.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.Test;
import org.riglab.api.bench.Training;
import org.riglab.report.internal.Curves.Point;

public final class CurvesTest {
  private static final double NAN = Double.NaN;

  @Test
  public void trainingsAreJoinedEndToEnd() {
    List<Training> trainings =
        List.of(
            training(
                List.of(new Training.Point(1, 3, 1), new Training.Point(2, 2, 1)),
                List.of(new Training.Validation(2, List.of(0.1)))),
            training(
                List.of(new Training.Point(1, 1, 1)),
                List.of(new Training.Validation(1, List.of(0.2, 0.3)))));

    assertEquals(List.of(0L, 2L), Curves.starts(trainings));
    assertEquals(
        List.of(new Point(1, 3), new Point(2, 2), new Point(3, 1)), Curves.loss(trainings));
    assertEquals(
        List.of(List.of(new Point(2, 0.1), new Point(3, 0.2)), List.of(new Point(3, 0.3))),
        Curves.mIoU(trainings));
  }

  @Test
  public void smoothingStartsAtTheFirstValueAndForgets() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      points.add(new Point(i, i == 0 ? 4 : i == 1 ? NAN : 1));
    }

    List<Point> smooth = Curves.smooth(points);

    // 100 points: every value counts half as much as its successor.
    assertEquals(4, smooth.get(0).y(), 0);
    assertEquals("NaN is passed over", 4, smooth.get(1).y(), 0);
    assertEquals((4 * 0.25 + 1 * 0.5) / 0.75, smooth.get(2).y(), 1e-12);
    assertEquals(1, smooth.get(99).y(), 1e-12);
  }

  @Test
  public void fewPointsAreNotSmoothed() {
    List<Point> points = List.of(new Point(1, 5), new Point(2, 1));
    assertEquals(points, Curves.smooth(points));
  }

  @Test
  public void thinningKeepsSpikes() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      points.add(new Point(i, i == 1234 ? 100 : i == 8765 ? -100 : Math.sin(i)));
    }

    List<Point> thin = Curves.thin(points);

    assertTrue(thin.size() <= 400);
    assertTrue(thin.contains(new Point(1234, 100)));
    assertTrue(thin.contains(new Point(8765, -100)));
    for (int i = 1; i < thin.size(); i++) {
      assertTrue("in order", thin.get(i).x() > thin.get(i - 1).x());
    }
  }

  @Test
  public void pathGoesThroughThePointsAndLeavesGaps() {
    Chart chart = new Chart("id", "", "", new Axis(0, 100, 20), new Axis(0, 2, 0.5));

    // The plot spans 46 to 446 across and, upwards, 240 to 26.
    assertEquals(
        "M46 240L446 26M246 133L256 79.5",
        chart.path(
            List.of(
                new Point(0, 0),
                new Point(100, 2),
                new Point(40, NAN),
                new Point(50, 1),
                new Point(52.5, 1.5))));
  }

  @Test
  public void ticksAreRound() {
    assertEquals(List.of(0.0, 500.0, 1000.0, 1500.0), Axis.exact(0, 1800, 5).ticks());
    assertEquals(new Axis(20, 70, 10), Axis.round(20.4, 68.9, 5));
    assertEquals(List.of("0.70", "0.75", "0.80", "0.85"), texts(Axis.round(0.71, 0.84, 3)));
    assertEquals(List.of("-1", "0", "1"), texts(Axis.round(-0.6, 0.7, 2)));
    assertEquals(List.of("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"), texts(Axis.round(0, 0, 5)));
  }

  private static List<String> texts(Axis axis) {
    return axis.ticks().stream().map(axis::text).toList();
  }

  private static Training training(
      List<Training.Point> points, List<Training.Validation> evaluations) {
    return new Training(
        "run",
        Path.of("run"),
        Fixtures.trainSpec(1),
        Training.End.FINISHED,
        points,
        evaluations,
        NAN,
        0,
        1,
        0);
  }
}
