package org.riglab.metrics.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.metric.Scores;

public class BoundaryAccumulatorTest {
  private static final double EXACT = 1e-12;
  private static final String VOID = "v";

  /** A map from rows of digits; v is void, x a prediction beyond the classes. */
  private static byte[] map(String... rows) {
    String all = String.join("", rows).replace(VOID, "\u00ff").replace('x', '\u0050');
    byte[] map = new byte[all.length()];
    for (int i = 0; i < map.length; i++) {
      char c = all.charAt(i);
      map[i] = (byte) (c >= '0' && c <= '9' ? c - '0' : c);
    }
    return map;
  }

  private static Scores score(double radius, int classes, String[] prediction, String[] label) {
    int height = label.length;
    int width = label[0].length();
    BoundaryAccumulator accumulator =
        new BoundaryAccumulator(classes, radius / Math.hypot(height, width));
    accumulator.add(map(prediction), map(label), height, width);
    return accumulator.result();
  }

  private static String[] rows(String... rows) {
    return rows;
  }

  private static void assertScores(List<Double> expected, Scores actual) {
    assertEquals(expected.size(), actual.perClass().get("BF").size());
    double sum = 0;
    int defined = 0;
    for (int c = 0; c < expected.size(); c++) {
      assertEquals("class " + c, expected.get(c), actual.perClass().get("BF").get(c), EXACT);
      if (!expected.get(c).isNaN()) {
        sum += expected.get(c);
        defined++;
      }
    }
    assertEquals(defined == 0 ? Double.NaN : sum / defined, actual.values().get("BF"), EXACT);
  }

  @Test
  public void countsWhatIsWorkedOutByHand() {
    // class 0: predicted boundary (0,1) (0,2) (1,0), true one (0,2) (1,2)
    // class 1: predicted boundary (0,3) (1,1) (1,2), true one (0,3) (1,3)
    String[] prediction = rows("000111", "011111");
    String[] label = rows("000111", "000111");
    assertScores(List.of(0.4, 0.4), score(0, 2, prediction, label)); // P 1/3, R 1/2
    assertScores(List.of(0.8, 0.8), score(1.01, 2, prediction, label)); // P 2/3, R 1
    assertScores(List.of(1.0, 1.0), score(2.01, 2, prediction, label));
  }

  @Test
  public void measuresDistancesFromCentreToCentre() {
    String[] prediction = rows("1000", "0000", "0000");
    String[] label = rows("0000", "0000", "0010");
    double distance = Math.sqrt(8);
    assertEquals(0, score(distance - 1e-6, 2, prediction, label).perClass().get("BF").get(1), 0);
    assertEquals(1, score(distance + 1e-6, 2, prediction, label).perClass().get("BF").get(1), 0);
  }

  @Test
  public void takesTheBorderOfTheImageForNoBoundary() {
    assertScores(List.of(Double.NaN, Double.NaN), score(0, 2, rows("00", "00"), rows("00", "00")));
    assertScores(List.of(0.0, 0.0), score(9, 2, rows("01", "01"), rows("00", "00")));
    assertScores(List.of(0.0, 0.0), score(9, 2, rows("00", "00"), rows("01", "01")));
  }

  @Test
  public void leavesOutWhatIsPredictedOnVoid() {
    for (String prediction : List.of("000111", "001011", "00xx11", "002211")) {
      assertScores(List.of(1.0, 1.0, Double.NaN), score(0, 3, rows(prediction), rows("00vv11")));
    }
    assertScores(List.of(Double.NaN, Double.NaN), score(0, 2, rows("0011"), rows("vvvv")));
  }

  @Test
  public void givesPredictionsBeyondTheClassesNoBoundaryOfTheirOwn() {
    // class 0: predicted boundary (0,1), true one (0,2)
    assertScores(List.of(0.0, 1.0), score(0, 2, rows("00x1"), rows("0001")));
  }

  @Test
  public void isTheMeanOverImagesThatHaveTheClass() {
    BoundaryAccumulator accumulator = new BoundaryAccumulator(3, 0);
    accumulator.add(map("0011"), map("0011"), 1, 4);
    accumulator.add(map("0111"), map("0011"), 1, 4);
    accumulator.add(map("0022"), map("0022"), 1, 4);
    assertScores(List.of(2 / 3.0, 1 / 2.0, 1.0), accumulator.result());
  }

  /** All pairs of pixels, one class at a time. */
  private static double brute(RandomMaps maps, int c, double radius) {
    boolean[] predicted = boundary(maps, maps.prediction(), c);
    boolean[] truth = boundary(maps, maps.label(), c);
    double precision = share(predicted, truth, maps.width(), radius);
    double recall = share(truth, predicted, maps.width(), radius);
    if (Double.isNaN(precision) && Double.isNaN(recall)) {
      return Double.NaN;
    }
    return precision > 0 && recall > 0 ? 2 / (1 / precision + 1 / recall) : 0;
  }

