package org.riglab.images;

import java.awt.image.DataBuffer;
import java.awt.image.DirectColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.nio.file.Path;
import org.riglab.api.RigException;
import org.riglab.images.Decoded.Colours;

/** Makes red, green and blue of what a decoder hands out. */
final class RgbSamples {
  // libjpeg, jdcolor.c: numbers of 16 bits behind the point
  private static final int RED_OF_CR = 91881;
  private static final int BLUE_OF_CB = 116130;
  private static final int GREEN_OF_CR = -46802;
  private static final int GREEN_OF_CB = -22554;
  private static final int HALF = 1 << 15;

  private RgbSamples() {}

  /**
   * @param file for messages
   * @param image decoded
   * @return H*W*3 values
   */
  static byte[] of(Path file, Decoded image) {
    Raster raster = image.raster();
    if (image.model() instanceof IndexColorModel palette) {
      return look(raster, palette);
    }
    if (image.model() instanceof DirectColorModel model
        && raster.getTransferType() != DataBuffer.TYPE_INT) {
      return packed(raster, model);
    }
    byte[] samples = bytes(file, image);
    int bands = raster.getNumBands();
    switch (image.colours()) {
      case YCC -> rgbOfYcc(samples, bands);
      case INVERTED_YCCK -> {
        // libjpeg makes 255 less this of it, and the inversion makes this again
        rgbOfYcc(samples, bands);
        return rgbOfInks(samples, bands, 0, 0xff);
      }
      case CMYK, INVERTED_CMYK -> {
        int inverted = image.colours() == Colours.CMYK ? 0 : 0xff;
        return rgbOfInks(samples, bands, inverted, inverted);
      }
      default -> {}
    }
    return bands == 3 ? samples : plain(samples, bands);
  }

  /** 1 and 2 bands are grey without and with alpha; what follows the third of more is alpha. */
  private static byte[] plain(byte[] samples, int bands) {
    int pixels = samples.length / bands;
    byte[] rgb = new byte[pixels * 3];
    for (int i = 0; i < pixels; i++) {
      for (int c = 0; c < 3; c++) {
        rgb[3 * i + c] = samples[bands * i + (bands < 3 ? 0 : c)];
      }
    }
    return rgb;
  }

  /** In place, the first three bands, rounded as libjpeg does. */
  private static void rgbOfYcc(byte[] samples, int bands) {
    for (int i = 0; i + bands <= samples.length; i += bands) {
      int luma = samples[i] & 0xff;
      int cb = (samples[i + 1] & 0xff) - 128;
      int cr = (samples[i + 2] & 0xff) - 128;
      samples[i] = clamp(luma + (RED_OF_CR * cr + HALF >> 16));
      samples[i + 1] = clamp(luma + (GREEN_OF_CB * cb + GREEN_OF_CR * cr + HALF >> 16));
      samples[i + 2] = clamp(luma + (BLUE_OF_CB * cb + HALF >> 16));
    }
  }

  /** Paper less ink, as Pillow converts (Convert.c, cmyk2rgb). */
  private static byte[] rgbOfInks(byte[] samples, int bands, int inverted, int blackInverted) {
    int pixels = samples.length / bands;
    byte[] rgb = new byte[pixels * 3];
    for (int i = 0; i < pixels; i++) {
      int white = 0xff - (samples[bands * i + 3] & 0xff ^ blackInverted);
      for (int c = 0; c < 3; c++) {
        int product = (samples[bands * i + c] & 0xff ^ inverted) * white + 128;
        rgb[3 * i + c] = (byte) (white - ((product >> 8) + product >> 8));
      }
    }
    return rgb;
  }

  private static byte clamp(int value) {
    return (byte) Math.max(0, Math.min(0xff, value));
  }

  /** All samples as bytes, bands interleaved, in the order of bands. */
  private static byte[] bytes(Path file, Decoded image) {
    Raster raster = image.raster();
    int bits = image.bits();
    int height = raster.getHeight();
    int width = raster.getWidth();
    int type = raster.getTransferType();
    if (type == DataBuffer.TYPE_BYTE && bits == 8 && raster.getNumBands() > 0) {
      return (byte[]) raster.getDataElements(0, 0, width, height, null);
    }
    if (type == DataBuffer.TYPE_USHORT && bits > 8) {
      short[] wide = (short[]) raster.getDataElements(0, 0, width, height, null);
      return upper(wide, image.significant());
    }
    if (type == DataBuffer.TYPE_INT && image.model() instanceof DirectColorModel model) {
      return packed(raster, model);
    }
    throw new RigException(
        "%s: %d channel(s) of %d bits, expected whole numbers of at most 16 bits"
            .formatted(file, raster.getNumBands(), bits));
  }

  /**
   * 8 of 16 bits. Where fewer are significant, a PNG file should have them on the left; but many
   * writers leave numbers on the right, which shows in numbers that are small and not multiples.
   */
  private static byte[] upper(short[] wide, int significant) {
    int shift = 8;
    if (significant > 0 && significant < 16) {
      int most = (1 << significant) - 1;
      boolean small = true;
      boolean odd = false;
      for (short sample : wide) {
        int value = Short.toUnsignedInt(sample);
        small &= value <= most;
        odd |= (value & (1 << 16 - significant) - 1) != 0;
      }
      shift = small && odd ? significant - 8 : 8;
    }
    byte[] upper = new byte[wide.length];
    for (int i = 0; i < wide.length; i++) {
      int value = Short.toUnsignedInt(wide[i]);
      upper[i] = (byte) (shift >= 0 ? value >> shift : value << -shift);
    }
    return upper;
  }

  /** Pixels of few bits in one number, as in BMP files of 16 bits. */
  private static byte[] packed(Raster raster, DirectColorModel model) {
    int[] masks = {model.getRedMask(), model.getGreenMask(), model.getBlueMask()};
    int height = raster.getHeight();
    int width = raster.getWidth();
    byte[] rgb = new byte[height * width * 3];
    int[] pixel = new int[raster.getNumBands()];
    int[] most = new int[3];
    for (int c = 0; c < 3; c++) {
      most[c] = Math.max(1, masks[c] >>> Integer.numberOfTrailingZeros(masks[c]));
    }
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        raster.getPixel(x, y, pixel);
        for (int c = 0; c < 3; c++) {
          rgb[3 * (y * width + x) + c] = (byte) (pixel[c] * 255 / most[c]);
        }
      }
    }
    return rgb;
  }

  private static byte[] look(Raster raster, IndexColorModel palette) {
    int height = raster.getHeight();
    int width = raster.getWidth();
    int[] line = new int[width];
    byte[] rgb = new byte[height * width * 3];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getSamples(0, y, width, 1, 0, line);
      for (int index : line) {
        int colour = palette.getRGB(index);
        rgb[at++] = (byte) (colour >> 16);
        rgb[at++] = (byte) (colour >> 8);
        rgb[at++] = (byte) colour;
      }
    }
    return rgb;
  }
}
