package example.recordings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.riglab.api.RigException;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.images.Codes;
import org.riglab.images.ImageFiles;
import org.riglab.images.Pixels;

/** Frames in order. Reads a file when it is asked for, and keeps nothing. */
final class FrameSplit implements Split {
  private final List<Frame> frames;
  private final Palette palette;

  FrameSplit(List<Frame> frames, Palette palette) {
    this.frames = List.copyOf(frames);
    this.palette = palette;
    Set<String> ids = new HashSet<>();
    for (Frame frame : frames) {
      if (!ids.add(frame.id())) {
        throw new RigException(
            frame.image() + ": a second frame '" + frame.id() + "' in one split; rename one");
      }
    }
  }

  @Override
  public int size() {
    return frames.size();
  }

  @Override
  public String id(int index) {
    return frames.get(index).id();
  }

  @Override
  public Sample sample(int index) {
    Frame frame = frames.get(index);
    if (!Files.exists(frame.label())) {
      throw new RigException(
          "%s: no label map; expected %s beside it"
              .formatted(frame.image(), frame.label().getFileName()));
    }
    Pixels image = ImageFiles.rgb(frame.image());
    Codes label = ImageFiles.colours(frame.label());
    if (image.height() != label.height() || image.width() != label.width()) {
      throw new RigException(
          "%s: %d x %d pixels (H x W), but its image %s has %d x %d"
              .formatted(
                  frame.label(),
                  label.height(),
                  label.width(),
                  frame.image().getFileName(),
                  image.height(),
                  image.width()));
    }
    return new Sample(
        frame.id(),
        image.height(),
        image.width(),
        image.values(),
        palette.labels(frame.label(), label));
  }

  @Override
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(palette.toString().getBytes(StandardCharsets.UTF_8));
      for (Frame frame : frames) {
        for (Path file : List.of(frame.image(), frame.label())) {
          byte[] bytes = Files.readAllBytes(file);
          digest.update(frame.id().getBytes(StandardCharsets.UTF_8));
          digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
          digest.update(bytes);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new RigException("cannot read " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
