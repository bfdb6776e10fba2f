package org.riglab.networks.inference;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.Test;
import org.riglab.networks.FeedbackFilter;
import org.riglab.networks.engine.Torch;

/** Solvers on linear maps, whose fixed points and eigenvalues are known. */
public class FixedPointTest {
  private static final float[][] A = {{0.9f, 0.1f, 0}, {0.05f, -0.5f, 0.2f}, {0, 0.3f, 0.7f}};
  private static final float[] B = {1, -2, 0.5f};

  /** The solution of x = A x + b and the largest eigenvalue of A, in double precision. */
  private static final double[] FIXED = {9.06666666666667, -0.9333333333333333, 0.7333333333333331};

  private static final double RADIUS = 0.9045000386776282;

  private static float[] map(float[] x) {
    float[] y = B.clone();
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        y[i] += A[i][j] * x[j];
      }
    }
    return y;
  }

  /** Runs iterations as a network does whose two gates have the halves of the state. */
  private static float[] run(FeedbackFilter filter, int iterations) {
    float[] result = B;
    try (NDManager manager = Torch.newManager(Device.cpu())) {
      for (int t = 2; t <= iterations; t++) {
        NDArray one = manager.create(new float[] {result[0]});
        NDArray two = manager.create(new float[] {result[1], result[2]});
        float[] first = filter.apply(4, t, one)[0].toFloatArray();
        float[] second = filter.apply(5, t, two)[0].toFloatArray();
        result = map(new float[] {first[0], second[0], second[1]});
      }
    }
    return result;
  }

  private static double error(float[] x) {
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      sum += (x[i] - FIXED[i]) * (x[i] - FIXED[i]);
    }
    return Math.sqrt(sum);
  }

  @Test
  public void andersonFindsTheFixedPointSooner() {
    FeedbackFilter plain = (block, iteration, feedback) -> feedback;
    double slow = error(run(plain, 25));
    double fast = error(run(new Anderson(), 25));
    assertTrue(slow + " " + fast, slow > 0.1 && fast < slow / 20);
  }

  @Test
  public void powerIterationFindsTheSpectralRadius() {
    PowerIteration power = new PowerIteration(3);
    run(power, PowerIteration.iterations(3, 40));
    assertEquals(40, power.estimates().size(), 1);
    assertEquals(RADIUS, power.estimates().get(power.estimates().size() - 1), 2e-3);
  }

  @Test
  public void linearEquationsAreSolved() {
    double[][] rows = {{0, 2, 4}, {3, 1, 5}};
    assertArrayEquals(new double[] {1, 2}, Anderson.solve(rows), 1e-12);
  }
}
