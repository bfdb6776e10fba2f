package org.riglab.networks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.riglab.api.RigException;
import org.riglab.nn.Functional;

/**
 * DeepLabV2's multi-scale inputs (Chen et al., TPAMI 2018, section 4.1.2): the same network sees
 * the image at several sizes, and the answer is the largest logit of any, per pixel, class and
 * iteration. A side of the resized image is rounded down, the resize is plain bilinear.
 *
 * @param scales factors on the image's size, each once, 1 among them; more than 0, at most 4
 */
public record MultiScaleInputs(List<Double> scales) {
  /** In words, what scales may be. */
  public static final String VALID = "1 and others, each once, more than 0, at most 4";

  private static final double LARGEST = 4;

  /** The image as it is. */
  public static final MultiScaleInputs SINGLE = new MultiScaleInputs(List.of(1.0));

  /**
   * Copies the list.
   *
   * @throws RigException if the scales are not as described
   */
  public MultiScaleInputs {
    scales = List.copyOf(scales);
    if (!valid(scales)) {
      throw new RigException("input scales are %s; they must be %s".formatted(scales, VALID));
    }
  }

  /**
   * @param scales factors on an image's size
   * @return whether they are as described
   */
  public static boolean valid(List<Double> scales) {
    return scales.contains(1.0)
        && scales.stream().distinct().count() == scales.size()
        && scales.stream().allMatch(s -> s > 0 && s <= LARGEST);
  }

  /**
   * @param scales as above; empty for {@link #SINGLE}
   * @return the inputs
   */
  public static MultiScaleInputs of(List<Double> scales) {
    return scales.isEmpty() ? SINGLE : new MultiScaleInputs(scales);
  }

  /**
   * What the network says.
   *
   * @param scales per scale, in the order of {@link MultiScaleInputs#scales()}: the logits of each
   *     iteration (N, C, h, w), each scale's of its own size
   * @param fused the largest per iteration, at the size of scale 1's logits
   */
  public record Logits(List<NDList> scales, NDList fused) {}

  /**
   * @return whether there are other scales than 1
   */
  public boolean multiple() {
    return scales.size() > 1;
  }

  /**
   * Runs the network once per scale, in order.
   *
   * @param image (N, 3, H, W)
   * @param network from an image of any size to the logits of each iteration
   * @return the logits, on the image's manager
   */
  public Logits forward(NDArray image, Function<NDArray, NDList> network) {
    Shape size = image.getShape();
    List<NDList> all = new ArrayList<>();
    for (double scale : scales) {
      all.add(
          network.apply(
              Functional.interpolate(
                  image, scaled(size.get(2), scale), scaled(size.get(3), scale))));
    }
    NDList reference = all.get(scales.indexOf(1.0));
    NDList fused = new NDList();
    int predictions = all.stream().mapToInt(NDList::size).max().orElseThrow();
    for (int t = 0; t < predictions; t++) {
      Shape shape = at(reference, t).getShape();
      NDArray most = null;
      for (NDList logits : all) {
        NDArray resized = Functional.interpolate(at(logits, t), shape.get(2), shape.get(3));
        most = most == null ? resized : most.maximum(resized);
      }
      fused.add(most);
    }
    return new Logits(List.copyOf(all), fused);
  }

  /** Where a strategy stopped earlier at one scale than at another, its last prediction stands. */
  private static NDArray at(NDList logits, int t) {
    return logits.get(Math.min(t, logits.size() - 1));
  }

  private static long scaled(long side, double scale) {
    return Math.max(1, (long) (side * scale));
  }
}
