package org.riglab.images;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.api.training.Picture;

/**
 * A picture that remembers how it is resized, cut and mirrored, and computes each pixel once, from
 * the original, when pixels are asked for. Only a resize after a cut or after another resize
 * computes pixels in between.
 */
public final class LazyPicture implements Picture {
  private static final int CHANNELS = 3;

  private final byte[] bytes;
  private final float[] floats;
  private final byte[] label;
  private final Axis rows;
  private final Axis columns;
  private final float[] mean;

  /**
   * How a channel is written.
   *
   * @param source 0 for red, 1 for green, 2 for blue
   * @param scale factor on a value of 0 to 255
   * @param shift added afterwards
   */
  public record Channel(int source, float scale, float shift) {}

  private LazyPicture(
      byte[] bytes, float[] floats, byte[] label, Axis rows, Axis columns, float... mean) {
    this.bytes = bytes;
    this.floats = floats;
    this.label = label;
    this.rows = rows;
    this.columns = columns;
    this.mean = mean;
  }

  /**
   * @param sample image and label; not copied
   * @param mean colour of what lies outside of an image: red, green, blue, 0 to 255
   * @return the picture
   */
  public static LazyPicture of(Sample sample, float... mean) {
    return new LazyPicture(
        sample.image(),
        null,
        sample.label(),
        Axis.of(sample.height()),
        Axis.of(sample.width()),
        mean.clone());
  }

  @Override
  public int height() {
    return rows.length();
  }

  @Override
  public int width() {
    return columns.length();
  }

  @Override
  public Picture resize(int height, int width) {
    require(height, width);
    if (height == height() && width == width()) {
      return this;
    }
    return rows.whole() && columns.whole()
        ? with(rows.resized(height), columns.resized(width))
        : of(height(), width(), image(), label()).resize(height, width);
  }

  @Override
  public Picture window(int top, int left, int height, int width) {
    require(height, width);
    return with(rows.window(top, height), columns.window(left, width));
  }

  @Override
  public Picture mirror() {
    return with(rows, columns.mirrored());
  }

  private Picture with(Axis newRows, Axis newColumns) {
    return new LazyPicture(bytes, floats, label, newRows, newColumns, mean);
  }

  private static void require(int height, int width) {
    if (height < 1 || width < 1) {
      throw new RigException(
          "a picture of %d x %d was asked for; it must be at least 1 x 1 (H x W)"
              .formatted(height, width));
    }
  }

  @Override
  public float[] image() {
    Axis.Places down = rows.places();
    Axis.Places across = columns.places();
    float[] image = new float[height() * width() * CHANNELS];
    float[] line = new float[width()];
    for (int c = 0; c < CHANNELS; c++) {
      for (int y = 0; y < height(); y++) {
        Arrays.fill(line, mean[c]);
        read(down, y, across, c, line);
        for (int x = 0; x < line.length; x++) {
          image[(y * line.length + x) * CHANNELS + c] = line[x];
        }
      }
    }
    return image;
  }

  @Override
  public byte[] label() {
    Axis.Places down = rows.places();
    Axis.Places across = columns.places();
    byte[] all = new byte[height() * width()];
    byte[] line = new byte[width()];
    for (int y = 0; y < height(); y++) {
      readLabels(down, y, across, line);
      System.arraycopy(line, 0, all, y * line.length, line.length);
    }
    return all;
  }

  @Override
  public Picture of(int height, int width, float[] image, byte[] labels) {
    require(height, width);
    if (image.length != height * width * CHANNELS || labels.length != height * width) {
      throw new RigException(
          "a picture of %d x %d (H x W) was made of %d numbers and %d labels; expected %d and %d"
              .formatted(
                  height,
                  width,
                  image.length,
                  labels.length,
                  height * width * CHANNELS,
                  height * width));
    }
    for (float value : image) {
      if (!Float.isFinite(value)) {
        throw new RigException("a picture was made of a number that is " + value);
      }
    }
    return new LazyPicture(
        null, image.clone(), labels.clone(), Axis.of(height), Axis.of(width), mean);
  }

