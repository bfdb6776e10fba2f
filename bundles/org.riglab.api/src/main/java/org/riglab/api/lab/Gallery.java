package org.riglab.api.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.data.ClassTable;

/**
 * Predictions and gate maps per iteration for images of the validation split of a run (for an
 * evaluation: the evaluated split). When a run ends, the pictures of a few images are stored, and
 * during a training their predictions at each evaluation. Pictures of other images are computed
 * from the run's own last checkpoint, never from what its network is now. A server has its workers
 * compute: it loads no engine for pictures. Thread safe.
 */
@ProviderType
public interface Gallery {
  /**
   * @param run the run
   * @return the available images
   * @throws org.riglab.api.RigException if the run has no stored pictures and its data cannot be
   *     opened
   */
  Listing list(Run run);

  /**
   * @param run the run
   * @param index of the image in its split, from 0
   * @return the stored picture, or else a new one, at the cost of about one step
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such image, or it must be computed
   *     and the run has no checkpoint
   */
  Picture picture(Run run, int index);

  /**
   * @param run the run
   * @param index one of {@link Listing#stepImages}
   * @param step one of {@link Listing#steps}
   * @return the predictions of the evaluation after that step, without gate maps
   * @throws org.riglab.api.RigException NOT_FOUND if there is none
   */
  Picture picture(Run run, int index, long step);

  /**
   * Predicts the labels of an image and writes them as an overlay of the image. In a server a
   * worker computes it.
   *
   * @param network its name
   * @param image the file to read
   * @param png the file to write; it may be {@code image}
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such network, INVALID if the image
   *     cannot be read, BUSY if the network is in use, UNAVAILABLE if no worker is ready
   */
  void overlay(String network, Path image, Path png);

  /**
   * The images of a run.
   *
   * @param network the network's name
   * @param images ids in the order of the split, at most 1000
   * @param kept indices of the images with stored pictures
   * @param classes by label
   * @param others whether pictures of the other images can be computed
   * @param steps of a training after which predictions were stored, ascending
   * @param stepImages indices of the images with stored predictions, the same for all steps
   */
  record Listing(
      String network,
      List<String> images,
      List<Integer> kept,
      ClassTable classes,
      boolean others,
      List<Long> steps,
      List<Integer> stepImages) {}

  /**
   * An image with its predictions and gate maps.
   *
   * @param image its id
   * @param height in pixels
   * @param width in pixels
   * @param kept whether it was stored with the run; otherwise it was computed from the run's last
   *     checkpoint
   * @param accuracy share of correct pixels among those that are not void, per iteration; NaN if
   *     all are void
   * @param gates the gates' maps
   * @param layers PNG files by name: {@code image}, {@code label} and {@code t1}, {@code t2}, ...
   *     in the colours of the classes, with transparent void pixels, and the maps of the gates,
   *     {@code gate.BLOCK.tN}
   */
  record Picture(
      String image,
      int height,
      int width,
      boolean kept,
      List<Double> accuracy,
      List<GateMap> gates,
      Map<String, byte[]> layers) {}

  /**
   * A gate map as a grey-scale picture of the mean over its channels: black is {@code low}, white
   * is {@code high}.
   *
   * @param layer name of its layer
   * @param block 1 for B1
   * @param iteration 2 or more
   * @param low smallest value
   * @param high largest value
   */
  record GateMap(String layer, int block, int iteration, double low, double high) {}
}
