package org.riglab.datasets.internal;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;

/** Anyone's images with label maps, and a table that says what the label maps mean. */
@Component(service = Dataset.class)
@Part(name = "folder", about = "your images, label PNGs and a table of classes as JSON")
public final class FolderDataset implements Dataset {
  private static final String LAYOUT = "expected a directory with images, labels and classes.json";
  private static final List<String> ENDINGS = List.of(".jpg", ".jpeg", ".png");

  /** Options of the data set. */
  public @interface Config {
    /**
     * @return the table of classes, relative to the data directory
     */
    String table() default "classes.json";
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
    FolderTable table = FolderTable.read(root.resolve(options.as(Config.class).table()), root);
    Map<String, List<FilePair>> splits = new LinkedHashMap<>();
    if (table.splits().isEmpty()) {
      splits.put("all", all(table, table.images(), table.labels()));
    }
    table
        .splits()
        .forEach(
            (name, list) ->
                splits.put(
                    name,
                    list.isPresent()
                        ? listed(table, list.get())
                        : all(table, table.images().resolve(name), table.labels().resolve(name))));
    return NamedSplits.of("folder", table.classes(), splits, Map.of());
  }

  private static List<FilePair> all(FolderTable table, Path images, Path labels) {
    Map<String, Path> found = files(images);
    if (images.equals(labels)) {
      found.keySet().removeIf(id -> id.endsWith(table.labelSuffix()));
    }
    if (found.isEmpty()) {
      throw new RigException("folder: no images in " + images + ", expected JPEG or PNG files");
    }
    Map<String, Path> maps = files(labels);
    return found.entrySet().stream()
        .map(e -> pair(table, e.getKey(), e.getValue(), labels, maps))
        .toList();
  }

  /** Files that are listed and missing are for a check to find. */
  private static List<FilePair> listed(FolderTable table, Path list) {
    Map<String, Path> found = files(table.images());
    Map<String, Path> maps = files(table.labels());
    return Lists.ids(list).stream()
        .map(
            id -> {
              Path image = found.getOrDefault(id, table.images().resolve(id + ENDINGS.get(0)));
              return pair(table, id, image, table.labels(), maps);
            })
        .toList();
  }

  private static FilePair pair(
      FolderTable table, String id, Path image, Path labels, Map<String, Path> maps) {
    String name = id + table.labelSuffix();
    return new FilePair(
        id, image, maps.getOrDefault(name, labels.resolve(name + ".png")), table.format());
  }

  /** Images by name without ending, in order. */
  private static Map<String, Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new RigException("folder: no directory " + folder + ", " + LAYOUT);
    }
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path path : (Iterable<Path>) paths.sorted()::iterator) {
        String name = path.getFileName().toString();
        if (!name.startsWith(".")
            && ENDINGS.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith)) {
          Path before = files.put(Lists.stem(name), path);
          if (before != null) {
            throw new RigException(
                "folder: %s and %s have the same name but for the ending, expected one of them"
                    .formatted(before, path.getFileName()));
          }
        }
      }
    } catch (IOException e) {
      throw new RigException(folder + ": cannot be read (" + e.getMessage() + ")", e);
    }
    return files;
  }
}
