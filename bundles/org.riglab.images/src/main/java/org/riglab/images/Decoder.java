package org.riglab.images;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.riglab.api.RigException;
import org.riglab.images.Decoded.Colours;

/**
 * Decodes image files: PNG, JPEG, BMP and GIF with the JDK, TIFF and WebP with TwelveMonkeys.
 * Profiles and texts are taken out before, so that no decoder converts colours by them.
 */
final class Decoder {
  /** Deflate makes no more of a byte. */
  private static final int MOST_DEFLATED = 1032;

  private static final int WHITE_IS_ZERO = 0;
  private static final int BLACK_IS_ZERO = 1;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int SEPARATED = 5;
  private static final int YCBCR = 6;
  private static final Set<Integer> PHOTOMETRICS =
      Set.of(WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, SEPARATED, YCBCR);

  private static final Predicate<String> TRUNCATED = w -> w.startsWith("Truncated File");

  /** What libjpeg warns of when pixels are lost. */
  private static final Predicate<String> DAMAGED =
      Pattern.compile("premature end|bad Huffman code", Pattern.CASE_INSENSITIVE).asPredicate();

  private final Path file;
  private final byte[] bytes;
  private final Format format;

  /**
   * @param file for messages
   * @param bytes of the file
   * @throws RigException if they are no image
   */
  Decoder(Path file, byte[] bytes) {
    this.file = file;
    this.bytes = bytes;
    this.format = Format.of(file, bytes);
  }

  Format format() {
    return format;
  }

  /**
   * @return the image
   * @throws RigException if it is damaged, too large or of an unknown kind; names the file
   */
  Decoded decode() {
    return switch (format) {
      case PNG -> {
        PngChunks png = PngChunks.of(file, bytes);
        BufferedImage image = read(jdk("png"), png.pixels());
        yield decoded(image, Colours.PLAIN, png.significant(), png.orientation());
      }
      case JPEG -> jpeg();
      case TIFF -> tiff();
      case BMP -> decoded(read(jdk("bmp"), bytes), Colours.PLAIN, 0, 1);
      case GIF -> decoded(read(jdk("gif"), bytes), Colours.PLAIN, 0, 1);
      case WEBP -> {
        WebpChunks webp = WebpChunks.of(file, bytes);
        BufferedImage image =
            read(new WebPImageReaderSpi().createReaderInstance(null), webp.pixels());
        yield decoded(image, Colours.PLAIN, 0, webp.orientation());
      }
    };
  }

  /**
   * @return what the file says of the image, without its pixels
   * @throws RigException if that is damaged or too large; names the file
   */
  ImageHeader header() {
    int orientation = 1;
    byte[] data = bytes;
    ImageReader reader;
    switch (format) {
      case PNG -> {
        return pngHeader();
      }
      case JPEG -> {
        JpegSegments jpeg = JpegSegments.of(file, bytes);
        orientation = jpeg.orientation();
        data = jpeg.stripped();
        reader = jdk("jpeg");
      }
      case TIFF -> {
        orientation = TiffTags.orientation(ByteBuffer.wrap(bytes));
        reader = new TIFFImageReaderSpi().createReaderInstance(null);
      }
      case WEBP -> {
        WebpChunks webp = WebpChunks.of(file, bytes);
        orientation = webp.orientation();
        data = webp.pixels();
        reader = new WebPImageReaderSpi().createReaderInstance(null);
      }
      default -> reader = jdk(format.name().toLowerCase(Locale.ROOT));
    }
    int turned = orientation;
    return with(reader, data, r -> new ImageHeader(r.getHeight(0), r.getWidth(0), turned));
  }

  /** Without the JDK, which reads on to the pixels. */
  private ImageHeader pngHeader() {
    if (bytes.length < 24) {
      throw new RigException(file + ": damaged image (cut off)");
    }
    ByteBuffer data = ByteBuffer.wrap(bytes);
    int width = data.getInt(16);
    int height = data.getInt(20);
    if (width < 1 || height < 1) {
      throw new RigException(
          "%s: damaged image (%d x %d pixels, H x W)".formatted(file, height, width));
    }
    return new ImageHeader(height, width, PngChunks.orientation(bytes));
  }

