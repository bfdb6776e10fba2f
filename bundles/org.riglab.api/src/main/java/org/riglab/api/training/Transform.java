package org.riglab.api.training;

import java.util.random.RandomGenerator;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/**
 * A random change of images and labels during training. A training applies several transforms in
 * order.
 */
@ConsumerType
public interface Transform extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "transform";

  /**
   * Creates the transform of one training.
   *
   * @param height H in pixels of the images that the network is trained on; the result of the last
   *     transform must have this size, results of earlier ones need not
   * @param width W in pixels of these images
   * @param options see {@link #options()}
   * @return the transform
   * @throws org.riglab.api.RigException if an option is out of range; the message states the range
   */
  Augmentation create(int height, int width, Options options);

  /** The transform of one training. Stateless; called by several threads concurrently. */
  @ConsumerType
  @FunctionalInterface
  interface Augmentation {
    /**
     * Changes one image and its label. The result depends on the arguments only.
     *
     * @param picture image and label; not modified
     * @param random source of all random numbers; a separate stream for each image, epoch and
     *     transform
     * @return the changed picture
     */
    Picture apply(Picture picture, RandomGenerator random);
  }
}
