package org.riglab.datasets.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.riglab.api.RigException;
import org.riglab.api.data.Split;

/**
 * Images and label maps in two folders, whose ids are the same but for a suffix.
 *
 * @param images where images are looked for
 * @param labels where label maps are looked for
 * @param imageFolder where an image is expected that is not found
 * @param labelFolder where a label map is expected that is not found
 * @param suffix what names of label maps have and those of images have not
 * @param ending of a label map that is not found
 * @param format of the label maps
 */
record Pairing(
    FileIndex images,
    FileIndex labels,
    Path imageFolder,
    Path labelFolder,
    String suffix,
    String ending,
    LabelFormat format) {

  /** Images and label maps that are image files. */
  static Pairing ofMaps(Path images, Path labels, LabelFormat format) {
    return new Pairing(
        FileIndex.images(images), FileIndex.maps(labels), images, labels, "", ".png", format);
  }

  /** Images, and label maps in MATLAB's format. */
  static Pairing ofMatrices(Path images, Path labels, LabelFormat format) {
    return new Pairing(
        FileIndex.images(images), FileIndex.matrices(labels), images, labels, "", ".mat", format);
  }

  /** The pair of an id. What is missing is for a check to find. */
  FilePair pair(String id) {
    String map = id + suffix;
    return new FilePair(
        id,
        images.file(id).orElseGet(() -> imageFolder.resolve(id + ".jpg")),
        labels.file(map).orElseGet(() -> labelFolder.resolve(map + ending)),
        format);
  }

  /** The pairs of a list. */
  List<FilePair> listed(Path list) {
    return Lists.read(list, images.names()).stream().map(line -> pair(line.id())).toList();
  }

  /** The split of a list. */
  Split split(Path list, boolean upright) {
    return new FileSplit(listed(list), List.of(), upright);
  }

  /**
   * Every image, in order of ids.
   *
   * @param remarks what else a check says about the split
   */
  Split all(String dataset, boolean upright, List<String> remarks) {
    List<String> ids = new ArrayList<>(images.files().keySet());
    if (imageFolder.equals(labelFolder)) {
      ids.removeIf(id -> id.endsWith(suffix));
    }
    if (ids.isEmpty()) {
      throw new RigException(
          "%s: no images in %s, expected PNG, JPEG, TIFF, BMP, GIF or WebP files%s"
              .formatted(
                  dataset,
                  imageFolder,
                  images.skipped().isEmpty() ? "" : "; " + String.join("; ", images.skipped())));
    }
    Set<String> skipped = new LinkedHashSet<>(images.skipped());
    skipped.addAll(labels.skipped());
    withoutImage(Set.copyOf(ids)).ifPresent(skipped::add);
    skipped.addAll(remarks);
    return new FileSplit(ids.stream().map(this::pair).toList(), List.copyOf(skipped), upright);
  }

  /** Label maps that no image uses, where they have a folder of their own. */
  private Optional<String> withoutImage(Set<String> ids) {
    List<String> alone =
        imageFolder.equals(labelFolder)
            ? List.of()
            : labels.ids().stream()
                .filter(id -> id.endsWith(suffix))
                .map(id -> id.substring(0, id.length() - suffix.length()))
                .filter(id -> !ids.contains(id))
                .toList();
    return alone.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%d %s in %s without an image: %s%s"
                .formatted(
                    alone.size(),
                    alone.size() == 1 ? "label map" : "label maps",
                    labelFolder,
                    String.join(", ", alone.subList(0, Math.min(FileIndex.NAMED, alone.size()))),
                    alone.size() > FileIndex.NAMED ? ", ..." : ""));
  }

  /**
   * @param dataset its name, for the message
   * @param folder that must be there
   * @param layout what the message says about it
   * @return the folder
   */
  static Path required(String dataset, Path folder, String layout) {
    if (!Files.isDirectory(folder)) {
      throw new RigException(
          RigException.Kind.NOT_FOUND, dataset + ": no directory " + folder + ", " + layout);
    }
    return folder;
  }
}
