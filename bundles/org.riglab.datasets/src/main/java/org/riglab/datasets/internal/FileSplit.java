package org.riglab.datasets.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.base.Sha256;
import org.riglab.images.ImageFiles;
import org.riglab.images.Pixels;

/** Pairs of files, read when they are asked for. */
final class FileSplit implements Split {
  private static final int BUFFER = 1 << 16;

  private final List<FilePair> pairs;

  /**
   * @param pairs in order
   */
  FileSplit(List<FilePair> pairs) {
    this.pairs = List.copyOf(pairs);
  }

  @Override
  public int size() {
    return pairs.size();
  }

  @Override
  public String id(int index) {
    return pairs.get(index).id();
  }

  @Override
  public Sample sample(int index) {
    FilePair pair = pairs.get(index);
    Pixels image = ImageFiles.rgb(pair.image());
    Pixels label = pair.format().read(pair.label());
    if (image.height() != label.height() || image.width() != label.width()) {
      throw new RigException(
          "%s: %d x %d, but its image is %d x %d (H x W)"
              .formatted(
                  pair.label(), label.height(), label.width(), image.height(), image.width()));
    }
    return new Sample(pair.id(), image.height(), image.width(), image.values(), label.values());
  }

  @Override
  public String fingerprint() {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[BUFFER];
    for (FilePair pair : pairs) {
      digest.update(pair.id().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(pair.format().toString().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      // Digests of fixed length: no two lists of files run into the same bytes
      digest.update(contents(pair.image(), buffer));
      digest.update(contents(pair.label(), buffer));
    }
    return Sha256.hex(digest.digest());
  }

  private static byte[] contents(Path file, byte[] buffer) {
    MessageDigest digest = Sha256.digest();
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    } catch (NoSuchFileException e) {
      throw new RigException(file + ": no such file", e);
    } catch (IOException e) {
      throw new RigException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
    return digest.digest();
  }
}
