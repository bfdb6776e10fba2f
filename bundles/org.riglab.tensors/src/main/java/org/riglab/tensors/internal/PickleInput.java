package org.riglab.tensors.internal;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** The arguments of a pickle's opcodes, and the limits on what a pickle may take. */
final class PickleInput {
  /** A pickle of tensors' names and shapes is some hundred kilobytes. */
  private static final int MAX_BYTES = 1 << 24;

  /** An opcode makes at most one object. */
  private static final int MAX_OBJECTS = 1 << 20;

  private static final int MAX_INTEGER_BYTES = 64;

  private final InputStream in;
  private long bytesLeft = MAX_BYTES;
  private int objectsLeft = MAX_OBJECTS;

  /**
   * @param in read up to the pickle's end and no further
   */
  PickleInput(InputStream in) {
    this.in = in;
  }

  /** Counts objects that are made. */
  void make(int objects) throws IOException {
    objectsLeft -= objects;
    if (objectsLeft < 0) {
      throw new IOException("its pickle makes more than " + MAX_OBJECTS + " objects");
    }
  }

  static IOException malformed() {
    return new IOException("its pickle is malformed");
  }

  int oneByte() throws IOException {
    int value = in.read();
    if (value < 0) {
      throw new EOFException("its pickle is cut off");
    }
    spend(1);
    return value;
  }

  private void spend(long bytes) throws IOException {
    bytesLeft -= bytes;
    if (bytesLeft < 0) {
      throw new IOException("its pickle is larger than " + (MAX_BYTES >> 20) + " MiB");
    }
  }

  byte[] bytes(long n) throws IOException {
    if (n < 0 || n > MAX_BYTES) {
      throw new IOException("its pickle is larger than " + (MAX_BYTES >> 20) + " MiB");
    }
    spend(n);
    byte[] bytes = in.readNBytes((int) n);
    if (bytes.length < n) {
      throw new EOFException("its pickle is cut off");
    }
    return bytes;
  }

  long unsigned(int n) throws IOException {
    byte[] bytes = bytes(n);
    long value = 0;
    for (int i = n - 1; i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }

  Object integer(long n) throws IOException {
    if (n > MAX_INTEGER_BYTES) {
      throw new IOException("its pickle holds an integer of " + n + " bytes");
    }
    byte[] bytes = bytes(n);
    if (n == 0) {
      return 0L;
    }
    byte[] big = new byte[bytes.length];
    for (int i = 0; i < big.length; i++) {
      big[i] = bytes[bytes.length - 1 - i];
    }
    return narrowed(new BigInteger(big));
  }

  private static Object narrowed(BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      return value.longValue();
    }
    return value;
  }

  String text(long n) throws IOException {
    return new String(bytes(n), StandardCharsets.UTF_8);
  }

  String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = oneByte(); c != '\n'; c = oneByte()) {
      line.write(c);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  static Object decimal(String digits) throws IOException {
    if (digits.equals("00") || digits.equals("01")) {
      return digits.equals("01"); // protocol 0 writes booleans like this
    }
    if (!digits.matches("-?\\d{1," + MAX_INTEGER_BYTES + "}")) {
      throw malformed();
    }
    return narrowed(new BigInteger(digits));
  }

  static Double real(String digits) throws IOException {
    try {
      return Double.valueOf(digits);
    } catch (NumberFormatException e) {
      throw new IOException("its pickle is malformed", e);
    }
  }

  static String quoted(String text) {
    boolean quotes =
        text.length() >= 2
            && (text.charAt(0) == '\'' || text.charAt(0) == '"')
            && text.charAt(0) == text.charAt(text.length() - 1);
    return quotes ? text.substring(1, text.length() - 1) : text;
  }
}
