package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.riglab.api.data.Dataset;
import org.riglab.base.Json;

/**
 * PyTorch's numbers, made by {@code src/test/python/training.py}, and the inputs they belong to.
 */
public final class TrainingReference {
  /** Relative to the larger of the number and a thousandth of its tensor's norm. */
  private static final double TOLERANCE = 1e-4;

  private TrainingReference() {}

  /** A section of the numbers. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> section(String name) {
    try (InputStream in = TrainingReference.class.getResourceAsStream("training.json")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return (Map<String, Object>) Json.parse(text, "training.json").get(name);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static float[] sines(long size, double scale, double step, double phase) {
    float[] values = new float[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * Math.sin(step * i + phase));
    }
    return values;
  }

  public static NDArray sines(
      NDManager manager, Shape shape, double scale, double step, double phase) {
    return manager.create(sines(shape.size(), scale, step, phase), shape);
  }

  /** Labels of an image: the first size/n of those for n images are the first image's. */
  public static byte[] labels(int from, int size, int classes) {
    byte[] labels = new byte[size];
    for (int i = 0; i < size; i++) {
      int at = from + i;
      int label = (at * 7 + at / 5) % (classes + 1);
      labels[i] = (byte) (label == classes ? Dataset.VOID : label);
    }
    return labels;
  }

  public static void assertNumber(String what, Object expected, double actual) {
    double number = ((Number) expected).doubleValue();
    assertEquals(what, number, actual, TOLERANCE * Math.abs(number));
  }

  /**
   * @param expected norm, and product with cosines
   * @param values of the tensor
   */
  public static void assertDigest(String what, Object expected, float[] values) {
    double squares = 0;
    double product = 0;
    for (int i = 0; i < values.length; i++) {
      squares += (double) values[i] * values[i];
      product += values[i] * Math.cos(0.9 * i);
    }
    double norm = ((Number) ((List<?>) expected).get(0)).doubleValue();
    assertEquals(what, norm, Math.sqrt(squares), TOLERANCE * norm);
    double wanted = ((Number) ((List<?>) expected).get(1)).doubleValue();
    assertEquals(what, wanted, product, TOLERANCE * norm);
  }
}
