package org.riglab.metrics.internal;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.riglab.api.data.Dataset;

/**
 * A label map of rectangles with void among them, and a prediction that resembles it.
 *
 * @param prediction classes and, rarely, values beyond them
 * @param label classes and void
 * @param height in pixels
 * @param width in pixels
 */
@SuppressWarnings("ArrayRecordComponent") // pixels: never compared
record RandomMaps(byte[] prediction, byte[] label, int height, int width) {
  static RandomMaps of(SplittableRandom random, int classes, int height, int width) {
    byte[] label = new byte[height * width];
    for (int k = 0; k < 6; k++) {
      boolean isVoid = random.nextInt(6) == 0;
      paint(random, label, height, width, isVoid ? Dataset.VOID : random.nextInt(classes));
    }
    byte[] prediction = label.clone();
    for (int i = 0; i < prediction.length; i++) {
      if (prediction[i] == (byte) Dataset.VOID) {
        prediction[i] = 0;
      }
    }
    for (int k = 0; k < 2; k++) {
      boolean beyond = random.nextInt(6) == 0;
      paint(random, prediction, height, width, beyond ? classes + 3 : random.nextInt(classes));
    }
    return new RandomMaps(prediction, label, height, width);
  }

  private static void paint(SplittableRandom random, byte[] map, int height, int width, int value) {
    int top = random.nextInt(height);
    int bottom = random.nextInt(top, height) + 1;
    int left = random.nextInt(width);
    int right = random.nextInt(left, width) + 1;
    for (int y = top; y < bottom; y++) {
      Arrays.fill(map, y * width + left, y * width + right, (byte) value);
    }
  }
}
