package org.riglab.images;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.riglab.api.RigException;

/**
 * The header of a JPEG file (ITU-T T.81, annex B).
 *
 * @param colours what the components mean, by libjpeg's rules ({@code jdapimin.c})
 * @param orientation EXIF orientation, 1 to 8
 * @param stripped the file without application data (profiles, texts, thumbnails), with a mark that
 *     makes a decoder hand out components unchanged
 */
@SuppressWarnings("ArrayRecordComponent") // a file: never compared, never copied
record JpegSegments(Colours colours, int orientation, byte[] stripped) {
  /** Adobe's application segment, whose last byte 0 stands for no transform. */
  private static final byte[] NO_TRANSFORM = {
    (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
  };

  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int COMMENT = 0xfe;

  /** What the components of a pixel are. */
  enum Colours {
    /** One component. */
    GREY,
    /** Red, green, blue. */
    RGB,
    /** Luma and two chroma. */
    YCC,
    /** Inverted inks, as Adobe writes them and Pillow expects them. */
    CMYK,
    /** Inverted inks as luma and chroma, and black. */
    YCCK
  }

  /**
   * @param file for messages
   * @param bytes of the file
   * @return its header
   * @throws RigException if the header is cut off or has another number of components
   */
  static JpegSegments of(Path file, byte[] bytes) {
    return new Parser(file, bytes).parse();
  }

  private static final class Parser {
    private final Path file;
    private final byte[] bytes;
    private final ByteArrayOutputStream kept;
    private boolean jfif;
    private int transform = -1;
    private int orientation = 1;
    private int[] ids = {};

    Parser(Path file, byte[] bytes) {
      this.file = file;
      this.bytes = bytes;
      this.kept = new ByteArrayOutputStream(bytes.length + NO_TRANSFORM.length);
    }

    JpegSegments parse() {
      kept.write(bytes, 0, 2);
      kept.writeBytes(NO_TRANSFORM);
      int at = 2;
      while (true) {
        while (at < bytes.length && byteAt(at) != 0xff) {
          at++; // libjpeg skips what lies between segments, too
        }
        while (at < bytes.length && byteAt(at) == 0xff) {
          at++;
        }
        if (at >= bytes.length) {
          throw cutOff();
        }
        int marker = byteAt(at++);
        if (marker == SOS) {
          kept.write(0xff);
          kept.write(bytes, at - 1, bytes.length - at + 1);
          return new JpegSegments(colours(), orientation, kept.toByteArray());
        }
        if (marker == EOI) {
          throw new RigException(file + ": damaged image (JPEG without pixels)");
        }
        if (marker == 0 || marker == 1 || marker >= 0xd0 && marker <= SOI) {
          continue; // markers without contents
        }
        int length = at + 2 <= bytes.length ? byteAt(at) << 8 | byteAt(at + 1) : -1;
        if (length < 2 || at + length > bytes.length) {
          throw cutOff();
        }
        segment(marker, at + 2, length - 2);
        if (!(marker >= 0xe0 && marker <= 0xef) && marker != COMMENT) {
          kept.write(0xff);
          kept.write(marker);
          kept.write(bytes, at, length);
        }
        at += length;
      }
    }

    private void segment(int marker, int at, int length) {
      if (marker == 0xe0 && length >= 14 && Format.has(bytes, at, "JFIF\0")) {
        jfif = true;
      } else if (marker == 0xee && length >= 12 && Format.has(bytes, at, "Adobe")) {
        transform = byteAt(at + 11);
      } else if (marker == 0xe1 && length > 6 && Format.has(bytes, at, "Exif\0\0")) {
        orientation = TiffTags.orientation(ByteBuffer.wrap(bytes, at + 6, length - 6));
      } else if (isFrame(marker) && length >= 6) {
        int count = byteAt(at + 5);
        if (length < 6 + 3 * count) {
          throw cutOff();
        }
        ids = new int[count];
        for (int i = 0; i < count; i++) {
          ids[i] = byteAt(at + 6 + 3 * i);
        }
      }
    }

    /** Start of frame: C0 to CF without tables (C4, C8, CC). */
    private static boolean isFrame(int marker) {
      return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private Colours colours() {
      return switch (ids.length) {
        case 1 -> Colours.GREY;
        case 3 -> threeIsRgb() ? Colours.RGB : Colours.YCC;
        case 4 -> transform > 0 ? Colours.YCCK : Colours.CMYK;
        default ->
            throw new RigException(
                "%s: JPEG of %d components, expected 1, 3 or 4".formatted(file, ids.length));
      };
    }

    /** JFIF is always YCbCr; Adobe says; or else the components are named R, G, B. */
    private boolean threeIsRgb() {
      if (jfif) {
        return false;
      }
      return transform >= 0 ? transform == 0 : ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B';
    }

    private int byteAt(int at) {
      return Byte.toUnsignedInt(bytes[at]);
    }

    private RigException cutOff() {
      return new RigException(file + ": damaged image (the JPEG header is cut off)");
    }
  }
}
