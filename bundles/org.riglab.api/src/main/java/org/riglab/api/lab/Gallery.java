package org.riglab.api.lab;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.data.ClassTable;

/**
 * What a run's network makes of images of its validation split (of an evaluation: the split that
 * was evaluated), iteration by iteration, and its gates. When a run is done it keeps the pictures
 * of a few images; of all others the network is asked as it is now. Thread safe.
 */
@ProviderType
public interface Gallery {
  /**
   * @param run the run
   * @return which images there are
   * @throws org.riglab.api.RigException if the run keeps no pictures and its data cannot be opened
   */
  Listing list(Run run);

  /**
   * @param run the run
   * @param index of the image in its split, from 0
   * @return the picture that the run keeps, else a new one, which costs as much as a step
   * @throws org.riglab.api.RigException if there is no such image, or it has to be made and the
   *     network is in use
   */
  Picture picture(Run run, int index);

  /**
   * The images of a run.
   *
   * @param network the network's name
   * @param images ids in the split's order, a thousand at most
   * @param kept indices of those whose pictures the run keeps
   * @param classes by label
   */
  record Listing(String network, List<String> images, List<Integer> kept, ClassTable classes) {}

  /**
   * An image, and what the network makes of it.
   *
   * @param image its id
   * @param height in pixels
   * @param width in pixels
   * @param kept whether the run keeps it; otherwise it tells of the network as it is now
   * @param accuracy share of the pixels that are right, of those that count, per iteration; NaN
   *     where none counts
   * @param gates the gates' maps
   * @param layers PNG files by name: {@code image}, {@code label} and {@code t1}, {@code t2}, ...
   *     in the classes' colours, transparent where pixels do not count, and the gates' maps, {@code
   *     gate.BLOCK.tN}
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
   * A gate's map as a grey picture, the mean over its channels: black for {@code low}, white for
   * {@code high}.
   *
   * @param layer its name
   * @param block 1 for B1
   * @param iteration 2 or more
   * @param low least value
   * @param high largest value
   */
  record GateMap(String layer, int block, int iteration, double low, double high) {}
}
