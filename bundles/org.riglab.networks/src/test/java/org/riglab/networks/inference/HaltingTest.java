package org.riglab.networks.inference;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.RigException;

public class HaltingTest {
  /** Three classes, two pixels: (1, 0, -1) and (0, 2, 1), class by class. */
  private static final float[] FIRST = {1, 0, 0, 2, -1, 1};

  /** (0.5, 0.25, 3) and (0, 2, 0.5). */
  private static final float[] SECOND = {0.5f, 0, 0.25f, 2, 3, 0.5f};

  @Test
  public void featuresDescribeThePredictions() {
    double[] first = Halting.features(null, FIRST, 3, 1);
    // NumPy: entropy 0.8323955818, the largest probabilities are both 0.6652409558
    double log = Math.log(3);
    assertArrayEquals(new double[] {1, 0.8323955818 / log, 0.3347590442, 1, 1}, first, 1e-9);
    double[] second = Halting.features(FIRST, SECOND, 3, 2);
    assertEquals(0.6103693042 / log, second[1], 1e-9);
    assertArrayEquals(new double[] {0.5, 0.5}, new double[] {second[3], second[4]}, 0);
  }

  @Test
  public void theCrossEntropyLeavesOutVoid() {
    // -log softmax: pixel 0 has 1.4076059644 for class 1, pixel 1 has 0.4076059644
    assertEquals(0.9076059644, Halting.crossEntropy(FIRST, 3, new byte[] {1, 1}), 1e-9);
    assertEquals(0.4076059644, Halting.crossEntropy(FIRST, 3, new byte[] {-1, 1}), 1e-9);
    assertTrue(Double.isNaN(Halting.crossEntropy(FIRST, 3, new byte[] {-1, -1})));
  }

  @Test
  public void theGradientIsThatOfTheLoss() {
    List<Double> weights = List.of(0.3, -1.2, 0.7, 2.0, -0.4);
    double[] features = Halting.features(FIRST, SECOND, 3, 2);
    double small = 1e-6;
    for (boolean helped : new boolean[] {true, false}) {
      double[] gradient = new Halting(weights).gradient(features, helped);
      for (int i = 0; i < weights.size(); i++) {
        List<Double> more = new ArrayList<>(weights);
        more.set(i, weights.get(i) + small);
        List<Double> less = new ArrayList<>(weights);
        less.set(i, weights.get(i) - small);
        double difference =
            new Halting(more).loss(features, helped) - new Halting(less).loss(features, helped);
        assertEquals(difference / (2 * small), gradient[i], 1e-8);
      }
    }
    assertEquals(0.5, Halting.NEW.helps(features), 0);
  }

  @Test
  public void theHeadIsInTheMetadataOfItsFile() {
    Map<String, String> metadata = new HashMap<>();
    Halting.NONE.write(metadata);
    assertFalse(Halting.read(metadata, "w").exists());
    Halting head = new Halting(List.of(1.0 / 3, -2.5, 1e-17, 4.0, 5.0));
    head.write(metadata);
    assertEquals(head, Halting.read(metadata, "w"));
    for (String wrong : List.of("{\"weights\": [1, 2]}", "{}", "{\"weights\": [1,2,3,4,\"x\"]}")) {
      RigException e =
          assertThrows(
              RigException.class, () -> Halting.read(Map.of("riglab.halting", wrong), "w"));
      assertEquals("w: its riglab.halting must have weights, a list of 5 numbers", e.getMessage());
    }
  }
}
