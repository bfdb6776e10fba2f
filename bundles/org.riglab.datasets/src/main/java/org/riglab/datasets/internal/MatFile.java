package org.riglab.datasets.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.format.Mat5Reader.EntryHeader;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.MatFile.Entry;

/**
 * Variables of MAT 5 files (MathWorks, <i>MAT-File Format</i>, "Level 5 MAT-Files"), compressed or
 * not, read in bounded memory whatever the file claims.
 */
final class MatFile {
  private static final int MOST_BYTES = 64 << 20;
  private static final int HEADER = 128;
  private static final int TAG = 8;
  private static final int MATRIX = 14;
  private static final int COMPRESSED = 15;

  private MatFile() {}

  /**
   * Reads one variable.
   *
   * @param file a MAT 5 file
   * @param variable its name
   * @param others is shown the headers of all variables, and may throw a {@link RigException}
   * @return its value; null if there is no such variable
   * @throws RigException if the file is missing, damaged, or larger than a label map can be; names
   *     it
   */
  static Array variable(Path file, String variable, Consumer<EntryHeader> others) {
    byte[] bytes = bytes(file);
    requireWhole(file, bytes);
    try (BoundedMatReader reader =
        new BoundedMatReader(
            bytes,
            MOST_BYTES,
            header -> {
              others.accept(header);
              return header.getName().equals(variable);
            })) {
      Mat5File content = reader.readMat();
      reader.requireChecksums();
      for (Entry entry : content.getEntries()) {
        if (entry.getName().equals(variable)) {
          return entry.getValue();
        }
      }
      return null;
    } catch (IOException e) {
      Throwable cause = e;
      while (cause.getCause() != null && !(cause instanceof RigException)) {
        cause = cause.getCause();
      }
      if (cause instanceof RigException) {
        throw new RigException(file + ": " + cause.getMessage(), e);
      }
      throw new RigException(file + ": damaged MAT file (" + cause.getMessage() + ")", e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      long size = Files.size(file);
      if (size > MOST_BYTES) {
        throw new RigException(
            "%s: %,d bytes, expected a label map of at most %,d".formatted(file, size, MOST_BYTES));
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new RigException(file + ": no such file", e);
    } catch (IOException e) {
      throw new RigException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** The reader takes the end of the file for the end of the variables: check that it is one. */
  private static void requireWhole(Path file, byte[] bytes) {
    String text =
        new String(bytes, 0, Math.min(bytes.length, 116), StandardCharsets.ISO_8859_1).strip();
    if (!text.startsWith("MATLAB 5.0") || bytes.length < HEADER) {
      String what = text.startsWith("MATLAB 7.3") ? "MAT 7.3 (HDF5)" : "not a MAT file";
      throw new RigException(file + ": " + what + ", expected MAT 5; MATLAB's save -v7 writes it");
    }
    boolean little = bytes[HEADER - 2] == 'I';
    ByteBuffer data =
        ByteBuffer.wrap(bytes).order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int at = HEADER;
    while (at < bytes.length) {
      int left = bytes.length - at - TAG;
      int type = left < 0 ? MATRIX : data.getInt(at);
      if (type != MATRIX && type != COMPRESSED) {
        throw new RigException(
            "%s: damaged MAT file (element of type %d at byte %d)".formatted(file, type, at));
      }
      long size = left < 0 ? 0 : Integer.toUnsignedLong(data.getInt(at + 4));
      if (size > left) {
        throw new RigException(
            "%s: damaged MAT file (cut off within the element at byte %d)".formatted(file, at));
      }
      at += TAG + (int) size;
    }
  }

  /**
   * @param array of a MAT file
   * @return for messages, for example {@code uint8 375x500}
   */
  static String describe(Array array) {
    return array == null
        ? "nothing"
        : array.getType()
            + " "
            + Arrays.toString(array.getDimensions()).replaceAll("[\\[\\] ]", "").replace(',', 'x');
  }
}
