package org.riglab.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 digests, as 64 lower-case hexadecimal digits. */
public final class Sha256 {
  private Sha256() {}

  /**
   * @return a digest to which nothing has been added yet
   */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * @param bytes any
   * @return their digest
   */
  public static String of(byte[] bytes) {
    return hex(digest().digest(bytes));
  }

  /**
   * @param text any
   * @return the digest of its UTF-8 bytes
   */
  public static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param file a regular file of any size
   * @return the digest of its content
   * @throws IOException if it cannot be read
   */
  public static String of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return copy(in, OutputStream.nullOutputStream());
    }
  }

  /**
   * Copies a stream to its end; closes neither.
   *
   * @param from source
   * @param to destination
   * @return the digest of what was copied
   * @throws IOException if reading or writing fails
   */
  public static String copy(InputStream from, OutputStream to) throws IOException {
    MessageDigest digest = digest();
    new DigestInputStream(from, digest).transferTo(to);
    return hex(digest.digest());
  }

  /**
   * @param digest the result of a finished {@link #digest}
   * @return the same in hexadecimal
   */
  public static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }
}