  private static boolean[] boundary(RandomMaps maps, byte[] map, int c) {
    boolean[] boundary = new boolean[map.length];
    for (int i = 0; i < map.length; i++) {
      int y = i / maps.width();
      int x = i % maps.width();
      for (int k = 0; k < map.length; k++) {
        int distance = Math.abs(k / maps.width() - y) + Math.abs(k % maps.width() - x);
        boundary[i] |= distance == 1 && is(maps, map, i, c) && !is(maps, map, k, c);
      }
    }
    return boundary;
  }

  private static boolean is(RandomMaps maps, byte[] map, int i, int c) {
    return maps.label()[i] != (byte) 255 && map[i] == (byte) c;
  }

  private static double share(boolean[] of, boolean[] in, int width, double radius) {
    double all = 0;
    double near = 0;
    for (int i = 0; i < of.length; i++) {
      boolean found = false;
      for (int k = 0; k < in.length; k++) {
        double distance = Math.hypot(i / width - k / width, i % width - k % width);
        found |= in[k] && distance <= radius;
      }
      all += of[i] ? 1 : 0;
      near += of[i] && found ? 1 : 0;
    }
    return near / all;
  }

  @Test
  public void equalsTheComparisonOfAllPairs() {
    SplittableRandom random = new SplittableRandom(3);
    double tolerance = 0.06;
    int classes = 4;
    BoundaryAccumulator accumulator = new BoundaryAccumulator(classes, tolerance);
    List<List<Double>> scores = new ArrayList<>();
    for (int n = 0; n < 40; n++) {
      RandomMaps maps = RandomMaps.of(random, classes, 5 + n % 17, 23 - n % 11);
      accumulator.add(maps.prediction(), maps.label(), maps.height(), maps.width());
      List<Double> image = new ArrayList<>();
      for (int c = 0; c < classes; c++) {
        image.add(brute(maps, c, tolerance * Math.hypot(maps.height(), maps.width())));
      }
      scores.add(image);
    }
    List<Double> expected = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      int label = c;
      expected.add(
          scores.stream()
              .mapToDouble(image -> image.get(label))
              .filter(v -> !Double.isNaN(v))
              .average()
              .orElseThrow());
    }
    assertTrue(expected.toString(), expected.stream().allMatch(v -> v > 0.1 && v < 0.95));
    assertScores(expected, accumulator.result());
  }

  @Test
  public void mergesToWhatOnePassGives() {
    SplittableRandom random = new SplittableRandom(11);
    BoundaryAccumulator whole = new BoundaryAccumulator(3, 0.02);
    List<BoundaryAccumulator> parts = new ArrayList<>();
    for (int k = 0; k < 4; k++) {
      parts.add(new BoundaryAccumulator(3, 0.02));
    }
    for (int n = 0; n < 30; n++) {
      RandomMaps maps = RandomMaps.of(random, 3, 20, 30);
      whole.add(maps.prediction(), maps.label(), 20, 30);
      parts.get(random.nextInt(3)).add(maps.prediction(), maps.label(), 20, 30);
    }
    BoundaryAccumulator merged = parts.remove(3); // empty
    parts.forEach(merged::merge);
    assertScores(whole.result().perClass().get("BF"), merged.result());
    assertThrows(
        IllegalArgumentException.class, () -> merged.merge(new BoundaryAccumulator(3, 0.03)));
    assertThrows(
        IllegalArgumentException.class, () -> merged.merge(new BoundaryAccumulator(4, 0.02)));
  }

  @Test
  public void namesWhatIsWrong() {
    BoundaryAccumulator accumulator = new BoundaryAccumulator(2, 0.1);
    assertEquals(
        "boundary: label 2, expected 0 to 1 or 255 (void)",
        assertThrows(RigException.class, () -> accumulator.add(map("00"), map("02"), 1, 2))
            .getMessage());
    assertThrows(RigException.class, () -> accumulator.add(map("0"), map("00"), 1, 2));
    for (double tolerance : new double[] {-0.1, 1.5, Double.NaN}) {
      RigException e =
          assertThrows(
              RigException.class, () -> new BoundaryMetric().accumulator(2, options(tolerance)));
      assertTrue(e.getMessage(), e.getMessage().contains("option 'tolerance' is " + tolerance));
    }
  }

  private static Options options(double tolerance) {
    return new Options() {
      @Override
      public <T extends Annotation> T as(Class<T> type) {
        return type.cast(
            Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, args) -> method.getName().equals("tolerance") ? tolerance : null));
      }
    };
  }
}
