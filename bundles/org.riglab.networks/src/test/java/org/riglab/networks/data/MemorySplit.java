package org.riglab.networks.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/** Samples in memory; counts how often one is asked for. */
public final class MemorySplit implements Split {
  public final AtomicInteger reads = new AtomicInteger();
  private final List<Sample> samples;

  public MemorySplit(List<Sample> samples) {
    this.samples = List.copyOf(samples);
  }

  /** Noise, in which the red value at a pixel is also its label. */
  public static MemorySplit noise(int count, int height, int width) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SplittableRandom random = new SplittableRandom(i);
      byte[] image = new byte[height * width * 3];
      byte[] label = new byte[height * width];
      random.nextBytes(image);
      for (int k = 0; k < label.length; k++) {
        label[k] = image[3 * k] &= 0x7f;
      }
      samples.add(new Sample("s" + i, height, width, image, label));
    }
    return new MemorySplit(samples);
  }

  /** Images of one colour: sample i is i everywhere, and so is its label. */
  public static MemorySplit plain(int count, int height, int width) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] image = new byte[height * width * 3];
      byte[] label = new byte[height * width];
      Arrays.fill(image, (byte) i);
      Arrays.fill(label, (byte) i);
      samples.add(new Sample("s" + i, height, width, image, label));
    }
    return new MemorySplit(samples);
  }

  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public String id(int index) {
    return samples.get(index).id();
  }

  @Override
  public Sample sample(int index) {
    reads.incrementAndGet();
    return samples.get(index);
  }

  @Override
  public String fingerprint() {
    return "memory" + samples.size();
  }
}
