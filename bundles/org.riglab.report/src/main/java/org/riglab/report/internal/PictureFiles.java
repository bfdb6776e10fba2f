package org.riglab.report.internal;

import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.riglab.api.bench.RgbImage;
import org.riglab.base.AtomicFile;
import org.riglab.images.ImageFiles;
import org.riglab.images.Pixels;

/** Picture files in and out. */
final class PictureFiles {
  private PictureFiles() {}

  /**
   * @param file an image
   * @param upright whether it is turned as its EXIF orientation says
   * @return the pixels, as data sets see them
   * @throws org.riglab.api.RigException if the file is missing, unreadable, cut off or too large
   */
  static RgbImage read(Path file, boolean upright) {
    Pixels pixels = ImageFiles.rgb(file, upright);
    return new RgbImage(pixels.height(), pixels.width(), pixels.values());
  }

  /**
   * @param file replaced if it exists
   * @param picture what to write
   */
  static void writePng(Path file, RenderedImage picture) {
    AtomicFile.write(
        file,
        out -> {
          // The writer of pictures does not say why a stream cannot be written.
          ByteArrayOutputStream png = new ByteArrayOutputStream();
          ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
          try (ImageOutputStream bytes = new MemoryCacheImageOutputStream(png)) {
            writer.setOutput(bytes);
            writer.write(picture);
          } finally {
            writer.dispose();
          }
          png.writeTo(out);
        });
  }
}
