package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.riglab.networks.FeedbackFilter;

/**
 * Anderson acceleration (Walker and Ni, SIAM J. Numer. Anal. 2011) of the fixed-point iteration
 * that the iterations of a network are, for each feedback array on its own: the next value is the
 * combination of the last results whose residual is smallest.
 */
public final class Anderson implements FeedbackFilter {
  private static final int MEMORY = 5;
  private static final double RIDGE = 1e-8;

  private final Map<List<Integer>, History> histories = new HashMap<>();

  /** The last inputs and results of one array. */
  private static final class History {
    private final List<double[]> results = new ArrayList<>();
    private final List<double[]> residuals = new ArrayList<>();
    private double[] input;

    double[] next(double[] result) {
      double[] mixed = result;
      if (input != null) {
        double[] residual = new double[result.length];
        for (int i = 0; i < residual.length; i++) {
          residual[i] = result[i] - input[i];
        }
        results.add(result);
        residuals.add(residual);
        if (results.size() > MEMORY) {
          results.remove(0);
          residuals.remove(0);
        }
        mixed = mixed();
      }
      input = mixed;
      return mixed;
    }

    private double[] mixed() {
      int n = results.size();
      double[][] products = new double[n][n + 1];
      double trace = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          products[i][j] = dot(residuals.get(i), residuals.get(j));
        }
        trace += products[i][i];
      }
      for (int i = 0; i < n; i++) {
        products[i][i] += RIDGE * trace + Double.MIN_NORMAL;
        products[i][n] = 1;
      }
      double[] weights = solve(products);
      double sum = 0;
      for (double weight : weights) {
        sum += weight;
      }
      double[] mixed = new double[results.get(0).length];
      for (int k = 0; k < n; k++) {
        for (int i = 0; i < mixed.length; i++) {
          mixed[i] += weights[k] / sum * results.get(k)[i];
        }
      }
      return mixed;
    }

    private static double dot(double[] a, double[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }
  }

  /** Gauss with pivots, on rows that end in the right-hand side. */
  static double[] solve(double[][] rows) {
    int n = rows.length;
    for (int c = 0; c < n; c++) {
      int pivot = c;
      for (int r = c + 1; r < n; r++) {
        pivot = Math.abs(rows[r][c]) > Math.abs(rows[pivot][c]) ? r : pivot;
      }
      double[] row = rows[pivot];
      rows[pivot] = rows[c];
      rows[c] = row;
      for (int r = 0; r < n; r++) {
        if (r != c) {
          double factor = rows[r][c] / row[c];
          for (int k = c; k <= n; k++) {
            rows[r][k] -= factor * row[k];
          }
        }
      }
    }
    double[] solution = new double[n];
    for (int i = 0; i < n; i++) {
      solution[i] = rows[i][n] / rows[i][i];
    }
    return solution;
  }

  @Override
  public NDArray[] apply(int block, int iteration, NDArray... feedback) {
    NDArray[] mixed = new NDArray[feedback.length];
    for (int i = 0; i < feedback.length; i++) {
      History history = histories.computeIfAbsent(List.of(block, i), key -> new History());
      mixed[i] = Feedback.array(history.next(Feedback.values(feedback[i])), feedback[i]);
    }
    return mixed;
  }
}
