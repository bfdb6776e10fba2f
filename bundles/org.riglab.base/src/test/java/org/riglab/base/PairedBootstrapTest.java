package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.Test;
import org.riglab.api.bench.ImageScore;
import org.riglab.base.PairedBootstrap.Difference;
import org.riglab.base.PairedBootstrap.Metric;

/** Differences of small networks, whose bootstrap distribution can be enumerated. */
public class PairedBootstrapTest {
  private static ImageScore image(long... counts) {
    return new ImageScore(
        "i",
        List.of(counts[0], counts[3]),
        List.of(counts[1], counts[4]),
        List.of(counts[2], counts[5]));
  }

  /** Two classes of 4 and 6 pixels, of which the network has so many right. */
  private static ImageScore right(long a, long b) {
    return image(a, a + 6 - b, 4, b, b + 4 - a, 6);
  }

  @Test
  public void theMeanIsTheDifferenceOfTheScores() {
    List<ImageScore> first = List.of(right(4, 6), right(2, 3));
    List<ImageScore> second = List.of(right(1, 2), right(3, 5));
    // Python: IoU of summed counts: (6/11 + 9/14)/2 - (4/13 + 7/16)/2
    double expected = (6 / 11.0 + 9 / 14.0) / 2 - (4 / 13.0 + 7 / 16.0) / 2;
    assertEquals(
        expected, PairedBootstrap.of(Metric.MIOU, List.of(first), List.of(second)).mean(), 1e-12);
    assertEquals(
        15 / 20.0 - 11 / 20.0,
        PairedBootstrap.of(Metric.PACC, List.of(first), List.of(second)).mean(),
        1e-12);
    assertEquals(
        (6 / 8.0 + 9 / 12.0) / 2 - (4 / 8.0 + 7 / 12.0) / 2,
        PairedBootstrap.of(Metric.MACC, List.of(first), List.of(second)).mean(),
        1e-12);
  }

  @Test
  public void replicatesDrawTheSameImagesForBoth() {
    // image by image the first is 10 % better: so is every replicate, though images differ
    List<ImageScore> first = new ArrayList<>();
    List<ImageScore> second = new ArrayList<>();
    for (long i = 1; i <= 8; i++) {
      first.add(new ImageScore("", List.of(10 * i + 10), List.of(100L), List.of(100L)));
      second.add(new ImageScore("", List.of(10 * i), List.of(100L), List.of(100L)));
    }
    Difference difference = PairedBootstrap.of(Metric.PACC, List.of(first), List.of(second));
    assertEquals(0.1, difference.low(), 1e-9);
    assertEquals(0.1, difference.high(), 1e-9);
    assertEquals(2.0 / 2001, difference.p(), 1e-12);
    assertTrue(difference.significant());
  }

  @Test
  public void nothingIsNoDifference() {
    List<ImageScore> one = List.of(right(4, 6), right(2, 3), right(1, 2));
    Difference difference = PairedBootstrap.of(Metric.MIOU, List.of(one), List.of(one));
    assertEquals(0, difference.high(), 0);
    assertEquals(1, difference.p(), 0);
    assertFalse(difference.significant());
  }

  @Test
  public void quantilesAreThoseOfTheEnumeratedDistribution() {
    // pAcc differences of two images: +0.2 and -0.1. Replicates: +0.2 (1/4), +0.05 (1/2), -0.1
    // (1/4)
    List<ImageScore> first =
        List.of(
            new ImageScore("", List.of(60L), List.of(100L), List.of(100L)),
            new ImageScore("", List.of(40L), List.of(100L), List.of(100L)));
    List<ImageScore> second =
        List.of(
            new ImageScore("", List.of(40L), List.of(100L), List.of(100L)),
            new ImageScore("", List.of(50L), List.of(100L), List.of(100L)));
    Difference difference = PairedBootstrap.of(Metric.PACC, List.of(first), List.of(second));
    assertEquals(0.05, difference.mean(), 1e-12);
    assertEquals(-0.1, difference.low(), 1e-9);
    assertEquals(0.2, difference.high(), 1e-9);
    assertEquals("twice a quarter", 0.5, difference.p(), 0.06);
  }

  @Test
  public void seedsAreDrawnToo() {
    // seed 1: +0.3 for every image, seed 2: -0.1. Means of two draws: 0.3, 0.1, 0.1, -0.1
    List<List<ImageScore>> first = new ArrayList<>();
    List<List<ImageScore>> second = new ArrayList<>();
    for (long right : List.of(80L, 40L)) {
      ImageScore image = new ImageScore("", List.of(right), List.of(100L), List.of(100L));
      ImageScore other = new ImageScore("", List.of(50L), List.of(100L), List.of(100L));
      first.add(List.of(image, image));
      second.add(List.of(other, other));
    }
    Difference difference = PairedBootstrap.of(Metric.PACC, first, second);
    assertEquals(0.1, difference.mean(), 1e-12);
    assertEquals(-0.1, difference.low(), 1e-9);
    assertEquals(0.3, difference.high(), 1e-9);
    assertEquals(0.5, difference.p(), 0.06);
  }
}
