package org.riglab.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.riglab.api.RigException;

/**
 * The chunks of a WebP file (RFC 9649, section 2).
 *
 * @param orientation EXIF orientation, 1 to 8
 * @param pixels a WebP file of the first frame's pixels alone: without colour profile, and without
 *     alpha where that has a chunk of its own
 */
@SuppressWarnings("ArrayRecordComponent") // a file: never compared, never copied
record WebpChunks(int orientation, byte[] pixels) {
  private static final int HEADER = 12;
  private static final int FRAME_HEADER = 16;

  /**
   * @param file for messages
   * @param bytes of the file
   * @return what is used of it
   * @throws RigException if it is cut off, or its first frame does not cover the picture
   */
  static WebpChunks of(Path file, byte[] bytes) {
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int orientation = 1;
    byte[] pixels = null;
    int[] canvas = {};
    int at = HEADER;
    while (at + 8 <= bytes.length) {
      String type = new String(bytes, at, 4, StandardCharsets.ISO_8859_1);
      long length = data.getInt(at + 4) & 0xffffffffL;
      int begin = at + 8;
      if (begin + length > bytes.length) {
        throw new RigException(file + ": damaged image (the WebP file is cut off)");
      }
      int size = (int) length;
      if (type.equals("VP8X") && size >= 10) {
        canvas = new int[] {1 + int24(data, begin + 4), 1 + int24(data, begin + 7)};
      } else if (type.equals("EXIF")) {
        int skip = Format.has(bytes, begin, "Exif\0\0") ? 6 : 0;
        orientation = TiffTags.orientation(ByteBuffer.wrap(bytes, begin + skip, size - skip));
      } else if (pixels == null && type.startsWith("VP8")) {
        pixels = simple(bytes, at, size);
      } else if (pixels == null && type.equals("ANMF") && size > FRAME_HEADER) {
        requireWhole(file, data, begin, canvas);
        pixels = frame(file, bytes, begin + FRAME_HEADER, begin + size);
      }
      at = begin + size + (size & 1);
    }
    if (pixels == null) {
      throw new RigException(file + ": damaged image (WebP without pixels)");
    }
    return new WebpChunks(orientation, pixels);
  }

  private static int int24(ByteBuffer data, int at) {
    return data.getShort(at) & 0xffff | (data.get(at + 2) & 0xff) << 16;
  }

  private static void requireWhole(Path file, ByteBuffer data, int at, int... canvas) {
    int width = 1 + int24(data, at + 6);
    int height = 1 + int24(data, at + 9);
    if (canvas.length > 0 && (width != canvas[0] || height != canvas[1])) {
      throw new RigException(
          "%s: animated WebP whose first frame is %d x %d of %d x %d (H x W), expected a still"
                  .formatted(file, height, width, canvas[1], canvas[0])
              + " picture");
    }
  }

  private static byte[] frame(Path file, byte[] bytes, int begin, int end) {
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = begin;
    while (at + 8 <= end) {
      int size = data.getInt(at + 4);
      if (size < 0 || size > end - at - 8) {
        break;
      }
      if (Format.has(bytes, at, "VP8 ") || Format.has(bytes, at, "VP8L")) {
        return simple(bytes, at, size);
      }
      at += 8 + size + (size & 1);
    }
    throw new RigException(file + ": damaged image (animated WebP whose first frame is empty)");
  }

  /** A file of one chunk. */
  private static byte[] simple(byte[] bytes, int at, int size) {
    int padded = size + (size & 1);
    ByteBuffer file = ByteBuffer.allocate(HEADER + 8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.ISO_8859_1));
    file.putInt(4 + 8 + padded);
    file.put("WEBP".getBytes(StandardCharsets.ISO_8859_1));
    file.put(bytes, at, 8 + size);
    return file.array();
  }
}
