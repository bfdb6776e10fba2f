package org.riglab.networks.internal;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.riglab.tensors.HostTensor;

/** Weights, images and facts of tensors as {@code networks.py} computes them. */
public final class Formula {
  private static final double UNIT = 0x1p-53;

  private Formula() {}

  /** FNV-1a of the name, then SplitMix64. */
  public static long bits(long hash, int index) {
    long z = hash + (index + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  public static long hash(String name) {
    long h = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return h;
  }

  private static double uniform(long hash, int index) {
    return (bits(hash, index) >>> 11) * UNIT;
  }

  private static HostTensor tensor(List<Long> shape, float[] values) {
    return new HostTensor(shape, values);
  }

  private static int size(List<Long> shape) {
    return Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
  }

  public static HostTensor weights(int salt, String name, List<Long> shape) {
    long hash = hash(salt + ":" + name);
    double scale = 0;
    double offset = 0;
    if (name.contains(".running_mean")) {
      scale = 0.2;
    } else if (name.contains(".running_var")) {
      offset = 0.5;
      scale = 1;
    } else if (shape.size() == 4) {
      scale = Math.sqrt(6.0 / (shape.get(1) * shape.get(2) * shape.get(3)));
    } else if (name.endsWith("weight")) {
      offset = 0.75;
      scale = 0.5;
    } else {
      scale = 0.2;
    }
    float[] values = new float[size(shape)];
    for (int i = 0; i < values.length; i++) {
      double u = uniform(hash, i);
      values[i] = (float) (offset > 0 ? offset + scale * u : (2 * u - 1) * scale);
    }
    return tensor(shape, values);
  }

  public static HostTensor image(int salt, long n, long height, long width) {
    long hash = hash(salt + ":image");
    List<Long> shape = List.of(n, 3L, height, width);
    float[] values = new float[size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2 * uniform(hash, i) - 1) * 1.75);
    }
    return tensor(shape, values);
  }

  public static long[] label(int salt, int count, int classes, int ignored) {
    long label = hash(salt + ":label");
    long ignore = hash(salt + ":void");
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = uniform(ignore, i) < 0.2 ? ignored : (long) (uniform(label, i) * classes);
    }
    return values;
  }

  /** The norm, and the products with two vectors of signs. */
  public static double[] facts(String name, float[] values) {
    long hash = hash(name);
    double squares = 0;
    double first = 0;
    double second = 0;
    for (int i = 0; i < values.length; i++) {
      long bits = bits(hash, i);
      squares += (double) values[i] * values[i];
      first += (bits >>> 40 & 1) == 0 ? -values[i] : values[i];
      second += (bits >>> 41 & 1) == 0 ? -values[i] : values[i];
    }
    return new double[] {Math.sqrt(squares), first, second};
  }

  /**
   * How far facts are from others, as a share of the norm: the differences of the products are of
   * the size of the norm of the tensors' difference.
   *
   * @param least what a smaller norm counts as
   */
  public static double error(double[] expected, double[] got, double least) {
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs(expected[i] - got[i]));
    }
    return difference / Math.max(expected[0], least);
  }
}