  private static ImageReader jdk(String name) {
    return ImageIO.getImageReadersByFormatName(name).next();
  }

  private static Decoded decoded(
      BufferedImage image, Colours colours, int significant, int orientation) {
    return new Decoded(image.getRaster(), image.getColorModel(), colours, significant, orientation);
  }

  private Decoded jpeg() {
    JpegSegments jpeg = JpegSegments.of(file, bytes);
    Colours colours =
        switch (jpeg.colours()) {
          case GREY, RGB -> Colours.PLAIN;
          case YCC -> Colours.YCC;
          case CMYK -> Colours.INVERTED_CMYK;
          case YCCK -> Colours.INVERTED_YCCK;
        };
    return with(
        jdk("jpeg"),
        jpeg.stripped(),
        reader -> new Decoded(reader.readRaster(0, null), null, colours, 0, jpeg.orientation()));
  }

  private Decoded tiff() {
    ByteBuffer data = ByteBuffer.wrap(bytes);
    int photometric = TiffTags.first(data, TiffTags.PHOTOMETRIC).orElse(RGB);
    int sample = TiffTags.first(data, TiffTags.SAMPLE_FORMAT).orElse(1);
    if (!PHOTOMETRICS.contains(photometric) || sample != 1) {
      throw new RigException(
          "%s: TIFF with photometric interpretation %d and sample format %d,"
                  .formatted(file, photometric, sample)
              + " expected grey, RGB, palette, CMYK or YCbCr of unsigned whole numbers");
    }
    BufferedImage image = read(new TIFFImageReaderSpi().createReaderInstance(null), bytes);
    return decoded(
        image,
        photometric == SEPARATED ? Colours.CMYK : Colours.PLAIN,
        0,
        TiffTags.orientation(data));
  }

  private interface Reading<T> {
    T from(ImageReader reader) throws IOException;
  }

  private BufferedImage read(ImageReader of, byte[] data) {
    return with(
        of,
        data,
        reader -> {
          ImageReadParam param = reader.getDefaultReadParam();
          ImageTypeSpecifier raw = format == Format.TIFF ? reader.getRawImageType(0) : null;
          if (raw != null) {
            param.setDestinationType(raw);
          }
          return reader.read(0, param);
        });
  }

  private <T> T with(ImageReader reader, byte[] data, Reading<T> reading) {
    Set<String> warnings = new LinkedHashSet<>();
    // Not ImageIO.read(InputStream), which caches in a temporary file
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(data))) {
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      // TIFF files are read from where they point to
      reader.setInput(in, format != Format.TIFF && format != Format.WEBP, true);
      requireSize(reader);
      T result = reading.from(reader);
      requireWhole(warnings);
      return result;
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
  private void requireSize(ImageReader reader) throws IOException {
    long height = reader.getHeight(0);
    long width = reader.getWidth(0);
    if (height * width > ImageFiles.MOST_PIXELS) {
      throw new RigException(
          "%s: %d x %d pixels (H x W), expected at most %,d in all"
              .formatted(file, height, width, ImageFiles.MOST_PIXELS));
    }
    // A pixel has a bit or more
    if (format == Format.PNG && height * width / 8 / MOST_DEFLATED > bytes.length) {
      throw new RigException(
          "%s: damaged image (%d bytes cannot hold %d x %d pixels)"
              .formatted(file, bytes.length, height, width));
    }
    if (format == Format.GIF) {
      int wholeWidth = little(6);
      int wholeHeight = little(8);
      if (width != wholeWidth || height != wholeHeight) {
        throw new RigException(
            "%s: GIF whose first frame is %d x %d of %d x %d (H x W), expected a still picture"
                .formatted(file, height, width, wholeHeight, wholeWidth));
      }
    }
  }

  private int little(int at) {
    return Byte.toUnsignedInt(bytes[at]) | Byte.toUnsignedInt(bytes[at + 1]) << 8;
  }

  /**
   * The JPEG reader fills the rest of a picture with grey and says so in a warning only. A missing
   * end marker alone loses no pixels.
   */
  private void requireWhole(Set<String> warnings) {
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
}
