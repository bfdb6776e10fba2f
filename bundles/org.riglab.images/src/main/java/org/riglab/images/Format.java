package org.riglab.images;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.riglab.api.RigException;

/** The formats of image files that are read. The content of a file decides, not its name. */
enum Format {
  PNG(".png"),
  JPEG(".jpg", ".jpeg", ".jpe", ".jfif"),
  TIFF(".tif", ".tiff"),
  BMP(".bmp", ".dib"),
  GIF(".gif"),
  WEBP(".webp");

  private static final byte[] JPEG_SIGNATURE = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};

  private final List<String> endings;

  Format(String... endings) {
    this.endings = List.of(endings);
  }

  /** Whether a file's name ends as one of the format's. */
  boolean named(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(e -> lower.endsWith(e) && lower.length() > e.length());
  }

  /** Whether every pixel is stored as it was: what label maps need. */
  boolean exact() {
    return this != JPEG && this != WEBP;
  }

  /** The format of a file, by its first bytes. */
  static Format of(Path file, byte[] bytes) {
    if (startsWith(bytes, PngChunks.SIGNATURE)) {
      return PNG;
    }
    if (startsWith(bytes, JPEG_SIGNATURE)) {
      return JPEG;
    }
    if (has(bytes, 0, "II*\0") || has(bytes, 0, "MM\0*")) {
      return TIFF;
    }
    if (has(bytes, 0, "GIF87a") || has(bytes, 0, "GIF89a")) {
      return GIF;
    }
    if (has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP")) {
      return WEBP;
    }
    if (has(bytes, 0, "BM")) {
      return BMP;
    }
    throw new RigException(
        file + ": not an image, expected PNG, JPEG, TIFF, BMP, GIF or WebP" + hint(bytes));
  }

  private static String hint(byte[] bytes) {
    if (bytes.length == 0) {
      return " (the file is empty)";
    }
    return has(bytes, 0, "version https://git-lfs") ? " (a Git LFS pointer)" : "";
  }

  static boolean has(byte[] bytes, int at, String ascii) {
    byte[] expected = ascii.getBytes(StandardCharsets.ISO_8859_1);
    return bytes.length >= at + expected.length
        && Arrays.equals(bytes, at, at + expected.length, expected, 0, expected.length);
  }

  private static boolean startsWith(byte[] bytes, byte[] signature) {
    int n = signature.length;
    return bytes.length >= n && Arrays.equals(bytes, 0, n, signature, 0, n);
  }
}
