package org.riglab.training.internal;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.data.Sample;
import org.riglab.api.training.Picture;
import org.riglab.api.training.Transform;
import org.riglab.images.LazyPicture;
import org.riglab.networks.data.Normalization;

/** Makes what a network is trained on of an image: transforms in order, then normalised pixels. */
final class Augmentation {
  private final int height;
  private final int width;
  private final List<Step> steps;
  private final List<Integer> occurrences;
  private final List<LazyPicture.Channel> channels;
  private final float[] mean;

  /**
   * A transform in use.
   *
   * @param name of the transform
   * @param title for messages, for example {@code transform flip (org.riglab.transforms 0.2.0)}
   * @param transform does it
   */
  record Step(String name, String title, Transform.Augmentation transform) {}

  /** Gives each transform its random numbers. */
  interface Streams {
    /** See {@link RandomStreams#transform}. */
    RandomGenerator of(String transform, int occurrence);
  }

  /**
   * @param height H in pixels of the results
   * @param width W in pixels of the results
   * @param steps the transforms
   * @param normalization of the pixels
   */
  Augmentation(int height, int width, List<Step> steps, Normalization normalization) {
    if (height < 1 || width < 1) {
      throw new RigException(
          "crop of %d x %d, expected at least 1 x 1 (H x W)".formatted(height, width));
    }
    this.height = height;
    this.width = width;
    this.steps = List.copyOf(steps);
    this.channels = normalization.channelsInOrder();
    this.mean = normalization.meanColour();
    this.occurrences = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    steps.forEach(step -> occurrences.add(seen.merge(step.name, 1, Integer::sum) - 1));
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  /**
   * Writes one image into a batch.
   *
   * @param sample where from
   * @param streams decide
   * @param slot index in the batch
   * @param images (N, 3, H, W)
   * @param labels (N, H, W)
   * @throws RigException if a transform returns no picture, or the last one another size
   */
  void write(Sample sample, Streams streams, int slot, FloatBuffer images, ByteBuffer labels) {
    int pixels = height * width;
    picture(sample, streams)
        .write(channels, images, slot * channels.size() * pixels, labels, slot * pixels);
  }

  /**
   * As {@link #write}, in bytes that are not normalised.
   *
   * @param sample where from
   * @param streams decide
   * @param slot index in the batch
   * @param images (N, 3, H, W)
   * @param labels (N, H, W)
   */
  void writeBytes(Sample sample, Streams streams, int slot, ByteBuffer images, ByteBuffer labels) {
    int pixels = height * width;
    picture(sample, streams)
        .writeBytes(channels, images, slot * channels.size() * pixels, labels, slot * pixels);
  }

  private LazyPicture picture(Sample sample, Streams streams) {
    Picture picture = LazyPicture.of(sample, mean);
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      picture = step.transform.apply(picture, streams.of(step.name, occurrences.get(i)));
      if (!(picture instanceof LazyPicture)) {
        throw new RigException(
            Kind.PART_FAILED,
            "%s returned %s; it must return a picture made by the methods of the one it is given"
                .formatted(step.title, picture == null ? "null" : picture.getClass().getName()));
      }
    }
    if (picture.height() != height || picture.width() != width) {
      throw new RigException(
          "the transforms end with a picture of %d x %d (H x W), but size is %dx%d; add crop at the end of %s"
              .formatted(picture.height(), picture.width(), height, width, names()));
    }
    return (LazyPicture) picture;
  }

  private String names() {
    return steps.isEmpty()
        ? "transforms"
        : "transforms " + String.join(",", steps.stream().map(Step::name).toList());
  }
}
