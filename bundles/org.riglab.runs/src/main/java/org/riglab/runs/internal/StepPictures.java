package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Sample;
import org.riglab.api.lab.Gallery;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;

/**
 * Predictions that a training made at its evaluations: {@code images/INDEX} with image and label,
 * and {@code STEP/INDEX} with the predictions of a step. A step's folder is complete when it gets
 * its name.
 *
 * @param folder of all of them; need not exist
 */
record StepPictures(Path folder) {
  /** More steps than these are thinned out to every second one. */
  static final int MOST = 40;

  private static final String IMAGES = "images";
  private static final String UNFINISHED = ".writing";

  /** An image as a data set has it. */
  interface Source {
    /**
     * @param index in the split
     * @return its id and pixels
     */
    Sample at(int index);
  }

  /** Steps of which there are pictures, ascending. */
  List<Long> steps() {
    return numbers(folder);
  }

  /** Indices of the images. */
  List<Integer> images() {
    return numbers(folder.resolve(IMAGES)).stream().map(Long::intValue).toList();
  }

  private static List<Long> numbers(Path where) {
    if (!Files.isDirectory(where)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(where)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.matches("\\d{1,18}"))
          .map(Long::parseLong)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw FileFailures.reading(where, e);
    }
  }

  /**
   * Stores the predictions of an evaluation.
   *
   * @param step of the training
   * @param predicted images, the same at each step
   */
  void add(
      long step,
      List<Observer.Predicted> predicted,
      Source source,
      ClassTable classes,
      Report report) {
    Path unfinished = folder.resolve(UNFINISHED);
    PictureFiles.delete(unfinished);
    try {
      for (Observer.Predicted image : predicted) {
        Path shared = folder.resolve(IMAGES).resolve("" + image.index());
        if (!Files.exists(shared.resolve(PictureFiles.ABOUT))) {
          share(image, source, classes, report, shared);
        }
        Path own = Files.createDirectories(unfinished.resolve("" + image.index()));
        for (int t = 1; t <= image.predictions().size(); t++) {
          report.labelMap(
              own.resolve("t" + t + PictureFiles.PNG),
              image.predictions().get(t - 1),
              image.height(),
              image.width(),
              classes);
        }
        Json.write(
            own.resolve(PictureFiles.ABOUT),
            Map.of("accuracy", PictureFiles.accuracies(image.label(), image.predictions())));
      }
      PictureFiles.delete(folder.resolve("" + step)); // evaluated again after a resume
      Files.move(unfinished, folder.resolve("" + step));
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    } finally {
      PictureFiles.delete(unfinished);
    }
    thin();
  }

  private static void share(
      Observer.Predicted image, Source source, ClassTable classes, Report report, Path shared) {
    Sample sample = source.at(image.index());
    RgbImage rgb =
        resized(
            new RgbImage(sample.height(), sample.width(), sample.image()),
            image.height(),
            image.width());
    report.layers(
        shared,
        new Report.Row(sample.id(), rgb, Optional.of(image.label()), List.of(), Map.of()),
        classes);
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("image", sample.id());
    about.put("height", image.height());
    about.put("width", image.width());
    Json.write(shared.resolve(PictureFiles.ABOUT), about);
  }

  /** By the nearest pixel: it is to be looked at only. */
  static RgbImage resized(RgbImage image, int height, int width) {
    if (image.height() == height && image.width() == width) {
      return image;
    }
    byte[] rgb = new byte[3 * height * width];
    for (int y = 0; y < height; y++) {
      int row = (int) ((y + 0.5) * image.height() / height) * image.width();
      for (int x = 0; x < width; x++) {
        int from = 3 * (row + (int) ((x + 0.5) * image.width() / width));
        System.arraycopy(image.rgb(), from, rgb, 3 * (y * width + x), 3);
      }
    }
    return new RgbImage(height, width, rgb);
  }

  /** The newest stays, and every second one before it. */
  private void thin() {
    List<Long> steps = steps();
    if (steps.size() > MOST) {
      for (int i = steps.size() - 2; i >= 0; i -= 2) {
        PictureFiles.delete(folder.resolve("" + steps.get(i)));
      }
    }
  }

  Gallery.Picture read(long step, int index) {
    Path shared = folder.resolve(IMAGES).resolve("" + index);
    Path own = folder.resolve("" + step).resolve("" + index);
    Map<String, Object> about = Json.read(shared.resolve(PictureFiles.ABOUT));
    List<Double> accuracy = new ArrayList<>();
    PictureFiles.list(PictureFiles.about(own.resolve(PictureFiles.ABOUT)).get("accuracy"))
        .forEach(share -> accuracy.add(PictureFiles.number(share)));
    Map<String, byte[]> layers = new LinkedHashMap<>();
    try {
      for (String layer : List.of("image", "label")) {
        layers.put(layer, Files.readAllBytes(shared.resolve(layer + PictureFiles.PNG)));
      }
      for (int t = 1; t <= accuracy.size(); t++) {
        layers.put("t" + t, Files.readAllBytes(own.resolve("t" + t + PictureFiles.PNG)));
      }
    } catch (IOException e) {
      throw FileFailures.reading(own, e);
    }
    return new Gallery.Picture(
        String.valueOf(about.get("image")),
        ((Number) about.get("height")).intValue(),
        ((Number) about.get("width")).intValue(),
        true,
        accuracy,
        List.of(),
        layers);
  }
}
