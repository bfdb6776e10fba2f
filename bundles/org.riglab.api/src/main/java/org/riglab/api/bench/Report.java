package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Split;

/** Pictures and pages. All files are written through a temporary one. */
@ProviderType
public interface Report {
  /**
   * Reads a picture.
   *
   * @param file PNG or JPEG
   * @return the pixels
   * @throws org.riglab.api.RigException if it is missing or unreadable
   */
  RgbImage read(Path file);

  /**
   * Writes a label map as PNG with the classes' palette; pixel value = label.
   *
   * @param png where to
   * @param labels height*width bytes
   * @param height in pixels
   * @param width in pixels
   * @param classes colours
   */
  void labelMap(Path png, byte[] labels, int height, int width, ClassTable classes);

  /**
   * Writes an image with its labels laid over and a legend of the classes that occur.
   *
   * @param png where to
   * @param image the image
   * @param labels one per pixel
   * @param classes names and colours
   */
  void overlay(Path png, RgbImage image, byte[] labels, ClassTable classes);

  /**
   * Writes rows of titled tiles: image, label where known, prediction of each iteration, gate maps.
   *
   * @param png where to
   * @param rows what to show
   * @param classes names and colours
   */
  void strip(Path png, List<Row> rows, ClassTable classes);

  /**
   * Writes what a row shows as one PNG per layer, for programs that lay them over one another:
   * {@code image}, {@code label} where known, {@code t1}, {@code t2}, ... in the classes' colours,
   * transparent where pixels do not count, and every map under its own name, grey, from its least
   * value to its largest.
   *
   * @param directory made if need be; gets {@code NAME.png} for each
   * @param row what to write
   * @param classes colours
   * @return the layers in order, with the least and the largest value (mean over channels) of those
   *     that are maps; NaN for both where it is none
   */
  List<Layer> layers(Path directory, Row row, ClassTable classes);

  /**
   * Writes a contact sheet of a split: images with their labels laid over.
   *
   * @param png where to
   * @param split the images
   * @param count how many, spread evenly over the split
   * @param classes names and colours
   */
  void contactSheet(Path png, Split split, int count, ClassTable classes);

  /**
   * Writes a confusion matrix as a picture: each row in shares of its label's pixels, with class
   * names and a colour bar.
   *
   * @param png where to
   * @param counts pixels, row = label, column = prediction
   * @param classes names
   * @param title one line
   * @throws org.riglab.api.RigException if the matrix is empty or does not fit the classes
   */
  void confusion(Path png, List<List<Long>> counts, ClassTable classes, String title);

  /**
   * Writes a page (index.html and its pictures) that needs no network.
   *
   * @param directory made if need be
   * @param page what is on it
   * @return the page's file
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
   * A picture that {@link #layers} wrote.
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
