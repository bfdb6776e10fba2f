package org.riglab.images;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.riglab.api.RigException;

/**
 * Reads image files. Samples are taken from the raster, without colour management: greys and
 * indices come out as they were written.
 */
public final class ImageFiles {
  private static final byte[] JPEG_SIGNATURE = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};
  private static final int MOST_BYTES = 256 << 20;
  private static final long MOST_PIXELS = 1L << 26;

  /** Deflate makes no more of a byte. */
  private static final int MOST_DEFLATED = 1032;

  private static final Predicate<String> TRUNCATED = w -> w.startsWith("Truncated File");

  /** What libjpeg warns of when pixels are lost. */
  private static final Predicate<String> DAMAGED =
      Pattern.compile("premature end|bad Huffman code", Pattern.CASE_INSENSITIVE).asPredicate();

  private ImageFiles() {}

  /**
   * Reads a picture. Grey becomes three equal channels, alpha is dropped, 16 bits become the upper
   * 8.
   *
   * @param file PNG or JPEG
   * @return H*W*3 values
   * @throws RigException if it is missing or unreadable; names the file
   */
  public static Pixels rgb(Path file) {
    BufferedImage image = decode(file, bytes(file));
    Raster raster = image.getRaster();
    int pixels = image.getWidth() * image.getHeight();
    int bands = raster.getNumBands();
    byte[] samples = samples(file, raster);
    byte[] rgb = samples;
    if (image.getColorModel() instanceof IndexColorModel palette) {
      rgb = look(samples, palette);
    } else if (bands != 3) {
      // 1 and 2 bands are grey without and with alpha; the fourth of 4 bands is alpha
      rgb = new byte[pixels * 3];
      for (int i = 0; i < pixels; i++) {
        for (int c = 0; c < 3; c++) {
          rgb[3 * i + c] = samples[bands * i + (bands < 3 ? 0 : c)];
        }
      }
    }
    return new Pixels(image.getHeight(), image.getWidth(), rgb);
  }

  /**
   * Reads a label map: palette indices, or grey values of at most 8 bits.
   *
   * @param file PNG
   * @return H*W values
   * @throws RigException if it is missing, unreadable, or has colours or more than 8 bits; names
   *     the file
   */
  public static Pixels indices(Path file) {
    Codes codes = codes(file, 8, "indices: a palette or grey PNG of 8 bits");
    byte[] values = new byte[codes.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) codes.values()[i];
    }
    return new Pixels(codes.height(), codes.width(), values);
  }

  /**
   * Reads a map of codes: palette indices, or grey values.
   *
   * @param file PNG
   * @param bits that a code may have at most: 8 or 16
   * @param expected what the message about a file of another kind says
   * @return H*W values
   * @throws RigException if it is missing, unreadable or of another kind; names the file
   */
  public static Codes codes(Path file, int bits, String expected) {
    Raster raster = png(file).getRaster();
    int found = raster.getSampleModel().getSampleSize(0);
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
   * @param file PNG of red, green and blue, 8 bits each; alpha does not matter
   * @return H*W values, 0xRRGGBB
   * @throws RigException if it is missing, unreadable or of another kind; names the file
   */
  public static Codes colours(Path file) {
    BufferedImage image = png(file);
    Raster raster = image.getRaster();
    int bits = raster.getSampleModel().getSampleSize(0);
    if (raster.getNumBands() < 3 || bits != 8) {
      throw new RigException(
          "%s: %s, expected colours: an RGB PNG of 8 bits"
              .formatted(
                  file,
                  image.getColorModel() instanceof IndexColorModel
                      ? "a palette PNG, which has indices"
                      : "%d channel(s) of %d bits".formatted(raster.getNumBands(), bits)));
    }
    byte[] samples = samples(file, raster);
    int bands = raster.getNumBands();
    int[] colours = new int[raster.getHeight() * raster.getWidth()];
    for (int i = 0; i < colours.length; i++) {
      int at = bands * i;
      colours[i] =
          (samples[at] & 0xff) << 16 | (samples[at + 1] & 0xff) << 8 | samples[at + 2] & 0xff;
    }
    return new Codes(raster.getHeight(), raster.getWidth(), colours);
  }

  private static BufferedImage png(Path file) {
    byte[] bytes = bytes(file);
    if (!isPng(bytes)) {
      throw new RigException(file + ": not a PNG file; label maps are PNG files of indices");
    }
    return decode(file, bytes);
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
      throw new RigException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static boolean isPng(byte[] bytes) {
    return startsWith(bytes, PngChunks.SIGNATURE);
  }

  private static boolean startsWith(byte[] bytes, byte[] signature) {
    int n = signature.length;
    return bytes.length >= n && Arrays.equals(bytes, 0, n, signature, 0, n);
  }

  private static BufferedImage decode(Path file, byte[] bytes) {
    boolean png = isPng(bytes);
    if (!png && !startsWith(bytes, JPEG_SIGNATURE)) {
      throw new RigException(file + ": not an image, expected PNG or JPEG");
    }
    byte[] pixels = png ? PngChunks.withPixels(file, bytes) : bytes;
    ImageReader reader = ImageIO.getImageReadersByFormatName(png ? "png" : "jpeg").next();
    Set<String> warnings = new LinkedHashSet<>();
    // Not ImageIO.read(InputStream), which caches in a temporary file
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(pixels))) {
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(in, true, true);
      requireSize(file, reader, png ? bytes.length : Long.MAX_VALUE);
      BufferedImage image = reader.read(0);
      requireWhole(file, warnings);
      return image;
    } catch (RigException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // ImageIO meets some damaged files with runtime exceptions
      throw new RigException(file + ": damaged image (" + line(e) + ")", e);
    } finally {
      reader.dispose();
    }
  }

  /** ImageIO allocates what the header claims before it reads on. */
  private static void requireSize(Path file, ImageReader reader, long bytes) throws IOException {
    long height = reader.getHeight(0);
    long width = reader.getWidth(0);
    if (height * width > MOST_PIXELS) {
      throw new RigException(
          "%s: %d x %d pixels (H x W), expected at most %,d in all"
              .formatted(file, height, width, MOST_PIXELS));
    }
    // A pixel has a bit or more
    if (height * width / 8 / MOST_DEFLATED > bytes) {
      throw new RigException(
          "%s: damaged image (%d bytes cannot hold %d x %d pixels)"
              .formatted(file, bytes, height, width));
    }
  }

  /**
   * The JPEG reader fills the rest of a picture with grey and says so in a warning only. A missing
   * end marker alone loses no pixels.
   */
  private static void requireWhole(Path file, Set<String> warnings) {
    boolean truncated = warnings.size() > 1 && warnings.stream().anyMatch(TRUNCATED);
    warnings.stream()
        .filter(truncated ? TRUNCATED : DAMAGED)
        .findFirst()
        .ifPresent(
            warning -> {
              throw new RigException(file + ": damaged image (" + warning + ")");
            });
  }

  private static String line(Exception e) {
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.getMessage().replaceAll("\\s+", " ");
  }

  /** All samples, bands interleaved, in the order of bands. */
  private static byte[] samples(Path file, Raster raster) {
    Object data = raster.getDataElements(0, 0, raster.getWidth(), raster.getHeight(), null);
    if (raster.getTransferType() == DataBuffer.TYPE_BYTE) {
      return (byte[]) data;
    }
    if (raster.getTransferType() == DataBuffer.TYPE_USHORT
        && raster.getSampleModel().getSampleSize(0) == 16) {
      short[] wide = (short[]) data;
      byte[] upper = new byte[wide.length];
      for (int i = 0; i < wide.length; i++) {
        upper[i] = (byte) (wide[i] >> 8);
      }
      return upper;
    }
    throw new RigException(file + ": unusual layout of pixels, expected PNG or JPEG");
  }

  private static byte[] look(byte[] indices, IndexColorModel palette) {
    byte[] rgb = new byte[indices.length * 3];
    for (int i = 0; i < indices.length; i++) {
      int colour = palette.getRGB(Byte.toUnsignedInt(indices[i]));
      rgb[3 * i] = (byte) (colour >> 16);
      rgb[3 * i + 1] = (byte) (colour >> 8);
      rgb[3 * i + 2] = (byte) colour;
    }
    return rgb;
  }
}