  /**
   * Writes the picture into a batch. What lies outside of the image becomes 0 in every channel.
   *
   * @param channels in the order in which they are written
   * @param images gets (channels, H, W)
   * @param imageOffset index of the first number
   * @param labels gets (H, W)
   * @param labelOffset index of the first label
   */
  public void write(
      List<Channel> channels,
      FloatBuffer images,
      int imageOffset,
      ByteBuffer labels,
      int labelOffset) {
    Axis.Places down = rows.places();
    Axis.Places across = columns.places();
    float[] line = new float[width()];
    for (int c = 0; c < channels.size(); c++) {
      Channel channel = channels.get(c);
      for (int y = 0; y < height(); y++) {
        Arrays.fill(line, 0);
        if (read(down, y, across, channel.source(), line)) {
          for (int x = across.begin; x < across.end; x++) {
            line[x] = line[x] * channel.scale() + channel.shift();
          }
        }
        images.put(imageOffset + (c * height() + y) * line.length, line);
      }
    }
    writeLabels(labels, labelOffset);
  }

  /**
   * Writes the picture into a batch of bytes, each value rounded to the nearest. What lies outside
   * of the image becomes the mean colour.
   *
   * @param channels in the order in which they are written; scales and shifts are left to the
   *     reader
   * @param images gets (channels, H, W)
   * @param imageOffset index of the first byte
   * @param labels gets (H, W)
   * @param labelOffset index of the first label
   */
  public void writeBytes(
      List<Channel> channels,
      ByteBuffer images,
      int imageOffset,
      ByteBuffer labels,
      int labelOffset) {
    Axis.Places down = rows.places();
    Axis.Places across = columns.places();
    float[] line = new float[width()];
    byte[] rounded = new byte[width()];
    for (int c = 0; c < channels.size(); c++) {
      int source = channels.get(c).source();
      for (int y = 0; y < height(); y++) {
        Arrays.fill(line, mean[source]);
        read(down, y, across, source, line);
        for (int x = 0; x < line.length; x++) {
          rounded[x] = (byte) Math.round(Math.min(255, Math.max(0, line[x])));
        }
        images.put(imageOffset + (c * height() + y) * line.length, rounded);
      }
    }
    writeLabels(labels, labelOffset);
  }

  private void writeLabels(ByteBuffer labels, int offset) {
    Axis.Places down = rows.places();
    Axis.Places across = columns.places();
    byte[] line = new byte[width()];
    for (int y = 0; y < height(); y++) {
      readLabels(down, y, across, line);
      labels.put(offset + y * line.length, line);
    }
  }

  /** Fills in what of a line lies in the image; returns whether anything does. */
  private boolean read(Axis.Places down, int y, Axis.Places across, int channel, float... line) {
    if (!down.inside(y)) {
      return false;
    }
    int top = down.first[y] * columns.size() * CHANNELS + channel;
    int bottom = down.second[y] * columns.size() * CHANNELS + channel;
    float share = down.weight[y];
    for (int x = across.begin; x < across.end; x++) {
      int left = across.first[x] * CHANNELS;
      int right = across.second[x] * CHANNELS;
      float weight = across.weight[x];
      float upper = mix(top + left, top + right, weight);
      float lower = mix(bottom + left, bottom + right, weight);
      line[x] = upper + share * (lower - upper);
    }
    return true;
  }

  private float mix(int a, int b, float weight) {
    float from = floats == null ? Byte.toUnsignedInt(bytes[a]) : floats[a];
    float to = floats == null ? Byte.toUnsignedInt(bytes[b]) : floats[b];
    return from + weight * (to - from);
  }

  private void readLabels(Axis.Places down, int y, Axis.Places across, byte... line) {
    Arrays.fill(line, (byte) Dataset.VOID);
    if (down.inside(y)) {
      int row = down.nearest[y] * columns.size();
      for (int x = across.begin; x < across.end; x++) {
        line[x] = label[row + across.nearest[x]];
      }
    }
  }
}
