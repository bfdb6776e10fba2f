package org.riglab.datasets.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.riglab.api.RigException;

/**
 * The Semantic Boundaries Dataset as it is downloaded: images in {@code dataset/img}, masks in
 * {@code dataset/cls}, lists beside them.
 *
 * @param root the directory {@code dataset}
 */
record SbdRelease(Path root) {
  private static final LabelFormat MASKS = new SbdMask();

  /**
   * @param given the release, what contains it, or its directory {@code dataset}
   * @return the release
   * @throws RigException if there is none
   */
  static SbdRelease in(Path given) {
    for (String inside : List.of("", "dataset", "benchmark_RELEASE/dataset")) {
      Path root = given.resolve(inside);
      if (Files.isDirectory(root.resolve("cls"))) {
        return new SbdRelease(root);
      }
    }
    throw new RigException(
        ("voc2012: no SBD in %s, expected SBD's benchmark_RELEASE with dataset/img, dataset/cls,"
                + " dataset/train.txt and dataset/val.txt")
            .formatted(given));
  }

  /**
   * @return the ids of one of the release's splits
   */
  List<String> ids(String split) {
    return Lists.ids(root.resolve(split + ".txt"));
  }

  /**
   * @return the images and their masks
   */
  Pairing pairing() {
    return Pairing.ofMatrices(root.resolve("img"), root.resolve("cls"), MASKS);
  }

  /**
   * The ids of {@code trainaug}: VOC's training images and all of SBD's, without those that VOC
   * validates on. SBD was made of VOC 2011 and has its own splits, so both of its lists overlap
   * both of VOC's.
   *
   * @param train VOC's training images
   * @param val VOC's validation images
   * @param sbd SBD's lists
   * @return in order of ids, each once
   */
  static List<String> union(
      Collection<String> train, Collection<String> val, List<? extends Collection<String>> sbd) {
    TreeSet<String> ids = new TreeSet<>(train);
    sbd.forEach(ids::addAll);
    ids.removeAll(new TreeSet<>(val));
    return List.copyOf(ids);
  }
}
