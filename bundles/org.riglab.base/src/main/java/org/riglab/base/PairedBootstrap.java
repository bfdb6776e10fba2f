package org.riglab.base;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.riglab.api.bench.ImageScore;

/**
 * The difference of two networks' scores by a paired bootstrap. A replicate draws the images with
 * replacement, the same ones for both networks and all seeds, and, if there are several seeds,
 * draws those with replacement, too. Its value is the mean over the drawn seeds of the score of the
 * first network minus that of the second, each from the summed pixel counts.
 */
public final class PairedBootstrap {
  private static final int REPLICATES = 2000;
  private static final long SEED = 1;

  /** A score of summed counts. */
  public enum Metric {
    /** Mean of correct / union over the classes whose union is not empty. */
    MIOU("mIoU"),
    /** Mean of correct / labelled over the classes with labels. */
    MACC("mAcc"),
    /** Correct / labelled over all classes. */
    PACC("pAcc");

    private final String text;

    Metric(String text) {
      this.text = text;
    }

    /**
     * @param name of a metric
     * @return the metric of that name; null if it is none of these
     */
    public static Metric of(String name) {
      return Arrays.stream(values()).filter(m -> m.text.equals(name)).findFirst().orElse(null);
    }
  }

  /**
   * A difference.
   *
   * @param mean over the seeds, of all images
   * @param low 2.5 % quantile of the replicates
   * @param high 97.5 % quantile of the replicates
   * @param p two-sided: twice the smaller share of replicates on one side of zero, with one
   *     replicate added to both counts; at most 1
   */
  public record Difference(double mean, double low, double high, double p) {
    /**
     * @return whether the interval excludes zero
     */
    public boolean significant() {
      return low > 0 || high < 0;
    }
  }

  private final Metric metric;
  private final int classes;
  private final int images;
  private final List<long[][]> first;
  private final List<long[][]> second;

  private PairedBootstrap(
      Metric metric, List<List<ImageScore>> first, List<List<ImageScore>> second) {
    this.metric = metric;
    this.images = first.get(0).size();
    this.classes = first.get(0).get(0).correct().size();
    this.first = first.stream().map(this::counts).toList();
    this.second = second.stream().map(this::counts).toList();
  }

  /** Per image: correct, predicted and labelled pixels, class by class. */
  private long[][] counts(List<ImageScore> scores) {
    if (scores.size() != images || scores.get(0).correct().size() != classes) {
      throw new IllegalArgumentException("not the same images and classes");
    }
    long[][] counts = new long[images][3 * classes];
    for (int i = 0; i < images; i++) {
      ImageScore score = scores.get(i);
      for (int c = 0; c < classes; c++) {
        counts[i][3 * c] = score.correct().get(c);
        counts[i][3 * c + 1] = score.predicted().get(c);
        counts[i][3 * c + 2] = score.labelled().get(c);
      }
    }
    return counts;
  }

  /**
   * @param metric of the summed counts
   * @param first counts of every image, one list per seed
   * @param second the same of the other network, of the same images and seeds in the same order
   * @return first minus second
   */
  public static Difference of(
      Metric metric, List<List<ImageScore>> first, List<List<ImageScore>> second) {
    return new PairedBootstrap(metric, first, second).run();
  }

  private Difference run() {
    int seeds = Math.min(first.size(), second.size());
    int[] once = new int[images];
    Arrays.fill(once, 1);
    double mean = 0;
    for (int s = 0; s < seeds; s++) {
      mean += difference(once, s) / seeds;
    }
    SplittableRandom random = new SplittableRandom(SEED);
    double[] replicates = new double[REPLICATES];
    int below = 1;
    int above = 1;
    for (int r = 0; r < REPLICATES; r++) {
      int[] weights = new int[images];
      for (int i = 0; i < images; i++) {
        weights[random.nextInt(images)]++;
      }
      for (int s = 0; s < seeds; s++) {
        replicates[r] += difference(weights, random.nextInt(seeds)) / seeds;
      }
      below += replicates[r] <= 0 ? 1 : 0;
      above += replicates[r] >= 0 ? 1 : 0;
    }
    Arrays.sort(replicates);
    double p = Math.min(1, 2.0 * Math.min(below, above) / (REPLICATES + 1));
    return new Difference(mean, quantile(replicates, 0.025), quantile(replicates, 0.975), p);
  }

  private double difference(int[] weights, int seed) {
    return score(first.get(seed), weights) - score(second.get(seed), weights);
  }

  private double score(long[][] counts, int[] weights) {
    long[] sums = new long[3 * classes];
    for (int i = 0; i < images; i++) {
      for (int k = 0; weights[i] > 0 && k < sums.length; k++) {
        sums[k] += weights[i] * counts[i][k];
      }
    }
    double sum = 0;
    double all = 0;
    for (int c = 0; c < classes; c++) {
      long correct = sums[3 * c];
      long labelled = sums[3 * c + 2];
      long union = sums[3 * c + 1] + labelled - correct;
      long whole = metric == Metric.MIOU ? union : labelled;
      if (metric == Metric.PACC) {
        sum += correct;
        all += labelled;
      } else if (whole > 0) {
        sum += correct / (double) whole;
        all++;
      }
    }
    return sum / all;
  }

  /** Linear between the sorted values, as NumPy's default. */
  private static double quantile(double[] sorted, double q) {
    double at = q * (sorted.length - 1);
    int low = (int) at;
    return low + 1 == sorted.length
        ? sorted[low]
        : sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]);
  }
}
