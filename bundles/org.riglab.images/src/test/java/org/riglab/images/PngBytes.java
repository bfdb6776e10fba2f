package org.riglab.images;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/**
 * PNG files byte by byte, from the W3C recommendation <i>Portable Network Graphics (PNG)
 * Specification (Second Edition)</i>, without ImageIO.
 */
final class PngBytes {
  static final int GREY = 0;
  static final int RGB = 2;
  static final int PALETTE = 3;
  static final int GREY_ALPHA = 4;
  static final int RGB_ALPHA = 6;

  /** First column, first row, step of columns, step of rows (section 8.2). */
  private static final int[][] ADAM7 = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private static final int[][] ONE_PASS = {{0, 0, 1, 1}};

  private PngBytes() {}

  /**
   * @param colour type
   * @param bits per sample
   * @param samples row by row, channels interleaved
   * @param palette colours, 3 bytes each; empty for none
   */
  static byte[] of(
      int width,
      int height,
      int colour,
      int bits,
      boolean interlaced,
      int[] samples,
      int... palette)
      throws IOException {
    int channels = samples.length / (width * height);
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    for (int[] pass : interlaced ? ADAM7 : ONE_PASS) {
      for (int y = pass[1]; y < height && pass[0] < width; y += pass[3]) {
        raw.write(0); // filter: none
        int buffer = 0;
        int filled = 0;
        for (int x = pass[0]; x < width; x += pass[2]) {
          for (int c = 0; c < channels; c++) {
            buffer = buffer << bits | samples[(y * width + x) * channels + c];
            filled += bits;
            while (filled >= 8) {
              filled -= 8;
              raw.write(buffer >> filled);
            }
          }
        }
        if (filled > 0) {
          raw.write(buffer << 8 - filled);
        }
      }
    }
    ByteArrayOutputStream colours = new ByteArrayOutputStream();
    for (int value : palette) {
      colours.write(value);
    }
    return joined(
        signature(),
        header(width, height, colour, bits, interlaced),
        palette.length == 0 ? new byte[0] : chunk("PLTE", colours.toByteArray()),
        chunk("IDAT", deflated(raw.toByteArray())),
        chunk("IEND", new byte[0]));
  }

  static byte[] signature() {
    return new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  }

  static byte[] header(int width, int height, int colour, int bits, boolean interlaced) {
    return chunk(
        "IHDR",
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) bits)
            .put((byte) colour)
            .put((byte) 0)
            .put((byte) 0)
            .put((byte) (interlaced ? 1 : 0))
            .array());
  }

  static byte[] chunk(String type, byte[] data) {
    byte[] body = joined(type.getBytes(StandardCharsets.US_ASCII), data);
    CRC32 crc = new CRC32();
    crc.update(body);
    return joined(
        ByteBuffer.allocate(4).putInt(data.length).array(),
        body,
        ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  static byte[] deflated(byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
      out.write(data);
    }
    return bytes.toByteArray();
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
