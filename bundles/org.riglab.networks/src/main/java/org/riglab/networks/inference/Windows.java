package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Windows of one size that cover an image.
 *
 * @param height of the image
 * @param width of the image
 * @param windowHeight at most the image's
 * @param windowWidth at most the image's
 * @param tops first rows, ascending
 * @param lefts first columns, ascending
 */
record Windows(
    int height,
    int width,
    int windowHeight,
    int windowWidth,
    List<Integer> tops,
    List<Integer> lefts) {
  /**
   * @param height of the image
   * @param width of the image
   * @param size (H, W) of the windows; empty for one as large as the image
   * @param overlap share of a window that its neighbour covers too, 0 or more and below 1
   * @return as few windows as cover the image at that overlap
   */
  static Windows of(int height, int width, List<Integer> size, double overlap) {
    int h = size.isEmpty() ? height : Math.min(height, size.get(0));
    int w = size.isEmpty() ? width : Math.min(width, size.get(1));
    return new Windows(height, width, h, w, starts(height, h, overlap), starts(width, w, overlap));
  }

  private static List<Integer> starts(int size, int window, double overlap) {
    int stride = Math.max(1, (int) Math.round(window * (1 - overlap)));
    List<Integer> starts = new ArrayList<>();
    for (int start = 0; start + window < size; start += stride) {
      starts.add(start);
    }
    starts.add(size - window);
    return starts;
  }

  /** Whether one window is all there is. */
  boolean whole() {
    return tops.size() == 1 && lefts.size() == 1;
  }

  /** Every window's rows and columns of an (N, C, H, W) array, row by row. */
  List<NDIndex> indices() {
    List<NDIndex> indices = new ArrayList<>();
    for (int top : tops) {
      for (int left : lefts) {
        indices.add(
            new NDIndex(":,:,{}:{},{}:{}", top, top + windowHeight, left, left + windowWidth));
      }
    }
    return indices;
  }

  /** How many windows cover each pixel, (1, 1, H, W). */
  NDArray counts(NDManager manager) {
    float[] counts = new float[height * width];
    for (int top : tops) {
      for (int left : lefts) {
        for (int y = top; y < top + windowHeight; y++) {
          for (int x = left; x < left + windowWidth; x++) {
            counts[y * width + x]++;
          }
        }
      }
    }
    return manager.create(counts, new Shape(1, 1, height, width));
  }
}
