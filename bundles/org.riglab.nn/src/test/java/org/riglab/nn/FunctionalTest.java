package org.riglab.nn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

  @Test
  public void interpolatesToOnePixelOrMore() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.ones(new Shape(1, 1, 3, 3));
      assertThrows(IllegalArgumentException.class, () -> Functional.interpolate(x, 0, 3));
    }
  }
}
