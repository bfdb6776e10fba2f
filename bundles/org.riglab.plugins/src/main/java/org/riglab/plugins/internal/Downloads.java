package org.riglab.plugins.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.riglab.api.RigException;
import org.riglab.api.bench.Catalogue.Offer;
import org.riglab.base.Sha256;

/** Fetches jars of catalogues. */
final class Downloads {
  private Downloads() {}

  /**
   * Fetches a jar and verifies its digest.
   *
   * @param offer which
   * @param to where to
   * @param mostBytes that it may have
   */
  static void fetch(Offer offer, Path to, long mostBytes) {
    try (InputStream in = MavenRepositories.open(URI.create(offer.location()))) {
      long copied = Files.copy(new Limited(in, mostBytes), to, StandardCopyOption.REPLACE_EXISTING);
      if (copied > mostBytes) {
        throw new RigException(offer.location() + " is larger than " + (mostBytes >> 20) + " MiB");
      }
      String found = Sha256.of(to);
      if (!found.equals(offer.sha256())) {
        throw new RigException(
            "%s is damaged: its SHA-256 is %s, and the catalogue says %s"
                .formatted(offer.location(), found, offer.sha256()));
      }
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "the catalogue names " + offer.location() + ", which is not there",
          e);
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO,
          "cannot fetch " + offer.location() + ": " + PluginJar.oneLine("" + e),
          e);
    }
  }

  /** Ends one byte behind a limit. */
  private static final class Limited extends java.io.FilterInputStream {
    private long left;

    Limited(InputStream in, long most) {
      super(in);
      this.left = most + 1;
    }

    @Override
    public int read() throws IOException {
      return left-- > 0 ? super.read() : -1;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int read = super.read(bytes, from, (int) Math.min(length, left));
      left -= Math.max(read, 0);
      return read;
    }
  }
}
