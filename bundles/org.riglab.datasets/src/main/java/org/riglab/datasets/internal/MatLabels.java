package org.riglab.datasets.internal;

import java.nio.file.Path;
import org.riglab.api.RigException;
import org.riglab.images.Pixels;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Matrix;

/** Label maps out of arrays of MAT files. */
final class MatLabels {
  private MatLabels() {}

  /** What the numbers of a file mean. */
  interface Meaning {
    /**
     * @param number in the file
     * @return a label, 0 to 255; -1 if the number means nothing
     */
    int label(int number);
  }

  /**
   * Turns an array of numbers, column by column as MATLAB has them, into a label map. The numbers
   * may have any type: MATLAB keeps whole numbers as {@code double} too.
   *
   * @param file for messages
   * @param name of the array, for messages
   * @param array of the file
   * @param meaning of the numbers
   * @param expected which numbers there may be, for messages
   * @return H*W labels
   * @throws RigException if it is no matrix of such numbers; names the file
   */
  static Pixels of(Path file, String name, Array array, Meaning meaning, String expected) {
    if (!(array instanceof Matrix matrix)
        || matrix.isComplex()
        || array.getNumDimensions() != 2
        || array.getNumElements() == 0) {
      throw new RigException(
          "%s: %s is %s, expected a matrix of labels"
              .formatted(file, name, MatFile.describe(array)));
    }
    int height = matrix.getNumRows();
    int width = matrix.getNumCols();
    byte[] labels = new byte[height * width];
    int[] known = new int[256];
    for (int i = 0; i < known.length; i++) {
      known[i] = meaning.label(i);
    }
    int from = 0;
    for (int x = 0; x < width; x++) {
      for (int y = 0; y < height; y++) {
        double number = number(file, name, matrix, from++);
        int label = number >= 0 && number < 256 && number % 1 == 0 ? known[(int) number] : -1;
        if (label < 0) {
          throw new RigException(
              "%s: %s has %s in row %d, column %d, expected %s"
                  .formatted(file, name, text(number), y, x, expected));
        }
        labels[y * width + x] = (byte) label;
      }
    }
    return new Pixels(height, width, labels);
  }

  private static String text(double number) {
    return number % 1 == 0 ? String.valueOf((long) number) : String.valueOf(number);
  }

  private static double number(Path file, String name, Matrix matrix, int index) {
    try {
      return matrix.getDouble(index);
    } catch (IllegalArgumentException e) {
      // Only now does the library see that they are no numbers
      throw new RigException("%s: %s: %s".formatted(file, name, e.getMessage()), e);
    }
  }
}
