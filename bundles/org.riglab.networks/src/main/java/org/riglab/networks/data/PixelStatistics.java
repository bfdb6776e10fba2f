package org.riglab.networks.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/**
 * Mean and standard deviation of the pixels of a split, per channel. Sums are integers, so that
 * neither order nor number of the images rounds.
 *
 * @param images that were read
 * @param pixels of these images
 * @param mean of red, green and blue, 0 to 255
 * @param std of all pixels, the same way: the root of the mean squared deviation
 * @param imageMean mean of the means of the images
 * @param imageStd mean of the standard deviations of the images
 */
public record PixelStatistics(
    int images,
    long pixels,
    List<Double> mean,
    List<Double> std,
    List<Double> imageMean,
    List<Double> imageStd) {
  private static final int WORKERS = 2;
  private static final int AHEAD = 16;
  private static final int CHANNELS = 3;

  /** Copies the lists. */
  public PixelStatistics {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    imageMean = List.copyOf(imageMean);
    imageStd = List.copyOf(imageStd);
  }

  /** Sums of a channel of an image: less than 2^43 for the largest image that is read. */
  private record Sums(long pixels, long[] values, long[] squares) {
    static Sums of(Sample sample) {
      long[] values = new long[CHANNELS];
      long[] squares = new long[CHANNELS];
      byte[] image = sample.image();
      for (int i = 0; i < image.length; i += CHANNELS) {
        for (int c = 0; c < CHANNELS; c++) {
          int value = Byte.toUnsignedInt(image[i + c]);
          values[c] += value;
          squares[c] += value * value;
        }
      }
      return new Sums(image.length / CHANNELS, values, squares);
    }
  }

  /**
   * Reads images, one after the other.
   *
   * @param split of a data set
   * @param limit number of images, evenly spaced; 0 for all
   * @param observer counts images, and may stop it
   * @return the statistics
   * @throws RigException if an image cannot be read, there is none, or it was stopped
   */
  public static PixelStatistics of(Split split, int limit, Observer observer) {
    int images = limit == 0 ? split.size() : Math.min(limit, split.size());
    if (images < 1) {
      throw new RigException("there are no images to compute mean and standard deviation of");
    }
    BigInteger[] values = new BigInteger[CHANNELS];
    BigInteger[] squares = new BigInteger[CHANNELS];
    double[] means = new double[CHANNELS];
    double[] deviations = new double[CHANNELS];
    Arrays.fill(values, BigInteger.ZERO);
    Arrays.fill(squares, BigInteger.ZERO);
    long pixels = 0;
    int done = 0;
    try (Prefetch<Sums> read =
        new Prefetch<>(
            "riglab-pixels",
            WORKERS,
            AHEAD,
            0,
            images,
            i -> Sums.of(split.sample((int) (i * split.size() / images))),
            sums -> {})) {
      while (read.hasNext()) {
        Sums sums = read.next();
        pixels += sums.pixels;
        for (int c = 0; c < CHANNELS; c++) {
          BigInteger value = BigInteger.valueOf(sums.values[c]);
          BigInteger square = BigInteger.valueOf(sums.squares[c]);
          values[c] = values[c].add(value);
          squares[c] = squares[c].add(square);
          means[c] += quotient(value, BigInteger.valueOf(sums.pixels)) / images;
          deviations[c] += deviation(sums.pixels, value, square) / images;
        }
        ImageCount.add(observer, "counting", ++done, images);
      }
    }
    List<Double> mean = new ArrayList<>();
    List<Double> std = new ArrayList<>();
    List<Double> imageMean = new ArrayList<>();
    List<Double> imageStd = new ArrayList<>();
    for (int c = 0; c < CHANNELS; c++) {
      mean.add(quotient(values[c], BigInteger.valueOf(pixels)));
      std.add(deviation(pixels, values[c], squares[c]));
      imageMean.add(means[c]);
      imageStd.add(deviations[c]);
    }
    return new PixelStatistics(images, pixels, mean, std, imageMean, imageStd);
  }

  private static double quotient(BigInteger of, BigInteger by) {
    return new BigDecimal(of).divide(new BigDecimal(by), MathContext.DECIMAL64).doubleValue();
  }

  /** The root of (n * sum of squares - square of the sum) / n^2. */
  private static double deviation(long pixels, BigInteger values, BigInteger squares) {
    BigInteger n = BigInteger.valueOf(pixels);
    return Math.sqrt(quotient(n.multiply(squares).subtract(values.pow(2)), n.pow(2)));
  }
}
