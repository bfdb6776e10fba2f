package org.riglab.metrics.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.Assume;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Scores;

public class ConfusionAccumulatorTest {
  private static final int VOID = 255;
  private static final double EXACT = 1e-12;

  @Test
  public void countsWhatIsWorkedOutByHand() {
    // class 0: 2 pixels, 1 hit, predicted twice; class 1: 3 pixels, 2 hits, predicted 3 times
    // class 2: absent from both
    Scores s = score(3, bytes(0, 1, 1, 1, 0, 2), bytes(0, 0, 1, 1, 1, VOID));

    assertClose(List.of(1 / 3.0, 2 / 4.0, Double.NaN), s.perClass().get("IoU"));
    assertClose(List.of(1 / 2.0, 2 / 3.0, Double.NaN), s.perClass().get("accuracy"));
    assertEquals((1 / 3.0 + 1 / 2.0) / 2, s.values().get("mIoU"), EXACT);
    assertEquals((1 / 2.0 + 2 / 3.0) / 2, s.values().get("mAcc"), EXACT);
    assertEquals(3 / 5.0, s.values().get("pAcc"), EXACT);
    assertEquals(2 / 5.0 * (1 / 3.0) + 3 / 5.0 * (1 / 2.0), s.values().get("fwIoU"), EXACT);
    assertEquals(
        List.of(List.of(1L, 1L, 0L), List.of(1L, 2L, 0L), List.of(0L, 0L, 0L)), s.confusion());
  }

  @Test
  public void countsPredictionOutsideTheClassesAsWrongForItsLabelOnly() {
    Scores s = score(2, bytes(0, 255, 1, 7), bytes(0, 0, 1, 1));

    assertClose(List.of(0.5, 0.5), s.perClass().get("IoU"));
    assertEquals(0.5, s.values().get("pAcc"), EXACT);
    assertEquals(List.of(List.of(1L, 0L), List.of(0L, 1L)), s.confusion());
  }

  @Test
  public void takesClassWithoutTruthIntoTheMeanOnceItIsPredicted() {
    Scores s = score(3, bytes(0, 0, 2, 1), bytes(0, 0, 0, 1));

    assertClose(List.of(2 / 3.0, 1.0, 0.0), s.perClass().get("IoU"));
    assertEquals((2 / 3.0 + 1) / 3, s.values().get("mIoU"), EXACT);
    assertEquals((2 / 3.0 + 1) / 2, s.values().get("mAcc"), EXACT);
  }

  @Test
  public void definesNothingWhereAllIsVoid() {
    Scores s = score(2, bytes(0, 1), bytes(VOID, VOID));

    assertClose(List.of(Double.NaN, Double.NaN), s.perClass().get("IoU"));
    for (String name : List.of("mIoU", "mAcc", "pAcc", "fwIoU")) {
      assertTrue(name, Double.isNaN(s.values().get(name)));
    }
    assertEquals(List.of(List.of(0L, 0L), List.of(0L, 0L)), s.confusion());
  }

  @Test
  public void mergesToWhatOnePassGives() {
    SplittableRandom random = new SplittableRandom(7);
    ConfusionAccumulator whole = new ConfusionAccumulator(5);
    ConfusionAccumulator merged = new ConfusionAccumulator(5);
    for (int i = 0; i < 4; i++) {
      byte[] prediction = new byte[60];
      byte[] label = new byte[60];
      for (int k = 0; k < 60; k++) {
        prediction[k] = (byte) random.nextInt(7);
        int c = random.nextInt(6);
        label[k] = (byte) (c == 5 ? VOID : c);
      }
      whole.add(prediction, label, 6, 10);
      ConfusionAccumulator part = new ConfusionAccumulator(5);
      part.add(prediction, label, 6, 10);
      merged.merge(part);
    }

    assertEquals(whole.result(), merged.result());
  }

  @Test
  public void namesLabelOutsideTheClasses() {
    Accumulator accumulator = new ConfusionAccumulator(2);
    RigException e =
        assertThrows(RigException.class, () -> accumulator.add(bytes(0, 0), bytes(0, 2), 1, 2));
    assertEquals("confusion: label 2, expected 0 to 1 or 255 (void)", e.getMessage());
    assertEquals(List.of(0L, 0L), accumulator.result().confusion().get(0));
  }

  @Test
  public void refusesMapsOfOtherSizes() {
    Accumulator accumulator = new ConfusionAccumulator(2);
    assertThrows(RigException.class, () -> accumulator.add(bytes(0), bytes(0, 0), 1, 2));
    assertThrows(RigException.class, () -> accumulator.add(bytes(0, 0), bytes(0, 0), 1, 3));
  }

  @Test
  public void refusesMergeAcrossClassCounts() {
    Accumulator two = new ConfusionAccumulator(2);
    assertThrows(IllegalArgumentException.class, () -> two.merge(new ConfusionAccumulator(3)));
  }

