package org.riglab.images;

import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.riglab.api.RigException;

/**
 * Reads image files: PNG, JPEG, TIFF, BMP, GIF (first frame) and WebP. The samples are taken as
 * they are stored, without colour management and without alpha; 16 bits become 8. CMYK and YCCK are
 * converted as Pillow does, and whether three components of a JPEG are RGB is decided by libjpeg's
 * rules.
 */
public final class ImageFiles {
  /** The largest image that is read, in pixels. Its pixels take three times as many bytes. */
  public static final long MOST_PIXELS = 100_000_000;

  private static final int MOST_BYTES = 1 << 29;
  private static final String INDICES = "indices: a palette or grey PNG of 8 bits";

  private ImageFiles() {}

  /**
   * @param name of a file
   * @return whether it ends as the name of an image that can be read; case does not matter
   */
  public static boolean named(String name) {
    return Arrays.stream(Format.values()).anyMatch(f -> f.named(name));
  }

  /**
   * @param name of a file
   * @return whether it ends as the name of a file that can be a label map: the formats that store
   *     each pixel as it was
   */
  public static boolean namedAsMap(String name) {
    return Arrays.stream(Format.values()).anyMatch(f -> f.exact() && f.named(name));
  }

  /**
   * @param name of a file
   * @return the name without the ending of an image; the name itself where there is none
   */
  public static String stem(String name) {
    return named(name) ? name.substring(0, name.lastIndexOf('.')) : name;
  }

  /**
   * Reads what a file says of its image.
   *
   * @param file an image
   * @return size and orientation
   * @throws RigException if it is missing, unreadable or too large; names the file
   */
  public static ImageHeader header(Path file) {
    return new Decoder(file, bytes(file)).header();
  }

  /**
   * Reads a picture with its rows as they are stored.
   *
   * @param file an image
   * @return H*W*3 values
   * @throws RigException if it is missing or unreadable; names the file
   */
  public static Pixels rgb(Path file) {
    return rgb(file, false);
  }

  /**
   * Reads a picture that is no file of its own, such as an entry of an archive. Its rows are as
   * they are stored.
   *
   * @param in the bytes of a file; is not closed
   * @param name for messages, for example {@code frames.zip/0001.png}
   * @return its pixels, 3 bytes each
   * @throws RigException as for a file; the message has the name
   */
  public static Pixels rgb(InputStream in, String name) {
    return rgb(in, name, false);
  }

  /**
   * Reads a picture that is no file of its own, as {@link #rgb(Path, boolean)}.
   *
   * @param in the bytes of a file; is not closed
   * @param name for messages
   * @param upright whether the image is turned as its EXIF orientation says
   * @return its pixels, 3 bytes each
   * @throws RigException as for a file; the message has the name
   */
  public static Pixels rgb(InputStream in, String name, boolean upright) {
    Path file = Path.of(name);
    return rgb(file, bytes(in, file), upright);
  }

  /**
   * Reads a label map that is no file of its own; as {@link #indices(Path)}.
   *
   * @param in the bytes of a file; is not closed
   * @param name for messages, for example {@code labels.zip/0001.png}
   * @return an index for each pixel
   * @throws RigException as for a file; the message has the name
   */
  public static Pixels indices(InputStream in, String name) {
    Path file = Path.of(name);
    return indices(codes(file, map(file, bytes(in, file)), 8, INDICES));
  }

  /**
   * Reads a picture. Grey becomes three equal channels, palettes are looked up, alpha is dropped.
   * Of 16 bits the upper 8 remain; of PNG samples that say to have fewer (sBIT) and hold them on
   * the right, the upper 8 of those.
   *
   * @param file an image
   * @param upright whether the image is turned as its EXIF orientation says
   * @return H*W*3 values
   * @throws RigException if it is missing or unreadable; names the file
   */
  public static Pixels rgb(Path file, boolean upright) {
    return rgb(file, bytes(file), upright);
  }

