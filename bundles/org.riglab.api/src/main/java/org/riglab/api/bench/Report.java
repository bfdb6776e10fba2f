package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Split;

/** Writes pictures and report pages. All files are written atomically through a temporary file. */
@ProviderType
public interface Report {
  /**
   * Reads a picture with its rows as they are stored.
   *
   * @param file PNG, JPEG, TIFF, BMP, GIF or WebP
   * @return the pixels, as the built-in data sets read them
   * @throws org.riglab.api.RigException if it is missing or unreadable
   */
  default RgbImage read(Path file) {
    return read(file, false);
  }

  /**
   * Reads a picture.
   *
   * @param file PNG, JPEG, TIFF, BMP, GIF or WebP
   * @param upright whether it is turned as its EXIF orientation says
   * @return the pixels, as the built-in data sets read them
   * @throws org.riglab.api.RigException if it is missing or unreadable
   */
  RgbImage read(Path file, boolean upright);

  /**
   * Writes a label map as PNG with the classes' palette; pixel value = label.
   *
   * @param png the file
   * @param labels height*width bytes
   * @param height in pixels
   * @param width in pixels
   * @param classes colours
   */
  void labelMap(Path png, byte[] labels, int height, int width, ClassTable classes);

  /**
   * Writes an image with its labels as overlay and a legend of the classes that occur.
   *
   * @param png the file
   * @param image the image
   * @param labels one per pixel
   * @param classes names and colours
   */
  void overlay(Path png, RgbImage image, byte[] labels, ClassTable classes);

  /**
   * Writes rows of titled tiles: image, label if known, prediction of each iteration, gate maps.
   *
   * @param png the file
   * @param rows the rows
   * @param classes names and colours
   */
  void strip(Path png, List<Row> rows, ClassTable classes);

  /**
   * Writes a row as one PNG per layer, for programs that overlay them: {@code image}, {@code label}
   * if known, {@code t1}, {@code t2}, ... in the colours of the classes, with transparent void
   * pixels, and every map by its name, in grey, from its smallest to its largest value.
   *
   * @param directory created if it does not exist; receives a {@code NAME.png} for each layer
   * @param row the row
   * @param classes colours
   * @return the layers in order, with the smallest and the largest value (mean over channels) of
   *     maps; NaN for other layers
   */
  List<Layer> layers(Path directory, Row row, ClassTable classes);

  /**
   * Writes a contact sheet of a split: images with their labels as overlay.
   *
   * @param png the file
   * @param split the images
   * @param count number of images, distributed evenly over the split
   * @param classes names and colours
   */
  void contactSheet(Path png, Split split, int count, ClassTable classes);

  /**
   * Writes a confusion matrix as a picture: each row as shares of the pixels with that label, with
   * class names and a colour bar.
   *
   * @param png the file
   * @param counts pixels, row = label, column = prediction
   * @param classes names
   * @param title one line
   * @throws org.riglab.api.RigException if the matrix is empty or does not fit the classes
   */
  void confusion(Path png, List<List<Long>> counts, ClassTable classes, String title);

  /**
   * Draws a diagram.
   *
   * @param figure its contents
   * @return an SVG document that needs nothing else
   */
  String svg(Figure figure);

  /**
   * Draws a matrix.
   *
   * @param matrix its contents
   * @return an SVG document that needs nothing else
   */
  String svg(Figure.Matrix matrix);

  /**
   * Writes an inspection as one HTML file that works offline: pictures and diagrams are inside.
   *
   * @param html the file
   * @param inspection its contents
   * @param folder receives the diagrams as SVG and the pictures as PNG; empty for none
   */
  void inspection(Path html, Inspection inspection, java.util.Optional<Path> folder);

  /**
   * Writes a page (index.html and its pictures) that works offline.
   *
   * @param directory created if it does not exist
   * @param page its contents
   * @return the file of the page
   */
  Path page(Path directory, Page page);

  /**
   * A row of a strip.
   *
   * @param name of the image
   * @param image the image
   * @param label true labels; empty if not known
   * @param predictions labels per iteration
   * @param maps gate maps by title, shown as the mean over channels
   */
  record Row(
      String name,
      RgbImage image,
      java.util.Optional<byte[]> label,
      List<byte[]> predictions,
      Map<String, FeatureMap> maps) {}

  /**
   * A picture written by {@link #layers}.
   *
   * @param name of the file, without {@code .png}
   * @param low value of black
   * @param high value of white
   */
  record Layer(String name, double low, double high) {}

  /**
   * A report page.
   *
   * @param title of the page
   * @param summary a few sentences, one paragraph each
   * @param entries one per network, in order
   * @param classes names and colours
   */
  record Page(String title, List<String> summary, List<Entry> entries, ClassTable classes) {}

  /**
   * A network on a report page.
   *
   * @param title of the network
   * @param trainings its trainings, in order; their curves are joined
   * @param evaluations its final evaluations, with titles
   * @param rows examples
   */
  record Entry(
      String title,
      List<Training> trainings,
      Map<String, Evaluation> evaluations,
      List<Row> rows) {}
}
