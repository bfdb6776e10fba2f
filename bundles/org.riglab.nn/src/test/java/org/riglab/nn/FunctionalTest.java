package org.riglab.nn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.Test;

public class FunctionalTest {
  private static List<String> numbers() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                FunctionalTest.class.getResourceAsStream("interpolate.txt"),
                StandardCharsets.US_ASCII))) {
      return reader.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static float[] floats(String line) {
    String[] words = line.split(" ");
    float[] values = new float[words.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.parseFloat(words[i]);
    }
    return values;
  }

  /** The numbers are those of interpolate.py. */
  @Test
  public void interpolatesAsPyTorchUpAndDown() {
    List<String> lines = numbers();
    assertEquals(24, lines.size());
    for (int i = 0; i < lines.size(); i += 3) {
      float[] size = floats(lines.get(i));
      try (NDManager manager = NDManager.newBaseManager()) {
        JniUtils.setGradMode(true);
        float[] values = new float[70];
        for (int j = 0; j < 70; j++) {
          values[j] = (j * j * 7 + j) % 23 / 8f - 1;
        }
        NDArray x = manager.create(values, new Shape(1, 2, 5, 7));
        x.setRequiresGradient(true);
        NDArray y = Functional.interpolate(x, (long) size[0], (long) size[1]);
        assertEquals(new Shape(1, 2, (long) size[0], (long) size[1]), y.getShape());
        assertArrayEquals(lines.get(i), floats(lines.get(i + 1)), y.toFloatArray(), 2e-6f);
        NDArray weights = manager.arange((float) y.size()).mod(5).sub(2).reshape(y.getShape());
        NDArray sum = y.mul(weights).sum();
        JniUtils.backward((PtNDArray) sum, (PtNDArray) sum.onesLike(), false, false);
        assertNotNull(x.getGradient());
        assertArrayEquals(
            lines.get(i), floats(lines.get(i + 2)), x.getGradient().toFloatArray(), 5e-6f);
      }
    }
  }

  /** A single column or row: libtorch 2.7.1's kernel is wrong for columns. */
  @Test
  public void interpolatesColumnsAsRows() {
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] values = {0, 1, 4, -2, 3, 5};
      // PyTorch: interpolate([[0, 1, 4], [-2, 3, 5]], size=7, mode='linear', align_corners=False)
      float[] expected = {
        0, 0.142857f, 0.571429f, 1, 2.285714f, 3.571429f, 4,
        -2, -1.285714f, 0.857143f, 3, 3.857143f, 4.714286f, 5
      };
      NDArray column = manager.create(values, new Shape(1, 2, 3, 1));
      NDArray row = manager.create(values, new Shape(1, 2, 1, 3));
      assertArrayEquals(expected, Functional.interpolate(column, 7, 1).toFloatArray(), 1e-5f);
      assertArrayEquals(expected, Functional.interpolate(row, 1, 7).toFloatArray(), 1e-5f);
      for (int side = 2; side < 40; side++) {
        NDArray tall = Functional.interpolate(column, side, 4);
        NDArray wide = Functional.interpolate(row, 4, side);
        assertArrayEquals(tall.transpose(0, 1, 3, 2).toFloatArray(), wide.toFloatArray(), 1e-5f);
      }
    }
  }

  @Test
  public void interpolatesToOnePixelOrMore() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.ones(new Shape(1, 1, 3, 3));
      assertThrows(IllegalArgumentException.class, () -> Functional.interpolate(x, 0, 3));
    }
  }

  /**
   * The engine reads the factor again in the backward pass: its memory must still be there then.
   */
  @Test
  public void aFactorOutlivesTheForwardPass() {
    for (int round = 0; round < 20; round++) {
      try (NDManager manager = Engine.getInstance().newBaseManager()) {
        JniUtils.setGradMode(true);
        NDArray x = manager.create(new float[] {1, -2, 3});
        x.setRequiresGradient(true);
        NDArray sum = Functional.times(x, 0.5).sum();
        assertEquals(1, sum.getFloat(), 0);
        System.gc();
        for (int i = 0; i < 200; i++) {
          manager.create(1e30f);
        }
        JniUtils.backward((PtNDArray) sum, (PtNDArray) sum.onesLike(), false, false);
        float[] gradient = JniUtils.getGradient((PtNDArray) x).toFloatArray();
        assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f}, gradient, 0f);
      }
    }
  }

  /**
   * The reason for {@link Functional#times}: {@code mul(Number)} and {@code div(Number)} close the
   * number's array, whose memory the next garbage collection frees before the backward pass reads
   * it. If this test fails, DJL keeps it, and the warnings can go.
   */
  @Test
  public void aNumberOfDjlIsFreedByACollectionBeforeTheBackwardPass() throws Exception {
    assertTrue(wrong(x -> x.mul(0.5f)));
    assertTrue(wrong(x -> x.div(2f)));
    assertFalse(wrong(x -> Functional.times(x, 0.5)));
  }

  /** Whether a factor of a half ever has another gradient than that. */
  private static boolean wrong(UnaryOperator<NDArray> half) throws InterruptedException {
    JniUtils.setGradMode(true);
    for (int round = 0; round < 10; round++) {
      try (NDManager manager = Engine.getInstance().newBaseManager()) {
        NDArray x = manager.create(new float[] {1, -2, 3});
        x.setRequiresGradient(true);
        NDArray sum = half.apply(x).sum();
        System.gc();
        Thread.sleep(10); // the collected buffer is freed by another thread
        List<ByteBuffer> others = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
          others.add(ByteBuffer.allocateDirect(Float.BYTES).putInt(0, i + 1));
        }
        JniUtils.backward((PtNDArray) sum, (PtNDArray) sum.onesLike(), false, false);
        float gradient = JniUtils.getGradient((PtNDArray) x).toFloatArray()[0];
        if (others.size() > 1 && gradient != 0.5f) {
          return true;
        }
      }
    }
    return false;
  }
}
