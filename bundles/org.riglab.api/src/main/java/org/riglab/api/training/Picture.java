package org.riglab.api.training;

import org.osgi.annotation.versioning.ProviderType;

/**
 * An image and its label, at least 1 x 1. Immutable. Geometric changes are put off and done in one
 * go, so that only pixels that are used in the end are ever computed.
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
   * Resizes, bilinear for the image and nearest for the label, with pixel centres at half numbers
   * ({@code interpolate(align_corners=False)}).
   *
   * @param height of the result, 1 or more
   * @param width of the result, 1 or more
   * @return the picture in that size
   */
  Picture resize(int height, int width);

  /**
   * Cuts out a window, which may reach beyond the picture: there the image has the mean colour that
   * the training takes off, and the label is {@link org.riglab.api.data.Dataset#VOID}.
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
   * Makes a picture of given pixels.
   *
   * @param height H in pixels, 1 or more
   * @param width W in pixels, 1 or more
   * @param image H*W*3 finite numbers, as of {@link #image()}; copied
   * @param label H*W bytes, as of {@link #label()}; copied
   * @return the picture
   * @throws org.riglab.api.RigException if an array has another length, or a number is NaN or
   *     infinite
   */
  Picture of(int height, int width, float[] image, byte[] label);
}
