package org.riglab.images;

/**
 * One axis of a picture that is resized first, then cut, then perhaps mirrored.
 *
 * @param size of the pixels that are there
 * @param scaled size after resizing
 * @param offset of the window in the resized picture
 * @param length of the window
 * @param mirror whether the window is turned around
 * @param low first pixel of the resized picture that may be seen
 * @param high the one behind the last
 */
record Axis(int size, int scaled, int offset, int length, boolean mirror, int low, int high) {
  static Axis of(int size) {
    return new Axis(size, size, 0, size, false, 0, size);
  }

  /** Whether nothing has happened yet, so that {@link #resized} comes first. */
  boolean whole() {
    return equals(of(size));
  }

  Axis resized(int newLength) {
    return new Axis(size, newLength, 0, newLength, false, 0, newLength);
  }

  Axis window(int start, int newLength) {
    return new Axis(
        size,
        scaled,
        mirror ? offset + length - start - newLength : offset + start,
        newLength,
        mirror,
        Math.max(low, offset),
        Math.min(high, offset + length));
  }

  Axis mirrored() {
    return new Axis(size, scaled, offset, length, !mirror, low, high);
  }

  Places places() {
    return new Places(this);
  }

  /** For each pixel of the window, where it lies in the pixels that are there. */
  static final class Places {
    /** Pixels from begin to end-1 lie in the picture, the others outside. */
    final int begin;

    final int end;
    final int[] first;
    final int[] second;
    final float[] weight;
    final int[] nearest;

    Places(Axis axis) {
      int length = axis.length;
      int from = Math.min(length, Math.max(0, axis.low - axis.offset));
      int to = Math.max(from, Math.min(length, axis.high - axis.offset));
      begin = axis.mirror ? length - to : from;
      end = axis.mirror ? length - from : to;
      first = new int[length];
      second = new int[length];
      weight = new float[length];
      nearest = new int[length];
      for (int i = begin; i < end; i++) {
        int at = axis.offset + (axis.mirror ? length - 1 - i : i);
        double centre = PixelCentres.centre(at, axis.size, axis.scaled);
        first[i] = (int) centre;
        second[i] = Math.min(axis.size - 1, first[i] + 1);
        weight[i] = (float) (centre - first[i]);
        nearest[i] = PixelCentres.nearest(at, axis.size, axis.scaled);
      }
    }

    boolean inside(int index) {
      return index >= begin && index < end;
    }
  }
}
