package org.riglab.networks.data;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.List;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

public class ClassWeightsTest {
  /** Labels of two images of eight pixels; class 3 does not occur. */
  private static final byte[][] LABELS = {
    {0, 0, 0, 0, 0, 0, 1, -1}, {0, 0, 1, 1, 2, 2, 2, 2},
  };

  private static final Split SPLIT =
      new Split() {
        @Override
        public int size() {
          return LABELS.length;
        }

        @Override
        public String id(int index) {
          return "image" + index;
        }

        @Override
        public Sample sample(int index) {
          return new Sample(id(index), 2, 4, new byte[24], LABELS[index]);
        }

        @Override
        public String fingerprint() {
          return "";
        }
      };

  @Test
  public void medianFrequency() {
    // Frequencies 8/15, 3/15, 4/8; their median is 1/2.
    List<Double> weights = ClassWeights.of("median-frequency", 4, SPLIT);
    assertEquals(0.5 * 15 / 8, weights.get(0), 1e-12);
    assertEquals(0.5 * 15 / 3, weights.get(1), 1e-12);
    assertEquals(1, weights.get(2), 1e-12);
    assertEquals(1, weights.get(3), 0);
  }

  @Test
  public void log() {
    // Shares of the 15 labelled pixels: 8/15, 3/15, 4/15 and nothing.
    List<Double> weights = ClassWeights.of("log", 4, SPLIT);
    assertEquals(2.270647, weights.get(0), 1e-6);
    assertEquals(5.028895, weights.get(1), 1e-6);
    assertEquals(3.967390, weights.get(2), 1e-6);
    assertEquals(50.498350, weights.get(3), 1e-6);
    assertTrue(ClassWeights.valid("log") && !ClassWeights.valid("logs"));
  }

  @Test
  public void numbers() {
    assertEquals(List.of(), ClassWeights.of("none", 3, SPLIT));
    assertEquals(List.of(1.0, 0.5, 2.0), ClassWeights.of("1, 0.5,2", 3, SPLIT));
    String message =
        assertThrows(RigException.class, () -> ClassWeights.of("1,2", 3, SPLIT)).getMessage();
    assertTrue(message, message.contains("has 2 numbers; the data have 3 classes"));
  }
}
