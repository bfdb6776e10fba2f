package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.riglab.networks.FeedbackFilter;

/**
 * Estimates the spectral radius of the Jacobian of the map from the feedback of one iteration to
 * that of the next, by power iteration with finite differences. After some iterations to settle,
 * every other iteration is fed the settled state x plus a small step along a direction v; what the
 * next iteration is fed is then F(x + e v), and (F(x + e v) - F(x)) / e is the next direction. Its
 * norm, for a v of norm 1, is the estimate.
 */
public final class PowerIteration implements FeedbackFilter {
  private static final double STEP = 1e-2;
  private static final long SEED = 5;

  private final int settle;
  private final Map<List<Integer>, double[]> state = new LinkedHashMap<>();
  private final Map<List<Integer>, double[]> image = new LinkedHashMap<>();
  private final Map<List<Integer>, double[]> direction = new LinkedHashMap<>();
  private final List<Double> estimates = new ArrayList<>();
  private double step;
  private int iteration;

  /**
   * @param settle iterations before the state is kept, 1 or more
   */
  public PowerIteration(int settle) {
    this.settle = settle;
  }

  /**
   * @param settle see above
   * @param estimates how many
   * @return iterations of a pass that makes so many estimates
   */
  public static int iterations(int settle, int estimates) {
    return settle + 3 + 2 * estimates;
  }

  @Override
  public NDArray[] apply(int block, int now, NDArray... feedback) {
    if (now != iteration) {
      iteration = now;
      begin(now - settle - 2);
    }
    NDArray[] fed = new NDArray[feedback.length];
    for (int i = 0; i < fed.length; i++) {
      fed[i] = apply(List.of(block, i), now - settle - 2, feedback[i]);
    }
    return fed;
  }

  /** Phase 0 keeps x, 1 keeps F(x) and steps; then even ones look and odd ones step. */
  private void begin(int phase) {
    if (phase == 1) {
      SplittableRandom random = new SplittableRandom(SEED);
      state.forEach(
          (key, values) -> direction.put(key, random.doubles(values.length, -1, 1).toArray()));
      normalise();
      step = STEP * Math.max(norm(state), Double.MIN_NORMAL);
    } else if (phase > 1 && phase % 2 == 1) {
      estimates.add(normalise());
    }
  }

  private NDArray apply(List<Integer> key, int phase, NDArray feedback) {
    if (phase < 0) {
      return feedback;
    } else if (phase == 0) {
      state.put(key, Feedback.values(feedback));
      return feedback;
    } else if (phase == 1) {
      image.put(key, Feedback.values(feedback));
      return stepped(key, feedback);
    } else if (phase % 2 == 1) {
      return stepped(key, feedback);
    }
    double[] result = Feedback.values(feedback);
    double[] base = image.get(key);
    double[] next = new double[result.length];
    for (int i = 0; i < next.length; i++) {
      next[i] = (result[i] - base[i]) / step;
    }
    direction.put(key, next);
    return feedback;
  }

  private NDArray stepped(List<Integer> key, NDArray like) {
    double[] values = state.get(key).clone();
    double[] along = direction.get(key);
    for (int i = 0; i < values.length; i++) {
      values[i] += step * along[i];
    }
    return Feedback.array(values, like);
  }

  /** Brings the direction to norm 1; returns its norm before. */
  private double normalise() {
    double norm = norm(direction);
    direction
        .values()
        .forEach(
            values -> {
              for (int i = 0; i < values.length; i++) {
                values[i] /= norm == 0 ? 1 : norm;
              }
            });
    return norm;
  }

  private static double norm(Map<List<Integer>, double[]> arrays) {
    double sum = 0;
    for (double[] values : arrays.values()) {
      for (double value : values) {
        sum += value * value;
      }
    }
    return Math.sqrt(sum);
  }

  /**
   * @return the estimates, the last one is the best
   */
  public List<Double> estimates() {
    return List.copyOf(estimates);
  }
}
