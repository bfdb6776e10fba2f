package org.riglab.api.training;

import java.util.random.RandomGenerator;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/** A random change of images and labels, in training only. A training applies several in order. */
@ConsumerType
public interface Transform extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "transform";

  /**
   * Makes the transform of one training.
   *
   * @param height H in pixels of the images that the network is trained on; the last transform must
   *     end there, earlier ones need not
   * @param width W of the same
   * @param options see {@link #options()}
   * @return the transform
   * @throws org.riglab.api.RigException if an option is out of range; says what would be right
   */
  Augmentation create(int height, int width, Options options);

  /** The transform of one training. Stateless; called by several threads at once. */
  @ConsumerType
  @FunctionalInterface
  interface Augmentation {
    /**
     * Changes one image and its label. The result depends on the arguments only.
     *
     * @param picture image and label; never changed
     * @param random decides; a stream of its own for each image, epoch and transform
     * @return the changed picture
     */
    Picture apply(Picture picture, RandomGenerator random);
  }
}
