package org.riglab.report.internal;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.RenderedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriter;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.RgbImage;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;

/** Picture files in and out. */
final class PictureFiles {
  /** More would not fit the usual heap several times over. */
  static final long MAX_PIXELS = 100_000_000;

  private static final Set<String> FORMATS = Set.of("png", "jpeg");

  private PictureFiles() {}

  /**
   * @param file PNG or JPEG of any colour type; an alpha channel is dropped
   * @return the pixels as they are stored, without colour management and EXIF rotation
   * @throws RigException if the file is missing, unreadable, cut off or too large
   */
  static RgbImage read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new RigException(
          "cannot read picture "
              + file
              + ": "
              + (Files.exists(file) ? "not a file" : "no such file"));
    }
    try (FileImageInputStream in = new FileImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new RigException("cannot read picture " + file + ": neither PNG nor JPEG");
      }
      ImageReader reader = readers.next();
      try {
        return rgb(decode(reader, in, file));
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers throw unchecked exceptions of many kinds on broken files.
      if (e instanceof RigException known) {
        throw known;
      }
      String why = e instanceof IOException io ? FileFailures.reason(io) : "broken file";
      throw new RigException("cannot read picture " + file + ": " + why, e);
    }
  }

  private static BufferedImage decode(ImageReader reader, FileImageInputStream in, Path file)
      throws IOException {
    if (!FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
      throw new RigException(
          "cannot read picture " + file + ": " + reader.getFormatName() + ", not PNG or JPEG");
    }
    reader.setInput(in, true, true);
    long width = reader.getWidth(0);
    long height = reader.getHeight(0);
    if (width * height > MAX_PIXELS) {
      throw new RigException(
          String.format(
              Locale.ROOT,
              "cannot read picture %s: %d x %d is more than %d megapixels; make it smaller first",
              file,
              width,
              height,
              MAX_PIXELS / 1_000_000));
    }
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    BufferedImage picture = reader.read(0);
    // The JPEG decoder fills what is missing of a cut off file with grey and only warns.
    for (String warning : warnings) {
      if (warning.toLowerCase(Locale.ROOT).contains("premature end")) {
        throw new RigException("cannot read picture " + file + ": the file is cut off");
      }
    }
    return picture;
  }

  private static RgbImage rgb(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    byte[] out = new byte[height * width * 3];
    Raster raster = picture.getRaster();
    // Java takes grey samples for linear light and would brighten them in getRGB.
    boolean grey =
        raster.getNumBands() <= 2 && !(picture.getColorModel() instanceof IndexColorModel);
    int shift = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
    int[] line = new int[width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      if (grey) {
        raster.getSamples(0, y, width, 1, 0, line);
      } else {
        picture.getRGB(0, y, width, 1, line, 0, width);
      }
      for (int p : line) {
        int rgb = grey ? (p >> shift) * 0x010101 : p;
        out[at++] = (byte) (rgb >> 16);
        out[at++] = (byte) (rgb >> 8);
        out[at++] = (byte) rgb;
      }
    }
    return new RgbImage(height, width, out);
  }

  /**
   * @param file replaced if it exists
   * @param picture what to write
   */
  static void writePng(Path file, RenderedImage picture) {
    AtomicFile.write(
        file,
        bytes -> {
          ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
          try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(picture);
          } finally {
            writer.dispose();
          }
        });
  }
}
