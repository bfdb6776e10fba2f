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
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.riglab.api.RigException;

/**
 * Reads image files. Samples are taken from the raster, without colour management: greys and
 * indices come out as they were written.
 */
public final class ImageFiles {
  private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

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
    byte[] bytes = bytes(file);
    int n = PNG_SIGNATURE.length;
    if (bytes.length < n || !Arrays.equals(bytes, 0, n, PNG_SIGNATURE, 0, n)) {
      throw new RigException(file + ": not a PNG file; label maps are PNG files of indices");
    }
    BufferedImage image = decode(file, bytes);
    Raster raster = image.getRaster();
    int bits = raster.getSampleModel().getSampleSize(0);
    if (raster.getNumBands() != 1 || bits > 8) {
      throw new RigException(
          "%s: %d channel(s) of %d bits, expected indices: a palette or grey PNG of 8 bits"
              .formatted(file, raster.getNumBands(), bits));
    }
    return new Pixels(image.getHeight(), image.getWidth(), samples(file, raster));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new RigException(file + ": no such file", e);
    } catch (IOException e) {
      throw new RigException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static BufferedImage decode(Path file, byte[] bytes) {
    BufferedImage image;
    try {
      // Not ImageIO.read(InputStream), which caches in a temporary file. The stream gets closed.
      image = ImageIO.read(new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes)));
    } catch (IOException | RuntimeException e) {
      // ImageIO meets some damaged files with runtime exceptions
      throw new RigException(file + ": damaged image (" + e.getMessage() + ")", e);
    }
    if (image == null) {
      throw new RigException(file + ": not an image, expected PNG or JPEG");
    }
    return image;
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
