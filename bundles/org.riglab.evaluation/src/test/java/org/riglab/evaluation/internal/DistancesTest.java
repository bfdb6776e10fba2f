package org.riglab.evaluation.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.Test;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Inspection;

/** Distances, regions and groups against brute force and numbers worked out by hand. */
public class DistancesTest {
  @Test
  public void distancesAreExact() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 20; round++) {
      int height = random.nextInt(1, 12);
      int width = random.nextInt(1, 12);
      boolean[] set = new boolean[height * width];
      set[random.nextInt(set.length)] = true;
      for (int i = 0; i < set.length; i++) {
        set[i] |= random.nextInt(8) == 0;
      }
      double[] distances = Distances.toNearest(set, height, width);
      for (int i = 0; i < set.length; i++) {
        double least = Double.POSITIVE_INFINITY;
        for (int j = 0; j < set.length; j++) {
          if (set[j]) {
            least = Math.min(least, Math.hypot(i / width - j / width, i % width - j % width));
          }
        }
        assertEquals(least, distances[i], 1e-9);
      }
    }
    assertEquals(Double.POSITIVE_INFINITY, Distances.toNearest(new boolean[6], 2, 3)[4], 0);
  }

  @Test
  public void regionsAreConnectedAndOfOneLabel() {
    byte[] label = {
      1, 1, 0, 2,
      0, 1, 0, 2,
      1, 0, 0, 0
    };
    assertArrayEquals(new int[] {3, 3, 5, 2, 1, 3, 5, 2, 1, 5, 5, 5}, Distances.areas(label, 3, 4));
    assertArrayEquals(
        new boolean[] {true, true, true, true, true, true, true, true, true, true, false, true},
        Distances.borders(label, 3, 4));
  }

  @Test
  public void partsAreThoseOfThePixelsOwnClass() {
    byte[] label = {1, 1, 1, 2, 2};
    byte[] parts = {0, 0, 1, 0, 0};
    assertArrayEquals(
        new double[] {2, 1, 0, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY},
        Distances.toParts(label, parts, 1, 5),
        0);
  }

  @Test
  public void groupsCountRightPixelsPerIteration() {
    PixelGroups groups = new PixelGroups("x", "pixels", -5, 0, 2, 10, 99);
    byte[] label = {0, 1, (byte) 255, 1, 1};
    groups.add(
        new double[] {0, 1.9, 1, 2, Double.POSITIVE_INFINITY},
        label,
        List.of(new byte[] {0, 0, 0, 0, 1}, new byte[] {0, 1, 0, 1, 1}));
    Inspection.Group group = groups.group();
    assertEquals(2, group.bins().size());
    assertEquals(new Inspection.Bin(0, 2, 2, List.of(0.5, 1.0)), group.bins().get(0));
    assertEquals(new Inspection.Bin(2, 10, 1, List.of(0.0, 1.0)), group.bins().get(1));
  }

  @Test
  public void flipsAreSharesOfTheLabelledPixels() {
    IterationCounts counts = new IterationCounts(3);
    byte[] label = {0, 1, 2, 2, (byte) 255};
    counts.add("a", label, List.of(new byte[] {0, 0, 1, 2, 1}, new byte[] {1, 1, 0, 2, 0}));
    assertEquals(new Inspection.Flips(0.25, 0.25, 0.25), counts.flips().get(1));
    assertEquals(new Inspection.Flips(0, 0, 0), counts.flips().get(0));
    // t1: class 0 1/2, class 1 0/2, class 2 1/2; t2: 0/2, 1/2, 1/2
    assertEquals(List.of(List.of(0.5, 0.0, 0.5), List.of(0.0, 0.5, 0.5)), counts.iou());
    assertEquals(List.of(0.5, 0.5), counts.images().get(0).accuracy());
  }

  @Test
  public void gateValuesAreCountedByChannel() {
    GateValues gate = new GateValues();
    gate.add(new FeatureMap(2, 1, 2, new float[] {0.01f, -0.02f, 0.5f, 1.5f}));
    Inspection.Gate result = gate.result();
    // NumPy: mean 0.4975, std 0.6145
    assertEquals(0.4975, result.mean(), 1e-6);
    assertEquals(0.614507, result.deviation(), 1e-6);
    assertEquals(0.5, result.dead(), 0);
    assertEquals(0.25, result.saturated(), 0);
    assertEquals(2L, (long) result.histogram().get(GateValues.BINS));
    assertEquals(1L, (long) result.histogram().get(0));
    assertEquals(1L, (long) result.histogram().get(10));
    gate.add(new FeatureMap(2, 1, 1, new float[] {0.9f, 0}));
    assertEquals("alive in another image", 0, gate.result().dead(), 0);
  }

  @Test
  public void mapsAreReduced() {
    FeatureMap map = new FeatureMap(2, 1, 2, new float[] {1, 2, 3, 6});
    assertArrayEquals(new float[] {2, 4}, MapPictures.mean(map).values(), 1e-6f);
    assertArrayEquals(new float[] {1, 2}, MapPictures.spread(map).values(), 1e-6f);
    // softmax of (1, 3) and (2, 6): 1/(1+e^2), 1/(1+e^4) for the first class
    assertArrayEquals(
        new float[] {0.119203f, 0.017986f}, MapPictures.activation(map, 0).values(), 1e-6f);
    assertEquals(
        Math.sqrt(5.0 / 25), MapPictures.residual(new float[] {2, 2}, new float[] {3, 4}), 1e-9);
  }
}
