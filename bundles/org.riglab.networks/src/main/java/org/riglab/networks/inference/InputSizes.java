package org.riglab.networks.inference;

import ai.djl.ndarray.types.Shape;
import org.riglab.api.RigException;
import org.riglab.api.network.ImageSizes;

/** Checks the sizes of images before a network sees them. */
public final class InputSizes {
  private InputSizes() {}

  /**
   * @param backbone its name
   * @param sizes that it takes
   * @param image (N, 3, H, W)
   * @throws RigException if the backbone does not take images of that shape
   */
  public static void check(String backbone, ImageSizes sizes, Shape image) {
    long height = image.get(2);
    long width = image.get(3);
    if (!sizes.takes(height) || !sizes.takes(width)) {
      throw new RigException(
          "backbone %s takes images with %s, not %dx%d; the next valid size is %dx%d"
              .formatted(backbone, sizes, height, width, sizes.next(height), sizes.next(width)));
    }
  }
}
