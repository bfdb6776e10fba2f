package org.riglab.api.training;

import org.osgi.annotation.versioning.ProviderType;

/**
 * An image and its label, at least 1 x 1. Immutable. Geometric changes are deferred and composed,
 * so that only pixels of the final result are computed.
 */
@ProviderType
public interface Picture {
  /**
   * @return H in pixels
   */
  int height();

  /**
   * @return W in pixels
   */
  int width();

  /**
   * Resizes, bilinear for the image and nearest for the label, with half-pixel centres ({@code
   * interpolate(align_corners=False)}).
   *
   * @param height of the result, 1 or more
   * @param width of the result, 1 or more
   * @return the picture in that size
   */
  Picture resize(int height, int width);

  /**
   * Crops a window, which may extend beyond the picture. Outside of the picture the image has the
   * mean colour of the training's normalisation, and the label is {@link
   * org.riglab.api.data.Dataset#VOID}.
   *
   * @param top row of the window's first row; may be negative
   * @param left column of its first column; may be negative
   * @param height of the result, 1 or more
   * @param width of the result, 1 or more
   * @return the window
   */
  Picture window(int top, int left, int height, int width);

  /**
   * @return the picture with left and right exchanged
   */
  Picture mirror();

  /**
   * @return a copy of the pixels: H*W*3 numbers, row by row, red green blue, 0 to 255
   */
  float[] image();

  /**
   * @return a copy of the label: H*W bytes, row by row: the class, or {@link
   *     org.riglab.api.data.Dataset#VOID}, unsigned
   */
  byte[] label();

  /**
   * Creates a picture from given pixels.
   *
   * @param height H in pixels, 1 or more
   * @param width W in pixels, 1 or more
   * @param image H*W*3 finite numbers, in the order of {@link #image()}; copied
   * @param label H*W bytes, in the order of {@link #label()}; copied
   * @return the picture
   * @throws org.riglab.api.RigException if an array has another length, or a number is NaN or
   *     infinite
   */
  Picture of(int height, int width, float[] image, byte[] label);
}
