package org.riglab.core.internal.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/** Weights of classes in the loss. */
final class ClassWeights {
  static final String NONE = "none";
  static final String MEDIAN_FREQUENCY = "median-frequency";

  private ClassWeights() {}

  /** Whether an option's value is understood. */
  static boolean valid(String option) {
    return option.equals(NONE)
        || option.equals(MEDIAN_FREQUENCY)
        || option.matches("\\s*\\d+(\\.\\d+)?(\\s*,\\s*\\d+(\\.\\d+)?)*\\s*");
  }

  /**
   * @param option see {@link org.riglab.api.bench.TrainSpec#classWeights}
   * @param classes how many there are
   * @param split the training split
   * @return one weight per class; empty for 1 each
   * @throws RigException if there is another number of them
   */
  static List<Double> of(String option, int classes, Split split) {
    return switch (option) {
      case NONE -> List.of();
      case MEDIAN_FREQUENCY -> medianFrequency(classes, split);
      default -> {
        List<Double> weights =
            Arrays.stream(option.split(",")).map(w -> Double.valueOf(w.trim())).toList();
        if (weights.size() != classes) {
          throw new RigException(
              "training: option 'class_weights' has %d numbers; the data have %d classes"
                  .formatted(weights.size(), classes));
        }
        yield weights;
      }
    };
  }

  /**
   * Eigen and Fergus (ICCV 2015), section 6.3.2: the median of the classes' frequencies over the
   * class's own; a frequency is the class's pixels over all labelled pixels of the images it occurs
   * in. Classes that do not occur get 1.
   */
  private static List<Double> medianFrequency(int classes, Split split) {
    long[] pixels = new long[classes];
    long[] total = new long[classes];
    for (int i = 0; i < split.size(); i++) {
      Sample sample = split.sample(i);
      long[] here = new long[Dataset.VOID + 1];
      for (byte label : sample.label()) {
        here[label & 0xff]++;
      }
      long labelled = sample.label().length - here[Dataset.VOID];
      for (int c = 0; c < classes; c++) {
        if (here[c] > 0) {
          pixels[c] += here[c];
          total[c] += labelled;
        }
      }
    }
    List<Double> frequencies = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      if (pixels[c] > 0) {
        frequencies.add((double) pixels[c] / total[c]);
      }
    }
    double median = median(frequencies);
    List<Double> weights = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      weights.add(pixels[c] == 0 ? 1 : median * total[c] / pixels[c]);
    }
    return weights;
  }

  private static double median(List<Double> values) {
    if (values.isEmpty()) {
      return 1;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }
}
