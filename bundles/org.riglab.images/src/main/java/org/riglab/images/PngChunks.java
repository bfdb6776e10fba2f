package org.riglab.images;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.CRC32;
import org.riglab.api.RigException;

/** The chunks of a PNG file (W3C, <i>PNG Specification</i>, section 5). */
final class PngChunks {
  static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private static final String END = "IEND";
  private static final Set<String> PIXELS = Set.of("IHDR", "PLTE", "IDAT", END);
  private static final int LENGTH = 4;
  private static final int TYPE = 4;
  private static final int CRC = 4;

  private PngChunks() {}

  /**
   * Checks a file, and leaves out what does not hold pixels: colour management and transparency,
   * which would change them, and texts, which may inflate to any size.
   *
   * @param file for messages
   * @param bytes of the file
   * @return a PNG of header, palette and pixels
   * @throws RigException if the file is cut off or a checksum is wrong; names the file
   */
  static byte[] withPixels(Path file, byte[] bytes) {
    ByteBuffer data = ByteBuffer.wrap(bytes);
    ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
    kept.write(bytes, 0, SIGNATURE.length);
    int at = SIGNATURE.length;
    String type = "";
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
      }
      at += LENGTH + TYPE + length + CRC;
    }
    return kept.toByteArray();
  }
}
