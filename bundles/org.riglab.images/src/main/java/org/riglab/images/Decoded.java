package org.riglab.images;

import java.awt.image.ColorModel;
import java.awt.image.Raster;

/**
 * An image as a decoder hands it out.
 *
 * @param raster its samples
 * @param model what they are; only palettes and sizes of samples are taken from it
 * @param colours what the bands are
 * @param significant bits of a 16-bit sample that count; 0 for all
 * @param orientation EXIF orientation, 1 to 8
 */
record Decoded(Raster raster, ColorModel model, Colours colours, int significant, int orientation) {
  /** What the bands of a raster are. */
  enum Colours {
    /** Palette, grey, grey and alpha, RGB, or RGB and alpha, by the number of bands. */
    PLAIN,
    /** Luma and two chroma, as in JPEG. */
    YCC,
    /** Inks. */
    CMYK,
    /** Inks, inverted. */
    INVERTED_CMYK,
    /** Inks as luma and chroma, and black, inverted. */
    INVERTED_YCCK
  }

  int height() {
    return raster.getHeight();
  }

  int width() {
    return raster.getWidth();
  }

  /** Bits of a sample of the first band. */
  int bits() {
    return raster.getSampleModel().getSampleSize(0);
  }
}
