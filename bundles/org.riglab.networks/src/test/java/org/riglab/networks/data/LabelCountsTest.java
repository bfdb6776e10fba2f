package org.riglab.networks.data;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.api.data.Sample;

public class LabelCountsTest {
  private static final List<Sample> SAMPLES =
      List.of(sample("a", 0, 0, 1, 255), sample("b", 255, 255), sample("c", 1, 1, 1, 3, 0));

  @Test
  public void endsAtAnInterrupt() {
    Thread.currentThread().interrupt();
    assertThrows(
        CancellationException.class,
        () -> LabelCounts.of(new MemorySplit(SAMPLES), 4, Observer.NONE));
    assertTrue("the status stays", Thread.interrupted());
  }

  @Test
  public void countsPixelsAndImages() {
    List<Integer> watched = new ArrayList<>();
    LabelCounts counts =
        LabelCounts.of(
            new MemorySplit(SAMPLES),
            4,
            new Observer() {
              @Override
              public void image(int done, int total) {
                assertEquals(3, total);
                watched.add(done);
              }
            });
    assertEquals(List.of(3L, 4L, 0L, 1L), counts.pixels());
    assertEquals(List.of(2L, 2L, 0L, 1L), counts.images());
    assertEquals(List.of(8L, 8L, 0L, 5L), counts.labelled());
    assertEquals(3, counts.voidPixels());
    assertEquals(8, counts.counted());
    assertEquals(0.5, counts.share(1), 0);
    assertEquals(0, counts.share(2), 0);
    assertEquals(List.of(1, 2, 3), watched);
  }

  @Test
  public void namesLabelsThatAreNoClass() {
    RigException e =
        assertThrows(
            RigException.class, () -> LabelCounts.of(new MemorySplit(SAMPLES), 3, Observer.NONE));
    assertEquals(
        "c: label 3, expected 0 to 2 or 255 (void); data check lists all such images",
        e.getMessage());
  }

  @Test
  public void sharesOfNothingAreNothing() {
    LabelCounts counts =
        LabelCounts.of(new MemorySplit(List.of(sample("a", 255))), 2, Observer.NONE);
    assertEquals(0, counts.share(0), 0);
    assertEquals(1, counts.voidPixels());
  }

  @Test
  public void stopsWhenAsked() {
    Observer stopping =
        new Observer() {
          @Override
          public boolean stop() {
            return true;
          }
        };
    RigException e =
        assertThrows(
            RigException.class, () -> LabelCounts.of(new MemorySplit(SAMPLES), 4, stopping));
    assertEquals("counting stopped after 1 of 3 images", e.getMessage());
  }

  private static Sample sample(String id, int... labels) {
    byte[] bytes = new byte[labels.length];
    for (int i = 0; i < labels.length; i++) {
      bytes[i] = (byte) labels[i];
    }
    return new Sample(id, 1, labels.length, new byte[3 * labels.length], bytes);
  }
}
