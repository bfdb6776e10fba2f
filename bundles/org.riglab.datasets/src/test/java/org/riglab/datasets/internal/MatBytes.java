package org.riglab.datasets.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;

/**
 * MAT 5 files byte by byte, from the tables of MathWorks' <i>MAT-File Format</i>, chapter 1,
 * without any library.
 */
final class MatBytes {
  static final int CELL = 1;
  static final int STRUCT = 2;
  static final int DOUBLE = 6;
  static final int UINT8 = 9;
  static final int UINT16 = 11;

  private static final int MI_INT8 = 1;
  static final int MI_UINT8 = 2;
  static final int MI_UINT16 = 4;
  private static final int MI_INT32 = 5;
  private static final int MI_UINT32 = 6;
  private static final int MI_MATRIX = 14;
  private static final int MI_COMPRESSED = 15;

  private final ByteOrder order;

  MatBytes(ByteOrder order) {
    this.order = order;
  }

  /** 116 bytes of text, 8 of subsystem offset, version 0x0100, and the letters MI in file order. */
  byte[] file(byte[]... elements) {
    ByteBuffer header = ByteBuffer.allocate(128).order(order);
    header.put("MATLAB 5.0 MAT-file, Platform: test".getBytes(StandardCharsets.US_ASCII));
    while (header.position() < 116) {
      header.put((byte) ' ');
    }
    header.putLong(0).putShort((short) 0x0100).putShort((short) ('M' << 8 | 'I'));
    return joined(header.array(), joined(elements));
  }

  /** A numeric array of bytes that are already in the order of the file, column by column. */
  byte[] numbers(String name, int arrayClass, int rows, int columns, int type, byte... values) {
    return matrix(name, arrayClass, new int[] {rows, columns}, element(type, values));
  }

  /** A struct with names of up to 31 characters. */
  byte[] struct(String name, int rows, int columns, String[] fields, byte[]... values) {
    byte[] names = new byte[32 * fields.length];
    for (int i = 0; i < fields.length; i++) {
      byte[] field = fields[i].getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(field, 0, names, 32 * i, field.length);
    }
    return matrix(
        name,
        STRUCT,
        new int[] {rows, columns},
        joined(element(MI_INT32, ints(32)), element(MI_INT8, names), joined(values)));
  }

  byte[] matrix(String name, int arrayClass, int[] dimensions, byte[] content) {
    return element(
        MI_MATRIX,
        joined(
            element(MI_UINT32, ints(arrayClass, 0)),
            element(MI_INT32, ints(dimensions)),
            element(MI_INT8, name.getBytes(StandardCharsets.US_ASCII)),
            content));
  }

  /** A zlib stream, which alone has no padding. */
  byte[] compressed(byte[] element) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
      out.write(element);
    }
    return joined(ints(MI_COMPRESSED, bytes.size()), bytes.toByteArray());
  }

  /** Data of 1 to 4 bytes go into the tag: the small element. Others fill up to 8. */
  byte[] element(int type, byte[] data) {
    if (data.length > 0 && data.length <= 4) {
      return ByteBuffer.allocate(8).order(order).putInt(data.length << 16 | type).put(data).array();
    }
    return joined(ints(type, data.length), data, new byte[(8 - data.length % 8) % 8]);
  }

  byte[] ints(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(order);
    for (int value : values) {
      buffer.putInt(value);
    }
    return buffer.array();
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
