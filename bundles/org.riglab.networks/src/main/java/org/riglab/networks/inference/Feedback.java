package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;

/** Feedback arrays as numbers. */
final class Feedback {
  private Feedback() {}

  static double[] values(NDArray array) {
    float[] floats = array.toFloatArray();
    double[] values = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }

  /** An array of the same shape and owner. */
  static NDArray array(double[] values, NDArray like) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return like.getManager().create(floats, like.getShape());
  }
}