  @Test
  public void refusesClassCountsThatBytesCannotHold() {
    assertThrows(RigException.class, () -> new ConfusionMetric().accumulator(0, null));
    assertThrows(RigException.class, () -> new ConfusionMetric().accumulator(256, null));
    Accumulator most = new ConfusionMetric().accumulator(255, null);
    most.add(bytes(254, 0), bytes(254, VOID), 1, 2);
    assertEquals(1.0, most.result().perClass().get("IoU").get(254), EXACT);
  }

  /** What the documentation of torchmetrics, scikit-learn and Keras shows. */
  @Test
  public void agreesWithTheExamplesOfOtherLibraries() {
    Scores s = score(3, bytes(2, 1, 0, 1), bytes(2, 1, 0, 0));
    assertClose(List.of(0.5, 0.5, 1.0), s.perClass().get("IoU"));
    assertEquals(2 / 3.0, s.values().get("mIoU"), EXACT);
    s = score(3, bytes(0, 1, 2, 2), bytes(0, 2, 1, 2));
    assertClose(List.of(1.0, 0.0, 1 / 3.0), s.perClass().get("IoU"));
    s = score(2, bytes(0, 1, 0, 1), bytes(0, 0, 1, 1));
    assertEquals(1 / 3.0, s.values().get("mIoU"), EXACT);
  }

  @Test
  public void leavesTheSumsToNoOverflow() {
    // 2^31 pixels and more: merging doubles the counts
    ConfusionAccumulator accumulator = new ConfusionAccumulator(2);
    accumulator.add(bytes(0, 1, 1), bytes(0, 0, 1), 1, 3);
    for (int i = 0; i < 40; i++) {
      ConfusionAccumulator copy = new ConfusionAccumulator(2);
      copy.merge(accumulator);
      accumulator.merge(copy);
    }
    assertEquals(List.of(1L << 40, 1L << 40), accumulator.result().confusion().get(0));
    assertEquals(2 / 3.0, accumulator.result().values().get("pAcc"), EXACT);
  }

  @Test
  public void holdsThePublishedVectors() throws IOException {
    Path file = Path.of("../../../shared/metrics/vectors.json");
    Assume.assumeTrue("no " + file, Files.exists(file));
    Vectors vectors = new Gson().fromJson(Files.readString(file), Vectors.class);
    assertTrue(vectors.cases.size() >= 3);
    for (Case c : vectors.cases) {
      ConfusionAccumulator accumulator = new ConfusionAccumulator(c.classes);
      for (Maps maps : c.maps) {
        accumulator.add(
            flat(maps.prediction, -1),
            flat(maps.label, c.voidLabel()),
            maps.label.length,
            maps.label[0].length);
      }
      Scores s = accumulator.result();
      assertVector(c.source, c.iou, s.perClass().get("IoU"));
      assertVector(c.source, c.classAcc, s.perClass().get("accuracy"));
      assertVector(c.source, c.mIoU, s.values().get("mIoU"));
      assertVector(c.source, c.mAcc, s.values().get("mAcc"));
      assertVector(c.source, c.pAcc, s.values().get("pAcc"));
    }
  }

  private static Scores score(int classes, byte[] prediction, byte[] label) {
    ConfusionAccumulator accumulator = new ConfusionAccumulator(classes);
    accumulator.add(prediction, label, 1, label.length);
    return accumulator.result();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] flat(int[][] map, int voidLabel) {
    byte[] bytes = new byte[map.length * map[0].length];
    int i = 0;
    for (int[] row : map) {
      for (int value : row) {
        bytes[i++] = (byte) (value == voidLabel ? VOID : value);
      }
    }
    return bytes;
  }

  private static void assertClose(List<Double> expected, List<Double> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals("class " + i, expected.get(i), actual.get(i), EXACT);
    }
  }

  private static void assertVector(String source, List<Double> expected, List<Double> actual) {
    if (expected != null) {
      assertEquals(source, expected.size(), actual.size());
      for (int i = 0; i < expected.size(); i++) {
        assertVector(source, expected.get(i) == null ? Double.NaN : expected.get(i), actual.get(i));
      }
    }
  }

  private static void assertVector(String source, Double expected, Double actual) {
    if (expected != null) {
      assertEquals(source, expected, actual, 1e-9);
    }
  }

  /** The file of vectors; a value that is absent says nothing, null in a list is undefined. */
  private static final class Vectors {
    List<Case> cases;
  }

  private static final class Case {
    String source;
    int classes;

    @com.google.gson.annotations.SerializedName("void")
    Integer voidLabel;

    List<Maps> maps;
    List<Double> iou;
    List<Double> classAcc;
    Double mIoU;
    Double mAcc;
    Double pAcc;

    int voidLabel() {
      return voidLabel == null ? VOID : voidLabel;
    }
  }

  private static final class Maps {
    int[][] prediction;
    int[][] label;
  }
}
