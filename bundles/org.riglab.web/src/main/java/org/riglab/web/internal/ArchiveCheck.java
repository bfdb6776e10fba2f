package org.riglab.web.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Checks an archive before it is unpacked. The sizes that it declares are not relied on. */
final class ArchiveCheck {
  private static final int MOST_ENTRIES = 20_000;
  private static final long MOST_BYTES = 512L << 20;

  /** Classes and text shrink to a tenth; a bomb to a thousandth. */
  private static final int MOST_RATIO = 100;

  /** Small files may shrink more without harm. */
  private static final long FREE_BYTES = 8L << 20;

  private ArchiveCheck() {}

  /**
   * @param file a jar
   * @throws Refusal 400 if it is none, 413 if it is too large once unpacked, 400 if an entry's name
   *     leads out of it
   */
  static void check(Path file) {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      if (zip.size() > MOST_ENTRIES) {
        throw new Refusal(413, "the archive has more than " + MOST_ENTRIES + " entries");
      }
      long most = Math.min(MOST_BYTES, Math.max(FREE_BYTES, Files.size(file) * MOST_RATIO));
      long bytes = 0;
      byte[] buffer = new byte[1 << 16];
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        String name = entry.getName();
        if (name.startsWith("/")
            || name.indexOf('\\') >= 0
            || name.indexOf(0) >= 0
            || ("/" + name + "/").contains("/../")) {
          throw new Refusal(400, "the archive has an entry whose name points outside of it");
        }
        try (InputStream in = zip.getInputStream(entry)) {
          for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            bytes += read;
            if (bytes > most) {
              throw new Refusal(413, "the archive unpacks to more than " + most + " bytes");
            }
          }
        }
      }
    } catch (ZipException e) {
      throw new Refusal(400, "the upload is not a jar: " + e.getMessage());
    } catch (IOException e) {
      throw new Refusal(400, "the upload is a damaged jar");
    }
  }
}
