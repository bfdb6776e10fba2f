package org.riglab.training.internal;

import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.networks.PassLength;

/**
 * The number of iterations of each step. {@code uniform:A..B} draws each number from A to B with
 * the same probability. {@code poisson:MEAN:SIGMA:SHARE} draws 1 + Poisson(lambda), where lambda is
 * log-normal with mean MEAN - 1 and deviation SIGMA of its logarithm (Geiping et al., 2025, section
 * 3.3); SIGMA is 0.5 if not given. With a SHARE, the mean rises linearly from 1 to MEAN in that
 * share of the steps. A draw is at most 4 MEAN. It depends on the seed and the step only.
 */
final class RandomIterations {
  private static final Pattern UNIFORM = Pattern.compile("uniform:(\\d{1,4})\\.\\.(\\d{1,4})");
  private static final String NUMBER = "(\\d+(?:\\.\\d+)?)";
  private static final Pattern POISSON =
      Pattern.compile("poisson:" + NUMBER + "(?::" + NUMBER + "(?::" + NUMBER + ")?)?");
  private static final String FIXED = "fixed";
  private static final double SIGMA = 0.5;
  private static final int MOST = 4;

  private final int from;
  private final int to;
  private final double mean;
  private final double sigma;
  private final double share;

  private RandomIterations(int from, int to, double mean, double sigma, double share) {
    this.from = from;
    this.to = to;
    this.mean = mean;
    this.sigma = sigma;
    this.share = share;
  }

  /**
   * @param text as described; fixed for the network's own number
   * @throws RigException if it is something else
   */
  static RandomIterations parse(String text) {
    if (text.strip().equals(FIXED)) {
      return new RandomIterations(0, 0, 0, 0, 0);
    }
    Matcher uniform = UNIFORM.matcher(text.strip());
    if (uniform.matches()) {
      int from = Integer.parseInt(uniform.group(1));
      int to = Integer.parseInt(uniform.group(2));
      if (from >= 1 && to >= from && to <= PassLength.MOST) {
        return new RandomIterations(from, to, 0, 0, 0);
      }
    }
    Matcher poisson = POISSON.matcher(text.strip());
    if (poisson.matches()) {
      double mean = Double.parseDouble(poisson.group(1));
      double sigma = poisson.group(2) == null ? SIGMA : Double.parseDouble(poisson.group(2));
      double share = poisson.group(3) == null ? 0 : Double.parseDouble(poisson.group(3));
      if (mean >= 1 && mean <= 100 && share <= 1) {
        return new RandomIterations(0, 0, mean, sigma, share);
      }
    }
    throw new RigException(
        "training: option 'random_iterations' is "
            + text
            + "; it must be fixed, uniform:A..B with 1 <= A <= B <= "
            + PassLength.MOST
            + ", or poisson:MEAN:SIGMA:SHARE with a MEAN of 1 to 100 and a SHARE of 0 to 1");
  }

  /** Whether numbers are drawn. */
  boolean random() {
    return to > 0 || mean > 0;
  }

  /**
   * @param seed of the training
   * @param step 1 for the first
   * @param steps of the whole training
   * @return the number of iterations; 0 for the network's own
   */
  int draw(long seed, long step, long steps) {
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + step);
    if (to > 0) {
      return random.nextInt(from, to + 1);
    } else if (mean == 0) {
      return 0;
    }
    double reached = share > 0 ? Math.min(1, step / (share * steps)) : 1;
    double expected = (mean - 1) * reached;
    if (expected == 0) {
      return 1;
    }
    double log = Math.log(expected) - sigma * sigma / 2 + sigma * gaussian(random);
    int drawn = 1 + poisson(Math.exp(log), random);
    return Math.min(drawn, (int) Math.ceil(MOST * mean));
  }

  /** Box and Muller. */
  private static double gaussian(SplittableRandom random) {
    double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
    return radius * Math.cos(2 * Math.PI * random.nextDouble());
  }

  /** Knuth's product of uniform numbers, which is bounded as the mean is. */
  private static int poisson(double lambda, SplittableRandom random) {
    double limit = Math.exp(-lambda);
    double product = random.nextDouble();
    int count = 0;
    while (product > limit) {
      product *= random.nextDouble();
      count++;
    }
    return count;
  }
}
