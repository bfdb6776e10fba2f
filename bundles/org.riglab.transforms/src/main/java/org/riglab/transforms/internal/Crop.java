package org.riglab.transforms.internal;

import java.util.random.RandomGenerator;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.training.Transform;

/**
 * Cuts out a window of the training's size at a random place. Where the picture is smaller than the
 * window, it is placed at random in it, over the mean colour and void.
 */
@Component
@Part(name = "crop", about = "cuts out a window of the training's size, or pads to it")
public final class Crop implements Transform {
  @Override
  public Augmentation create(int height, int width, Options options) {
    return (picture, random) -> {
      int top = offset(picture.height() - height, random);
      int left = offset(picture.width() - width, random);
      return picture.window(top, left, height, width);
    };
  }

  private static int offset(int slack, RandomGenerator random) {
    return Integer.signum(slack) * random.nextInt(Math.abs(slack) + 1);
  }
}
