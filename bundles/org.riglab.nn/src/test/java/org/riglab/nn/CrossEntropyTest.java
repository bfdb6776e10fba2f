package org.riglab.nn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import org.junit.Test;

public class CrossEntropyTest {
  private static final float[] LOGITS = {
    0.5f, -1f, 2f, 0.25f, 1.5f, 0.75f, -0.5f, 3f, -2f, 0.1f, 0.3f, -0.7f
  };

  /** Expected numbers: PyTorch's cross_entropy(ignore_index=255) and its gradient. */
  private static void check(
      List<Double> weights, long[] labels, double expected, float[] expectedGradient) {
    try (NDManager manager = Engine.getInstance().newBaseManager()) {
      JniUtils.setGradMode(true);
      NDArray logits = manager.create(LOGITS, new Shape(1, 3, 2, 2));
      logits.setRequiresGradient(true);
      NDArray label = manager.create(labels, new Shape(1, 2, 2));
      NDArray loss = new CrossEntropy(255, weights).mean(logits, label);
      assertEquals(expected, loss.getFloat(), 1e-6);
      JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
      assertArrayEquals(expectedGradient, logits.getGradient().toFloatArray(), 1e-6f);
    }
  }

  @Test
  public void meansOverThePixelsThatCount() {
    check(
        List.of(),
        new long[] {0, 2, 255, 1},
        0.866067886,
        new float[] {
          -0.245622501f,
          0.0341573134f,
          0f,
          0.0195740219f,
          0.238422781f,
          0.196561754f,
          0f,
          -0.0271441154f,
          0.00719974376f,
          -0.23071909f,
          0f,
          0.00757007673f
        });
  }

  @Test
  public void dividesByTheClassWeights() {
    check(
        List.of(0.5, 2.0, 3.0),
        new long[] {0, 2, 255, 1},
        0.794895768,
        new float[] {
          -0.0669879541f,
          0.0558937863f,
          0f,
          0.0213534776f,
          0.0650243908f,
          0.321646512f,
          0f,
          -0.0296117626f,
          0.00196356652f,
          -0.37754035f,
          0f,
          0.00825826544f
        });
  }

  @Test
  public void isZeroWithoutLabelledPixels() {
    check(List.of(), new long[] {255, 255, 255, 255}, 0, new float[12]);
    check(List.of(0.5, 2.0, 3.0), new long[] {255, 255, 255, 255}, 0, new float[12]);
  }

  /** Superclass 0 is {0, 1}, superclass 1 is {2, 3}. */
  private static void checkCoarse(
      float[] logits, long label, double fine, double expected, float... expectedGradient) {
    try (NDManager manager = Engine.getInstance().newBaseManager()) {
      JniUtils.setGradMode(true);
      NDArray array = manager.create(logits, new Shape(1, 4, 1, 1));
      array.setRequiresGradient(true);
      NDArray loss =
          new CrossEntropy(255, List.of(), List.of(0, 0, 1, 1))
              .sum(array, manager.create(new long[] {label}, new Shape(1, 1, 1)), fine);
      assertEquals(expected, loss.getFloat(), 1e-6 * Math.max(1, expected));
      JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
      assertArrayEquals(expectedGradient, array.getGradient().toFloatArray(), 1e-6f);
    }
  }

  @Test
  public void theProbabilityOfASuperclassIsTheSumOfItsClasses() {
    float[] equal = {0, 0, 0, 0};
    // All classes are a quarter likely, both superclasses a half.
    checkCoarse(equal, 1, 0, Math.log(2), -0.25f, -0.25f, 0.25f, 0.25f);
    checkCoarse(equal, 1, 1, Math.log(4), 0.25f, -0.75f, 0.25f, 0.25f);
    checkCoarse(
        equal, 1, 0.25, 0.25 * Math.log(4) + 0.75 * Math.log(2), -0.125f, -0.375f, 0.25f, 0.25f);
    // Odds 1, 3, 2, 2: superclass 0 is as likely as 1.
    float[] odds = {0, (float) Math.log(3), (float) Math.log(2), (float) Math.log(2)};
    checkCoarse(odds, 0, 0, Math.log(2), -0.125f, -0.375f, 0.25f, 0.25f);
  }

  @Test
  public void hopelessSuperclassesHaveAFiniteLoss() {
    checkCoarse(new float[] {1000, 0, -500, -500}, 3, 0, 1500 - Math.log(2), 1f, 0f, -0.5f, -0.5f);
    checkCoarse(new float[] {-1000, -1000, 1000, 0}, 2, 0, 0, 0f, 0f, 0f, 0f);
  }
}
