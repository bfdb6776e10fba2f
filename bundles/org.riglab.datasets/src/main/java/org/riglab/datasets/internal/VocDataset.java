package org.riglab.datasets.internal;

import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;

/**
 * PASCAL VOC 2012 segmentation (Everingham et al., 2010) in the development kit's layout, with 20
 * classes and background. Label maps are palette PNGs of indices; 255, the border of objects and
 * difficult ones, is void. {@code trainaug} adds the masks of the Semantic Boundaries Dataset
 * (Hariharan et al., 2011), which have no void.
 */
@Component(service = Dataset.class)
@Part(name = "voc2012", about = "PASCAL VOC 2012, 21 classes; trainaug with SBD's masks")
public final class VocDataset implements Dataset {
  private static final String LAYOUT =
      "expected VOC2012 with JPEGImages, SegmentationClass and ImageSets/Segmentation, or a"
          + " directory with VOCdevkit/VOC2012 in it";
  private static final String TRAINAUG =
      "it needs %s and SegmentationClassAug, or option sbd=DIR with SBD's benchmark_RELEASE";
  private static final LabelFormat LABELS = new IndexedPng(Dataset.VOID);
  private static final List<String> NAMES =
      List.of(
          "background",
          "aeroplane",
          "bicycle",
          "bird",
          "boat",
          "bottle",
          "bus",
          "car",
          "cat",
          "chair",
          "cow",
          "diningtable",
          "dog",
          "horse",
          "motorbike",
          "person",
          "pottedplant",
          "sheep",
          "sofa",
          "train",
          "tvmonitor");
  private static final ClassTable CLASSES =
      new ClassTable(
          IntStream.range(0, NAMES.size())
              .mapToObj(c -> new ClassTable.Entry(NAMES.get(c), VocColours.of(c)))
              .toList());

  /** Options of the data set. */
  public @interface Config {
    /**
     * @return directory of SBD's {@code benchmark_RELEASE}, from which {@code trainaug} is made;
     *     relative to the data directory. Empty to use {@code trainaug.txt} and {@code
     *     SegmentationClassAug} where these are
     */
    String sbd() default "";
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Images open(Optional<Path> directory, Options options) {
    Path given =
        directory.orElseThrow(() -> new RigException("voc2012: no data directory, " + LAYOUT));
    Path root = root(given);
    Path lists = root.resolve("ImageSets/Segmentation");
    List<String> train = Lists.ids(lists.resolve("train.txt"));
    List<String> val = Lists.ids(lists.resolve("val.txt"));
    Map<String, List<FilePair>> splits = new LinkedHashMap<>();
    splits.put("train", pairs(root, train, "SegmentationClass"));
    splits.put("val", pairs(root, val, "SegmentationClass"));
    Path augmented = lists.resolve("trainaug.txt");
    String sbd = options.as(Config.class).sbd();
    if (!sbd.isEmpty()) {
      splits.put("trainaug", trainaug(root, train, val, SbdRelease.in(given.resolve(sbd))));
    } else if (Files.exists(augmented) && Files.isDirectory(root.resolve("SegmentationClassAug"))) {
      splits.put("trainaug", pairs(root, Lists.ids(augmented), "SegmentationClassAug"));
    }
    splits.put("trainval", pairs(root, trainval(lists, train, val), "SegmentationClass"));
    return NamedSplits.of(
        "voc2012", CLASSES, splits, Map.of("trainaug", TRAINAUG.formatted(augmented)));
  }

  private static Path root(Path given) {
    for (String inside : List.of("", "VOC2012", "VOCdevkit/VOC2012")) {
      Path root = given.resolve(inside);
      if (Files.isDirectory(root.resolve("JPEGImages"))) {
        for (String folder : List.of("SegmentationClass", "ImageSets/Segmentation")) {
          if (!Files.isDirectory(root.resolve(folder))) {
            throw new RigException("voc2012: no directory " + root.resolve(folder) + ", " + LAYOUT);
          }
        }
        return root;
      }
    }
    throw new RigException("voc2012: no VOC2012 in " + given + ", " + LAYOUT);
  }

  /** VOC's own label where it has one: it is finer than SBD's, and has void borders. */
  private static List<FilePair> trainaug(
      Path root, List<String> train, List<String> val, SbdRelease sbd) {
    Map<String, FilePair> own = new HashMap<>();
    pairs(root, train, "SegmentationClass").forEach(pair -> own.put(pair.id(), pair));
    return SbdRelease.union(train, val, List.of(sbd.ids("train"), sbd.ids("val"))).stream()
        .map(id -> own.containsKey(id) ? own.get(id) : sbd.pair(id))
        .toList();
  }

  private static List<String> trainval(Path lists, List<String> train, List<String> val) {
    Path list = lists.resolve("trainval.txt");
    if (Files.exists(list)) {
      return Lists.ids(list);
    }
    TreeSet<String> both = new TreeSet<>(train);
    both.addAll(val);
    return new ArrayList<>(both);
  }

  private static List<FilePair> pairs(Path root, List<String> ids, String labels) {
    Path images = root.resolve("JPEGImages");
    return ids.stream()
        .map(
            id ->
                new FilePair(
                    id,
                    images.resolve(id + ".jpg"),
                    root.resolve(labels).resolve(id + ".png"),
                    LABELS))
        .toList();
  }
}
