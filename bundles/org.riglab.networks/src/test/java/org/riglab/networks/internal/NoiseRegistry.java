package org.riglab.networks.internal;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.riglab.api.Options;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.metrics.internal.ConfusionMetric;

/** A registry with the data set {@code noise} and the metric {@code confusion}. */
public final class NoiseRegistry extends FakeRegistry {
  /** Images whose brightest channel is the class of their left or right half; void on top. */
  public static final class Noise implements Dataset, Images {
    private final int height;
    private final int width;
    public int badLabelAt = -1;
    public int unlabelledAt = -1;

    /** An image of the validation split that says that it is larger than any memory. */
    public int hugeAt = -1;

    public String suffix = "";

    /** 3 or less; labels of other classes are void. */
    public int classes = 3;

    public Noise(int height, int width) {
      this.height = height;
      this.width = width;
    }

    @Override
    public Images open(Optional<Path> directory, Options options) {
      return this;
    }

    @Override
    public ClassTable classes() {
      return new ClassTable(
          List.of(
                  new ClassTable.Entry("red", 0xff0000),
                  new ClassTable.Entry("green", 0x00ff00),
                  new ClassTable.Entry("blue", 0x0000ff))
              .subList(0, classes));
    }

    @Override
    public List<String> splits() {
      return List.of("train", "val");
    }

    @Override
    public Split split(String name) {
      return new Split() {
        @Override
        public int size() {
          return name.equals("train") ? 8 : 5;
        }

        @Override
        public String id(int index) {
          return name + index;
        }

        @Override
        public Sample sample(int index) {
          return make(name, index);
        }

        @Override
        public String fingerprint() {
          return name + suffix;
        }
      };
    }

    private Sample make(String name, int index) {
      if (name.equals("val") && index == hugeAt) {
        return new Sample(name + index, 1 << 20, 1 << 20, new byte[0], new byte[0]);
      }
      SplittableRandom random = new SplittableRandom(name.hashCode() * 31L + index);
      byte[] image = new byte[height * width * 3];
      byte[] label = new byte[height * width];
      int left = random.nextInt(3);
      int right = random.nextInt(3);
      for (int i = 0; i < label.length; i++) {
        int c = i % width < width / 2 ? left : right;
        label[i] = i < width * (index % 3) || c >= classes ? (byte) VOID : (byte) c;
        for (int k = 0; k < 3; k++) {
          image[3 * i + k] = (byte) (random.nextInt(120) + (k == c ? 120 : 0));
        }
      }
      if (index == unlabelledAt) {
        Arrays.fill(label, (byte) VOID);
      }
      if (index == badLabelAt) {
        label[label.length - 1] = 17;
      }
      return new Sample(name + index, height, width, image, label);
    }
  }

  public NoiseRegistry(Noise noise) {
    put("noise", noise);
    put("confusion", new ConfusionMetric());
  }
}
