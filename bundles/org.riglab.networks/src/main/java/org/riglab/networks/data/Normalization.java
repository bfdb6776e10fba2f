package org.riglab.networks.data;

import java.math.BigDecimal;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.TrainSpec;
import org.riglab.images.LazyPicture;

/**
 * Brings pixels to (value * range / 255 - mean) / std, channel by channel: what a network's weights
 * want their images to look like.
 *
 * @param channels order of the channels
 * @param range what a value of 255 becomes before the mean is taken off: 1 or 255
 * @param mean per channel, in that order and range
 * @param std per channel, in that order and range, above 0
 */
public record Normalization(
    TrainSpec.Channels channels, int range, List<Double> mean, List<Double> std) {
  /** Channels of an image. */
  public static final int CHANNELS = 3;

  /** What torchvision's ImageNet weights want. */
  public static final Normalization IMAGENET =
      new Normalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

  /** What DeepLab's and other weights from Caffe want. */
  public static final Normalization CAFFE =
      new Normalization(
          TrainSpec.Channels.BGR, 255, List.of(104.008, 116.669, 122.675), List.of(1.0, 1.0, 1.0));

  /**
   * Red, green, blue, 0 to 1.
   *
   * @param mean per channel
   * @param std per channel, above 0
   */
  public Normalization(List<Double> mean, List<Double> std) {
    this(TrainSpec.Channels.RGB, 1, mean, std);
  }

  /** Copies the lists. */
  public Normalization {
    if (range != 1 && range != 255) {
      throw new RigException("pixel range " + range + ", expected 1 or 255");
    }
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.size() != CHANNELS || std.size() != CHANNELS) {
      throw new RigException(
          "mean has %d and std %d numbers, expected one for each of three channels"
              .formatted(mean.size(), std.size()));
    }
    for (double m : mean) {
      if (!Double.isFinite(m)) {
        throw new RigException("mean " + m + ", expected finite numbers");
      }
    }
    for (double s : std) {
      if (!(s > 0) || Double.isInfinite(s)) {
        throw new RigException("std " + s + ", expected numbers above 0");
      }
    }
  }

  /**
   * Writes an image as (3, H, W), its channels in the network's order.
   *
   * @param rgb H*W*3 bytes
   * @param out where to
   * @param offset index of the first number
   */
  public void write(byte[] rgb, FloatBuffer out, int offset) {
    int pixels = rgb.length / CHANNELS;
    float[] plane = new float[pixels];
    for (int c = 0; c < CHANNELS; c++) {
      float scale = scale(c);
      float shift = shift(c);
      for (int i = 0, k = source(c); i < pixels; i++, k += CHANNELS) {
        plane[i] = Byte.toUnsignedInt(rgb[k]) * scale + shift;
      }
      out.put(offset + c * pixels, plane);
    }
  }

  /**
   * @return for example {@code rgb, 0 to 1, mean 0.485,0.456,0.406, std 0.229,0.224,0.225}
   */
  public String words() {
    return "%s, 0 to %d, mean %s, std %s"
        .formatted(channels.name().toLowerCase(Locale.ROOT), range, words(mean), words(std));
  }

  private static String words(List<Double> numbers) {
    return numbers.stream()
        .map(number -> BigDecimal.valueOf(number).stripTrailingZeros().toPlainString())
        .collect(Collectors.joining(","));
  }

  /**
   * @return how each channel is written, in the network's order
   */
  public List<LazyPicture.Channel> channelsInOrder() {
    return IntStream.range(0, CHANNELS)
        .mapToObj(c -> new LazyPicture.Channel(source(c), scale(c), shift(c)))
        .toList();
  }

  /**
   * @return the colour that becomes 0 in every channel: red, green, blue, 0 to 255
   */
  public float[] meanColour() {
    float[] colour = new float[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
      colour[source(c)] = (float) (mean.get(c) * 255 / range);
    }
    return colour;
  }

  /** Which of red, green, blue (0, 1, 2) the network's channel is. */
  private int source(int channel) {
    return channels == TrainSpec.Channels.RGB ? channel : CHANNELS - 1 - channel;
  }

  private float scale(int channel) {
    return (float) (range / (255 * std.get(channel)));
  }

  private float shift(int channel) {
    return (float) (-mean.get(channel) / std.get(channel));
  }
}
