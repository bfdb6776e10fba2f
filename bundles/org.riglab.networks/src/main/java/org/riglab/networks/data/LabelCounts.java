package org.riglab.networks.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/**
 * How often the classes occur in a split.
 *
 * @param pixels of each class
 * @param images in which each class occurs
 * @param labelled pixels of any class in the images in which each class occurs
 * @param voidPixels pixels that do not count
 */
public record LabelCounts(
    List<Long> pixels, List<Long> images, List<Long> labelled, long voidPixels) {
  private static final int WORKERS = 2;
  private static final int AHEAD = 16;

  /** Copies the lists. */
  public LabelCounts {
    pixels = List.copyOf(pixels);
    images = List.copyOf(images);
    labelled = List.copyOf(labelled);
  }

  /**
   * Reads all labels.
   *
   * @param split of a data set
   * @param classes how many there are
   * @param observer counts images, and may stop it
   * @return the counts
   * @throws RigException if an image cannot be read, a label is neither a class nor void, or it was
   *     stopped
   */
  public static LabelCounts of(Split split, int classes, Observer observer) {
    long[] pixels = new long[classes];
    long[] images = new long[classes];
    long[] labelled = new long[classes];
    long voids = 0;
    int done = 0;
    try (Prefetch<long[]> histograms =
        new Prefetch<>(
            "riglab-count",
            WORKERS,
            AHEAD,
            0,
            split.size(),
            i -> histogram(split.sample((int) i), classes),
            histogram -> {})) {
      while (histograms.hasNext()) {
        long[] here = histograms.next();
        long all = Arrays.stream(here, 0, classes).sum();
        voids += here[Dataset.VOID];
        for (int c = 0; c < classes; c++) {
          if (here[c] > 0) {
            pixels[c] += here[c];
            images[c]++;
            labelled[c] += all;
          }
        }
        ImageCount.add(observer, "counting", ++done, split.size());
      }
    }
    return new LabelCounts(list(pixels), list(images), list(labelled), voids);
  }

  private static long[] histogram(Sample sample, int classes) {
    long[] histogram = new long[Dataset.VOID + 1];
    for (byte label : sample.label()) {
      histogram[Byte.toUnsignedInt(label)]++;
    }
    for (int label = classes; label < Dataset.VOID; label++) {
      if (histogram[label] > 0) {
        throw new RigException(
            "%s: label %d, expected 0 to %d or %d (void); data check lists all such images"
                .formatted(sample.id(), label, classes - 1, Dataset.VOID));
      }
    }
    return histogram;
  }

  private static List<Long> list(long[] values) {
    return LongStream.of(values).boxed().toList();
  }

  /**
   * @return pixels that count
   */
  public long counted() {
    return pixels.stream().mapToLong(Long::longValue).sum();
  }

  /**
   * @param c a class
   * @return its share of the pixels that count, 0 to 1; 0 if there are none
   */
  public double share(int c) {
    return pixels.get(c) == 0 ? 0 : (double) pixels.get(c) / counted();
  }
}
