package org.riglab.evaluation.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.metric.Accumulator;
import org.riglab.base.Interrupts;
import org.riglab.images.ImageFiles;
import org.riglab.images.Pixels;

/** Scores label maps made by anyone: PNG files of indices, of the same names in two directories. */
public final class MapScorer {
  private MapScorer() {}

  /**
   * Adds all pairs of maps to metrics. Predictions may have any value; void among the classes is
   * allowed and takes that label out of the ground truth only.
   *
   * @param predictions directory of predicted maps
   * @param labels directory of true maps
   * @param classes number of classes
   * @param voidLabel label that does not count; outside 0 to 255 there is none
   * @param metrics accumulators for that many classes
   * @return pixels of each class in the true maps
   * @throws RigException if a map has no counterpart, another size or a label that is neither a
   *     class nor void; names the file
   */
  public static long[] add(
      Path predictions, Path labels, int classes, int voidLabel, List<Accumulator> metrics) {
    SortedSet<String> names = names(labels);
    SortedSet<String> predicted = names(predictions);
    requireAll(names, predicted, predictions);
    requireAll(predicted, names, labels);
    long[] pixels = new long[classes];
    for (String name : names) {
      Interrupts.check();
      Path file = labels.resolve(name);
      Pixels label = ImageFiles.indices(file);
      Pixels prediction = ImageFiles.indices(predictions.resolve(name));
      if (prediction.height() != label.height() || prediction.width() != label.width()) {
        throw new RigException(
            "%s: %d x %d, but its label is %d x %d (H x W)"
                .formatted(
                    predictions.resolve(name),
                    prediction.height(),
                    prediction.width(),
                    label.height(),
                    label.width()));
      }
      markVoid(file, label, classes, voidLabel);
      for (Accumulator metric : metrics) {
        metric.add(prediction.values(), label.values(), label.height(), label.width());
      }
      for (byte value : label.values()) {
        if (Byte.toUnsignedInt(value) < classes && Byte.toUnsignedInt(value) != Dataset.VOID) {
          pixels[Byte.toUnsignedInt(value)]++;
        }
      }
    }
    return pixels;
  }

  private static SortedSet<String> names(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new RigException(directory + ": no such directory, expected one of PNG label maps");
    }
    try (Stream<Path> files = Files.list(directory)) {
      SortedSet<String> names =
          files
              .map(f -> f.getFileName().toString())
              .filter(n -> !n.startsWith(".") && n.toLowerCase(Locale.ROOT).endsWith(".png"))
              .collect(Collectors.toCollection(TreeSet::new));
      if (names.isEmpty()) {
        throw new RigException(directory + ": no PNG files, expected label maps");
      }
      return names;
    } catch (IOException e) {
      throw new RigException(directory + ": cannot be listed (" + e.getMessage() + ")", e);
    }
  }

  private static void requireAll(
      SortedSet<String> names, SortedSet<String> counterparts, Path directory) {
    SortedSet<String> missing = new TreeSet<>(names);
    missing.removeAll(counterparts);
    if (!missing.isEmpty()) {
      throw new RigException(
          "%s is missing, expected the same names in both directories (%d of %d missing)"
              .formatted(directory.resolve(missing.first()), missing.size(), names.size()));
    }
  }

  private static void markVoid(Path file, Pixels label, int classes, int voidLabel) {
    byte[] values = label.values();
    for (int i = 0; i < values.length; i++) {
      int value = Byte.toUnsignedInt(values[i]);
      if (value == voidLabel) {
        values[i] = (byte) Dataset.VOID;
      } else if (value >= classes) {
        throw new RigException(
            "%s: label %d in row %d, column %d, expected 0 to %d or %d (void)"
                .formatted(
                    file, value, i / label.width(), i % label.width(), classes - 1, voidLabel));
      }
    }
  }
}
