package org.riglab.training.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.riglab.api.training.Transform;
import org.riglab.networks.data.Normalization;
import org.riglab.parts.AnnotationOptions;
import org.riglab.training.internal.Augmentation.Step;
import org.riglab.transforms.internal.Crop;
import org.riglab.transforms.internal.Flip;
import org.riglab.transforms.internal.Scale;

/** Scale, crop and perhaps flip, without leases. */
final class BuiltInTransforms {
  private BuiltInTransforms() {}

  static Augmentation augmentation(
      int height, int width, double min, double max, boolean flip, Normalization normalization) {
    List<Step> steps = new ArrayList<>();
    steps.add(step("scale", new Scale(), height, width, Map.of("min", min, "max", max)));
    steps.add(step("crop", new Crop(), height, width, Map.of()));
    if (flip) {
      steps.add(step("flip", new Flip(), height, width, Map.of()));
    }
    return new Augmentation(height, width, steps, normalization);
  }

  static Step step(
      String name, Transform transform, int height, int width, Map<String, Object> options) {
    String title = "transform " + name;
    return new Step(
        name,
        title,
        transform.create(
            height, width, AnnotationOptions.check(title, transform.options(), options)));
  }
}
