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
  private static final List<String> TURNS =
      List.of(
          "",
          "",
          "mirrored",
          "turned by 180 degrees",
          "mirrored and turned by 180 degrees",
          "mirrored and turned by 90 degrees to the left",
          "turned by 90 degrees to the right",
          "mirrored and turned by 90 degrees to the right",
          "turned by 90 degrees to the left");

  private final List<FilePair> pairs;
  private final List<String> skipped;
  private final boolean upright;

  /**
   * @param pairs in order
   * @param skipped files that were not used, a line for each kind
   * @param upright whether images are turned as their EXIF orientation says
   */
  FileSplit(List<FilePair> pairs, List<String> skipped, boolean upright) {
    this.pairs = List.copyOf(pairs);
    this.skipped = List.copyOf(skipped);
    this.upright = upright;
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
    Pixels image = ImageFiles.rgb(pair.image(), upright);
    Pixels label = pair.format().read(pair.label());
    if (image.height() != label.height() || image.width() != label.width()) {
      throw new RigException(
          "%s: %d x %d, but its image is %d x %d (H x W)%s"
              .formatted(
                  pair.label(),
                  label.height(),
                  label.width(),
                  image.height(),
                  image.width(),
                  image.height() == label.width() && image.width() == label.height()
                      ? orientation(pair.image())
                      : ""));
    }
    return new Sample(pair.id(), image.height(), image.width(), image.values(), label.values());
  }

  private String orientation(Path image) {
    int orientation = ImageFiles.header(image).orientation();
    return orientation == 1
        ? ""
        : "; the image has EXIF orientation %d, and option upright is %s"
            .formatted(orientation, upright);
  }

  @Override
  public List<String> remarks() {
    return skipped;
  }

  @Override
  public List<String> remarks(int index) {
    Path image = pairs.get(index).image();
    int orientation = upright ? 1 : ImageFiles.header(image).orientation();
    return orientation == 1
        ? List.of()
        : List.of(
            "%s has EXIF orientation %d (to be %s), which is not applied; option upright=true of"
                    .formatted(image, orientation, TURNS.get(orientation))
                + " the data set applies it");
  }

  @Override
  public String fingerprint() {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[BUFFER];
    if (upright) {
      digest.update("upright".getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
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
