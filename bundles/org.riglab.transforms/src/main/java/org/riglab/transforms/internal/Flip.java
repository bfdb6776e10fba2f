package org.riglab.transforms.internal;

import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.training.Transform;

/** Exchanges left and right in every other picture, at random. */
@Component
@Part(name = "flip", about = "exchanges left and right with probability 0.5")
public final class Flip implements Transform {
  @Override
  public Augmentation create(int height, int width, Options options) {
    return (picture, random) -> random.nextBoolean() ? picture.mirror() : picture;
  }
}
