package org.riglab.images;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.CRC32;
import org.riglab.api.RigException;

/**
 * The chunks of a PNG file (W3C, <i>PNG Specification</i>, section 5).
 *
 * @param pixels a PNG of header, palette and pixels
 * @param significant bits of a sample that count (sBIT), the most of any channel; 0 where nothing
 *     is said
 * @param orientation EXIF orientation, 1 to 8
 */
@SuppressWarnings("ArrayRecordComponent") // a file: never compared, never copied
record PngChunks(byte[] pixels, int significant, int orientation) {
  static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private static final String END = "IEND";
  private static final Set<String> PIXELS = Set.of("IHDR", "PLTE", "IDAT", END);
  private static final int LENGTH = 4;
  private static final int TYPE = 4;
  private static final int CRC = 4;

  /**
   * Checks a file, and leaves out what does not hold pixels: colour management and transparency,
   * which would change them, and texts, which may inflate to any size.
   *
   * @param file for messages
   * @param bytes of the file
   * @return what is used of it
   * @throws RigException if the file is cut off or a checksum is wrong; names the file
   */
  static PngChunks of(Path file, byte[] bytes) {
    ByteBuffer data = ByteBuffer.wrap(bytes);
    ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
    kept.write(bytes, 0, SIGNATURE.length);
    int at = SIGNATURE.length;
    String type = "";
    int significant = 0;
    int orientation = 1;
    while (!type.equals(END)) {
      int left = bytes.length - at - LENGTH - TYPE - CRC;
      int length = left < 0 ? 0 : data.getInt(at);
      if (left < 0 || length < 0 || length > left) {
        throw new RigException(file + ": damaged image (cut off, or no PNG after byte " + at + ")");
      }
      type = new String(bytes, at + LENGTH, TYPE, StandardCharsets.ISO_8859_1);
      if (PIXELS.contains(type)) {
        CRC32 crc = new CRC32();
        crc.update(bytes, at + LENGTH, TYPE + length);
        if ((int) crc.getValue() != data.getInt(at + LENGTH + TYPE + length)) {
          throw new RigException(
              "%s: damaged image (wrong checksum of chunk %s at byte %d)"
                  .formatted(file, type, at));
        }
        kept.write(bytes, at, LENGTH + TYPE + length + CRC);
      } else if (type.equals("sBIT")) {
        for (int i = 0; i < length; i++) {
          significant = Math.max(significant, bytes[at + LENGTH + TYPE + i]);
        }
      } else if (type.equals("eXIf")) {
        orientation = TiffTags.orientation(ByteBuffer.wrap(bytes, at + LENGTH + TYPE, length));
      }
      at += LENGTH + TYPE + length + CRC;
    }
    return new PngChunks(kept.toByteArray(), significant, orientation);
  }

  /**
   * @param bytes of a file that may be cut off
   * @return its EXIF orientation, 1 to 8
   */
  static int orientation(byte[] bytes) {
    ByteBuffer data = ByteBuffer.wrap(bytes);
    int at = SIGNATURE.length;
    while (at + LENGTH + TYPE <= bytes.length) {
      int length = data.getInt(at);
      int begin = at + LENGTH + TYPE;
      if (length < 0 || length > bytes.length - begin) {
        break;
      }
      if (Format.has(bytes, at + LENGTH, "eXIf")) {
        return TiffTags.orientation(ByteBuffer.wrap(bytes, begin, length));
      }
      at = begin + length + CRC;
    }
    return 1;
  }
}
