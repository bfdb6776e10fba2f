package org.riglab.tensors;

import java.nio.ByteBuffer;

/** Element types of tensors in files; the constants are safetensors' names. */
public enum Dtype {
  /** IEEE single precision. */
  F32(4, "float32"),
  /** IEEE double precision. */
  F64(8, "float64"),
  /** IEEE half precision. */
  F16(2, "float16"),
  /** The upper half of single precision. */
  BF16(2, "bfloat16"),
  /** Signed, 8 bytes. */
  I64(8, "int64"),
  /** Unsigned, 8 bytes. */
  U64(8, "uint64"),
  /** Signed, 4 bytes. */
  I32(4, "int32"),
  /** Unsigned, 4 bytes. */
  U32(4, "uint32"),
  /** Signed, 2 bytes. */
  I16(2, "int16"),
  /** Unsigned, 2 bytes. */
  U16(2, "uint16"),
  /** Signed, 1 byte. */
  I8(1, "int8"),
  /** Unsigned, 1 byte. */
  U8(1, "uint8"),
  /** One byte, 0 or 1. */
  BOOL(1, "bool");

  private final int bytes;
  private final String torch;

  Dtype(int bytes, String torch) {
    this.bytes = bytes;
    this.torch = torch;
  }

  /**
   * @return bytes per element
   */
  public int bytes() {
    return bytes;
  }

  /**
   * @return PyTorch's name, for example float32
   */
  public String torch() {
    return torch;
  }

  /**
   * @return whether {@link #integer(ByteBuffer, int)} may be asked
   */
  public boolean integer() {
    return ordinal() >= I64.ordinal();
  }

  /**
   * Decodes numbers as float32; wider ones are rounded to the nearest.
   *
   * @param from the numbers, from index 0, in the buffer's byte order
   * @param to gets them
   * @param start where to put the first
   * @param n how many
   */
  public void floats(ByteBuffer from, float[] to, int start, int n) {
    switch (this) {
      case F32 -> from.slice(0, 4 * n).order(from.order()).asFloatBuffer().get(to, start, n);
      case F64 -> fill(to, start, n, i -> (float) from.getDouble(8 * i));
      case F16 -> fill(to, start, n, i -> half(from.getShort(2 * i)));
      case BF16 -> fill(to, start, n, i -> Float.intBitsToFloat(from.getShort(2 * i) << 16));
      case U64 -> fill(to, start, n, i -> unsigned(from.getLong(8 * i)));
      default -> fill(to, start, n, i -> (float) integer(from, i));
    }
  }

  private interface FloatAt {
    float get(int index);
  }

  private static void fill(float[] to, int start, int n, FloatAt source) {
    for (int i = 0; i < n; i++) {
      to[start + i] = source.get(i);
    }
  }

  /**
   * @param from the numbers, from index 0, in the buffer's byte order
   * @param index which
   * @return that number; of uint64 the same bits
   */
  public long integer(ByteBuffer from, int index) {
    return switch (this) {
      case I64, U64 -> from.getLong(8 * index);
      case I32 -> from.getInt(4 * index);
      case U32 -> Integer.toUnsignedLong(from.getInt(4 * index));
      case I16 -> from.getShort(2 * index);
      case U16 -> Short.toUnsignedLong(from.getShort(2 * index));
      case I8 -> from.get(index);
      case U8, BOOL -> from.get(index) & 0xff;
      default -> throw new IllegalStateException(name());
    };
  }

  private static float unsigned(long bits) {
    // Halving keeps the lowest bit, so that rounding stays right.
    return bits >= 0 ? (float) bits : 2f * (float) (bits >>> 1 | bits & 1);
  }

  /** IEEE 754 binary16 to binary32. */
  private static float half(short bits) {
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude;
    if (exponent == 0x1f) {
      magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else if (exponent == 0) {
      magnitude = fraction * 0x1p-24f;
    } else {
      magnitude = Float.intBitsToFloat((exponent + 112) << 23 | fraction << 13);
    }
    return bits < 0 ? -magnitude : magnitude;
  }
}
