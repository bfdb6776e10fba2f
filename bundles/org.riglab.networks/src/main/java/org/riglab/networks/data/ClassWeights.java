package org.riglab.networks.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.api.data.Split;

/** Weights of classes in the loss. */
public final class ClassWeights {
  public static final String NONE = "none";
  private static final String MEDIAN_FREQUENCY = "median-frequency";
  private static final String LOG = "log";

  /** The weightings that are made of the training split. */
  public static final List<String> COMPUTED = List.of(MEDIAN_FREQUENCY, LOG);

  /** The constant of ENet, which keeps weights between 1.42 and 50.5. */
  private static final double LOG_OFFSET = 1.02;

  private ClassWeights() {}

  /** Whether an option's value is understood. */
  public static boolean valid(String option) {
    return option.equals(NONE)
        || COMPUTED.contains(option)
        || option.matches("\\s*\\d+(\\.\\d+)?(\\s*,\\s*\\d+(\\.\\d+)?)*\\s*");
  }

  /**
   * @param option see {@link org.riglab.api.bench.TrainSpec.Objective#classWeights}
   * @param classes how many there are
   * @param split the training split
   * @return one weight per class; empty for 1 each
   * @throws RigException if there is another number of them
   */
  public static List<Double> of(String option, int classes, Split split) {
    if (option.equals(NONE)) {
      return List.of();
    } else if (COMPUTED.contains(option)) {
      return all(LabelCounts.of(split, classes, Observer.NONE)).get(option);
    }
    List<Double> weights =
        Arrays.stream(option.split(",")).map(w -> Double.valueOf(w.trim())).toList();
    if (weights.size() != classes) {
      throw new RigException(
          "training: option 'class_weights' has %d numbers; the data have %d classes"
              .formatted(weights.size(), classes));
    }
    return weights;
  }

  /**
   * @param counts of the training split
   * @return one weight per class, by the names in {@link #COMPUTED}
   */
  public static Map<String, List<Double>> all(LabelCounts counts) {
    Map<String, List<Double>> all = new LinkedHashMap<>();
    all.put(MEDIAN_FREQUENCY, medianFrequency(counts));
    all.put(LOG, log(counts));
    return all;
  }

  /**
   * Eigen and Fergus (ICCV 2015), section 6.3.2: the median of the classes' frequencies over the
   * class's own; a frequency is the class's pixels over all labelled pixels of the images it occurs
   * in. Classes that do not occur get 1.
   */
  private static List<Double> medianFrequency(LabelCounts counts) {
    double median =
        median(
            IntStream.range(0, counts.pixels().size())
                .filter(c -> counts.pixels().get(c) > 0)
                .mapToDouble(c -> frequency(counts, c))
                .sorted()
                .toArray());
    return IntStream.range(0, counts.pixels().size())
        .mapToObj(c -> counts.pixels().get(c) == 0 ? 1 : median / frequency(counts, c))
        .toList();
  }

  private static double frequency(LabelCounts counts, int c) {
    return (double) counts.pixels().get(c) / counts.labelled().get(c);
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    if (sorted.length % 2 == 1) {
      return sorted[half];
    }
    return sorted.length == 0 ? 1 : (sorted[half - 1] + sorted[half]) / 2;
  }

  /**
   * Paszke et al. (ENet, 2016), section 5.2: 1 / ln(1.02 + p), where p is the class's share of all
   * labelled pixels.
   */
  private static List<Double> log(LabelCounts counts) {
    return IntStream.range(0, counts.pixels().size())
        .mapToObj(c -> 1 / Math.log(LOG_OFFSET + counts.share(c)))
        .toList();
  }
}
