package org.riglab.tensors.internal;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.riglab.base.Names;

/** A zip archive whose directory tells the truth. */
public final class CheckedZip implements Closeable {
  /** Deflate cannot do better than 1032 to 1. */
  private static final long MAX_RATIO = 1032;

  private static final int MAX_ENTRIES = 1 << 17;

  private final ZipFile zip;
  private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

  /**
   * @throws IOException if it is no archive, two entries have one name, or one claims to be larger
   *     than its bytes can be
   */
  public CheckedZip(Path file) throws IOException {
    try {
      zip = new ZipFile(file.toFile());
    } catch (IllegalArgumentException e) {
      throw new IOException("the archive's directory is broken: " + e.getMessage(), e);
    }
    boolean opened = false;
    try {
      read(Files.size(file));
      opened = true;
    } finally {
      if (!opened) {
        zip.close();
      }
    }
  }

  private void read(long bytes) throws IOException {
    if (zip.size() > MAX_ENTRIES) {
      throw new IOException("the archive has " + zip.size() + " entries");
    }
    try {
      zip.stream().forEach(entry -> entries.merge(entry.getName(), entry, CheckedZip::twice));
    } catch (IllegalArgumentException e) {
      throw new IOException("the archive's directory is broken: " + e.getMessage(), e);
    }
    for (ZipEntry entry : entries.values()) {
      String name = Names.shown(entry.getName());
      if (entry == TWICE) {
        throw new IOException("the archive has two entries of one name");
      }
      long packed = entry.getCompressedSize();
      long size = entry.getSize();
      boolean possible =
          entry.getMethod() == ZipEntry.STORED
              ? size == packed
              : size / MAX_RATIO <= packed; // roomy by a few bytes, safe from overflow
      if (packed < 0 || size < 0 || packed > bytes || !possible) {
        throw new IOException(
            "entry %s claims to hold %d bytes, packed into %d of a file of %d"
                .formatted(name, size, packed, bytes));
      }
    }
  }

  private static final ZipEntry TWICE = new ZipEntry("twice");

  private static ZipEntry twice(ZipEntry first, ZipEntry second) {
    return TWICE;
  }

  public Map<String, ZipEntry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Opens an entry; it ends where the directory says. */
  public InputStream open(String name) throws IOException {
    ZipEntry entry = entries.get(name);
    InputStream in = entry == null ? null : zip.getInputStream(entry);
    if (in == null) {
      throw new EOFException("the archive has no entry " + Names.shown(name));
    }
    return in;
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
