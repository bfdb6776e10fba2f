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

/** Anyone's images with label maps, and a table that says what the label maps mean. */
@Component(service = Dataset.class)
@Part(name = "folder", about = "your images, label maps and a table of classes as JSON")
public final class FolderDataset implements Dataset {
  private static final String LAYOUT = "expected a directory with images, labels and classes.json";

  private static final List<String> LISTS =
      List.of("train.txt", "val.txt", "valid.txt", "test.txt");

  /** Options of the data set. */
  public @interface Config {
    /**
     * @return the table of classes, relative to the data directory
     */
    String table() default "classes.json";

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
    Path root =
        directory.orElseThrow(() -> new RigException("folder: no data directory, " + LAYOUT));
    if (!Files.isDirectory(root)) {
      throw new RigException("folder: no directory " + root + ", " + LAYOUT);
    }
    Config config = options.as(Config.class);
    FolderTable table = FolderTable.read(root.resolve(config.table()), root);
    boolean upright = config.upright();
    Map<String, Supplier<Split>> splits = new LinkedHashMap<>();
    if (table.splits().isEmpty()) {
      splits.put(
          "all", () -> pairing(table, "").all("folder", upright, unused(root, config.table())));
    }
    table
        .splits()
        .forEach(
            (name, list) ->
                splits.put(
                    name,
                    list.isPresent()
                        ? () -> pairing(table, "").split(existing(list.get()), upright)
                        : () -> inside(table, name).all("folder", upright, List.of())));
    return new NamedSplits("folder", table.classes(), splits, Map.of());
  }

  /** Lists that people keep beside their images, and that a table without splits does not name. */
  private static List<String> unused(Path root, String table) {
    List<String> lists =
        LISTS.stream().filter(name -> Files.isRegularFile(root.resolve(name))).toList();
    return lists.isEmpty()
        ? List.of()
        : List.of(
            "%s in %s not used: %s declares no splits; for example \"splits\": {\"train\": \"%s\"}"
                .formatted(String.join(", ", lists), root, table, lists.get(0)));
  }

  private static Pairing inside(FolderTable table, String split) {
    Path images = table.images().resolve(split);
    if (!Files.isDirectory(images)) {
      throw new RigException(
          "folder: no directory %s for split %s; a split that is a list is declared with its file: \"splits\": {\"%s\": \"%s.txt\"}"
              .formatted(images, split, split, split));
    }
    return pairing(table, split);
  }

  /** The images and label maps in a sub-folder of both directories. */
  private static Pairing pairing(FolderTable table, String inside) {
    Path images = declared(table.images().resolve(inside).normalize());
    Path labels = declared(table.labels().resolve(inside).normalize());
    return new Pairing(
        FileIndex.images(images, labels),
        FileIndex.maps(labels, images),
        images,
        labels,
        table.labelSuffix(),
        ".png",
        table.format());
  }

  /** The table names it, so that it is wrong where it is missing. */
  private static Path declared(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new RigException("folder: no directory " + folder + ", " + LAYOUT);
    }
    return folder;
  }

  private static Path existing(Path list) {
    if (!Files.exists(list)) {
      throw new RigException(list + ": no such file, expected a list of images");
    }
    return list;
  }
}