  private static Pixels rgb(Path file, byte[] bytes, boolean upright) {
    Decoded image = new Decoder(file, bytes).decode();
    byte[] rgb = RgbSamples.of(file, image);
    return Orientation.upright(
        image.height(), image.width(), 3, rgb, upright ? image.orientation() : 1);
  }

  /**
   * Reads a label map: palette indices, or grey values of at most 8 bits.
   *
   * @param file PNG, TIFF, BMP or GIF
   * @return H*W values
   * @throws RigException if it is missing, unreadable, or has colours or more than 8 bits; names
   *     the file
   */
  public static Pixels indices(Path file) {
    return indices(codes(file, 8, INDICES));
  }

  private static Pixels indices(Codes codes) {
    byte[] values = new byte[codes.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) codes.values()[i];
    }
    return new Pixels(codes.height(), codes.width(), values);
  }

  /**
   * Reads a map of codes: palette indices, or grey values.
   *
   * @param file PNG, TIFF, BMP or GIF
   * @param bits that a code may have at most: 8 or 16
   * @param expected what the message about a file of another kind says
   * @return H*W numbers
   * @throws RigException if it is missing, unreadable or of another kind; names the file
   */
  public static Codes codes(Path file, int bits, String expected) {
    return codes(file, map(file, bytes(file)), bits, expected);
  }

  private static Codes codes(Path file, Decoded image, int bits, String expected) {
    Raster raster = image.raster();
    int found = image.bits();
    if (raster.getNumBands() != 1 || found > bits) {
      throw new RigException(
          "%s: %d channel(s) of %d bits, expected %s"
              .formatted(file, raster.getNumBands(), found, expected));
    }
    int height = raster.getHeight();
    int width = raster.getWidth();
    return new Codes(height, width, raster.getSamples(0, 0, width, height, 0, (int[]) null));
  }

  /**
   * Reads a map of colours.
   *
   * @param file PNG, TIFF or BMP of red, green and blue, 8 bits each; alpha does not matter
   * @return H*W values, 0xRRGGBB
   * @throws RigException if it is missing, unreadable or of another kind; names the file
   */
  public static Codes colours(Path file) {
    Decoded image = map(file, bytes(file));
    Raster raster = image.raster();
    int bits = image.bits();
    if (raster.getNumBands() < 3 || bits != 8 || image.colours() != Decoded.Colours.PLAIN) {
      throw new RigException(
          "%s: %s, expected colours: an RGB PNG of 8 bits"
              .formatted(
                  file,
                  image.model() instanceof IndexColorModel
                      ? "a palette image, which has indices"
                      : "%d channel(s) of %d bits".formatted(raster.getNumBands(), bits)));
    }
    byte[] rgb = RgbSamples.of(file, image);
    int[] colours = new int[raster.getHeight() * raster.getWidth()];
    for (int i = 0; i < colours.length; i++) {
      int at = 3 * i;
      colours[i] = (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | rgb[at + 2] & 0xff;
    }
    return new Codes(raster.getHeight(), raster.getWidth(), colours);
  }

  private static Decoded map(Path file, byte[] bytes) {
    Decoder decoder = new Decoder(file, bytes);
    if (!decoder.format().exact()) {
      throw new RigException(
          "%s: a %s file, whose pixels are not those that were written; label maps are PNG files"
                  .formatted(file, decoder.format())
              + " of indices");
    }
    return decoder.decode();
  }

  private static byte[] bytes(InputStream in, Path file) {
    try {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new RigException(
            "%s: more than %,d bytes, expected an image of at most that"
                .formatted(file, MOST_BYTES));
      }
      return bytes;
    } catch (IOException e) {
      throw new RigException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      long size = Files.size(file);
      if (size > MOST_BYTES) {
        throw new RigException(
            "%s: %,d bytes, expected an image of at most %,d".formatted(file, size, MOST_BYTES));
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new RigException(file + ": no such file", e);
    } catch (IOException e) {
      throw new RigException(
          file
              + (Files.isDirectory(file)
                  ? ": a directory, expected an image"
                  : ": cannot be read (" + e.getMessage() + ")"),
          e);
    }
  }
}
