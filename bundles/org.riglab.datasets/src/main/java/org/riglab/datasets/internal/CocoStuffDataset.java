package org.riglab.datasets.internal;

import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

/**
 * COCO-Stuff 10K, version 1.1 (Caesar et al., 2018): images in {@code images}, label maps in {@code
 * annotations}, lists in {@code imageLists}.
 */
@Component(service = Dataset.class)
@Part(
    name = "cocostuff10k",
    about = "COCO-Stuff 10K 1.1, 171 classes, or 182 with those that do not occur")
public final class CocoStuffDataset implements Dataset {
  private static final List<String> SPLITS = List.of("train", "test", "all");
  private static final String LAYOUT =
      "expected COCO-Stuff 10K with images, annotations and imageLists";

  /** Options of the data set. */
  public @interface Config {
    /**
     * @return 171 to number the classes that occur from 0 on, or 182 for COCO-Stuff's ids less 1
     */
    int ids() default 171;

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
    int ids = options.as(Config.class).ids();
    CocoStuffClasses classes =
        CocoStuffClasses.of(ids)
            .orElseThrow(
                () ->
                    new RigException(
                        "cocostuff10k: option ids is %d, expected 171 or 182".formatted(ids)));
    Path root =
        directory.orElseThrow(() -> new RigException("cocostuff10k: no data directory, " + LAYOUT));
    for (String folder : List.of("images", "annotations", "imageLists")) {
      if (!Files.isDirectory(root.resolve(folder))) {
        throw new RigException(
            "cocostuff10k: no directory " + root.resolve(folder) + ", " + LAYOUT);
      }
    }
    LabelFormat labels = new CocoStuffMap(classes);
    boolean upright = options.as(Config.class).upright();
    Map<String, Supplier<Split>> splits = new LinkedHashMap<>();
    for (String split : SPLITS) {
      Path list = root.resolve("imageLists").resolve(split + ".txt");
      // The list of all is of no use to most
      if (!split.equals("all") || Files.exists(list)) {
        splits.put(
            split,
            () ->
                Pairing.ofMatrices(root.resolve("images"), root.resolve("annotations"), labels)
                    .split(list, upright));
      }
    }
    return new NamedSplits("cocostuff10k", classes.table(), splits, Map.of());
  }
}
