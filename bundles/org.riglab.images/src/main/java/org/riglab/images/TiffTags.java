package org.riglab.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/** Numbers in the first directory of a TIFF file, or of EXIF data, which has the same form. */
final class TiffTags {
  static final int PHOTOMETRIC = 262;
  static final int ORIENTATION = 274;
  static final int SAMPLE_FORMAT = 339;

  private static final int ENTRY = 12;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private TiffTags() {}

  /**
   * @param tiff from the byte order mark on
   * @param tag number of a tag
   * @return its first value, if the directory has it and it is a whole number of 16 or 32 bits
   */
  static OptionalInt first(ByteBuffer tiff, int tag) {
    ByteBuffer data = tiff.slice();
    if (data.limit() < 8) {
      return OptionalInt.empty();
    }
    data.order(data.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = data.getInt(4) & 0xffffffffL;
    if (directory + 2 > data.limit()) {
      return OptionalInt.empty();
    }
    int entries = Short.toUnsignedInt(data.getShort((int) directory));
    for (int i = 0; i < entries; i++) {
      long at = directory + 2 + (long) ENTRY * i;
      if (at + ENTRY > data.limit()) {
        break;
      }
      if (Short.toUnsignedInt(data.getShort((int) at)) == tag) {
        return value(data, (int) at);
      }
    }
    return OptionalInt.empty();
  }

  private static OptionalInt value(ByteBuffer data, int at) {
    int type = Short.toUnsignedInt(data.getShort(at + 2));
    long count = data.getInt(at + 4) & 0xffffffffL;
    int size = type == SHORT ? 2 : 4;
    if (type != SHORT && type != LONG || count == 0) {
      return OptionalInt.empty();
    }
    // Values of more than four bytes lie elsewhere
    long place = count * size <= 4 ? at + 8 : data.getInt(at + 8) & 0xffffffffL;
    if (place + size > data.limit()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(
        type == SHORT ? Short.toUnsignedInt(data.getShort((int) place)) : data.getInt((int) place));
  }

  /**
   * @param tiff from the byte order mark on
   * @return EXIF orientation, 1 to 8; 1 where nothing else is said
   */
  static int orientation(ByteBuffer tiff) {
    int orientation = first(tiff, ORIENTATION).orElse(1);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
}
