package org.riglab.datasets.internal;

import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

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

    /**
     * @return whether images are turned as their EXIF orientation says; label maps are not
     */
    boolean upright() default false;
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
    Config config = options.as(Config.class);
    boolean upright = config.upright();
    Path lists = root.resolve("ImageSets/Segmentation");
    Supplier<Pairing> own = () -> pairing(root, "SegmentationClass");
    Map<String, Supplier<Split>> splits = new LinkedHashMap<>();
    splits.put("train", () -> own.get().split(lists.resolve("train.txt"), upright));
    splits.put("val", () -> own.get().split(lists.resolve("val.txt"), upright));
    Path augmented = lists.resolve("trainaug.txt");
    String sbd = config.sbd();
    if (!sbd.isEmpty()) {
      SbdRelease release = SbdRelease.in(given.resolve(sbd));
      splits.put(
          "trainaug", () -> new FileSplit(trainaug(own.get(), lists, release), List.of(), upright));
    } else if (Files.exists(augmented) && Files.isDirectory(root.resolve("SegmentationClassAug"))) {
      splits.put("trainaug", () -> pairing(root, "SegmentationClassAug").split(augmented, upright));
    }
    splits.put("trainval", () -> new FileSplit(trainval(own.get(), lists), List.of(), upright));
    return new NamedSplits(
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

  private static Pairing pairing(Path root, String labels) {
    return Pairing.ofMaps(root.resolve("JPEGImages"), root.resolve(labels), LABELS);
  }

  /** VOC's own label where it has one: it is finer than SBD's, and has void borders. */
  private static List<FilePair> trainaug(Pairing own, Path lists, SbdRelease sbd) {
    List<String> train = ids(own, lists.resolve("train.txt"));
    Set<String> known = Set.copyOf(train);
    Pairing masks = sbd.pairing();
    return SbdRelease.union(
            train, ids(own, lists.resolve("val.txt")), List.of(sbd.ids("train"), sbd.ids("val")))
        .stream()
        .map(id -> known.contains(id) ? own.pair(id) : masks.pair(id))
        .toList();
  }

  private static List<FilePair> trainval(Pairing own, Path lists) {
    Path list = lists.resolve("trainval.txt");
    if (Files.exists(list)) {
      return own.listed(list);
    }
    TreeSet<String> both = new TreeSet<>(ids(own, lists.resolve("train.txt")));
    both.addAll(ids(own, lists.resolve("val.txt")));
    return both.stream().map(own::pair).toList();
  }

  private static List<String> ids(Pairing own, Path list) {
    return own.listed(list).stream().map(FilePair::id).toList();
  }
}
