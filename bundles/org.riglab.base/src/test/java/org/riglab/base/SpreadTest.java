package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.List;
import org.junit.Test;

public class SpreadTest {
  /** The distribution function of Student's t by Simpson's rule. */
  private static double distribution(double t, int freedom) {
    // Gamma((v+1)/2) / (Gamma(v/2) sqrt(pi)), from that of v-2
    double constant = freedom % 2 == 0 ? 1 / 2.0 : 1 / Math.PI;
    for (int v = 2 - freedom % 2; v < freedom; v += 2) {
      constant *= (v + 1) / (double) v;
    }
    int steps = 20000;
    double h = t / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double x = i * h;
      double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * Math.pow(1 + x * x / freedom, -(freedom + 1) / 2.0);
    }
    return 0.5 + constant / Math.sqrt(freedom) * sum * h / 3;
  }

  @Test
  public void quantilesLeaveTwoAndAHalfPercentAbove() {
    for (int freedom : new int[] {1, 2, 3, 4, 9, 10, 29, 30, 31, 32, 60, 500}) {
      double t = Spread.quantile(freedom);
      assertEquals("freedom " + freedom, 0.975, distribution(t, freedom), 1e-7);
    }
  }

  @Test
  public void intervalOfAWorkedExample() {
    // mean 3, squares 10, variance 2.5; t(4) 2.776445; 2.776445 * sqrt(2.5 / 5)
    Spread spread = Spread.of(List.of(1.0, 2.0, 3.0, 4.0, 5.0));
    assertEquals(5, spread.n());
    assertEquals(3, spread.mean(), 1e-12);
    assertEquals(Math.sqrt(2.5), spread.std(), 1e-12);
    assertEquals(1.963243, spread.halfWidth(), 1e-6);
  }

  @Test
  public void leavesOutWhatIsNotDefined() {
    Spread spread = Spread.of(List.of(Double.NaN, 2.0, 4.0));
    assertEquals(2, spread.n());
    assertEquals(3, spread.mean(), 0);
    Spread one = Spread.of(List.of(Double.NaN, 0.5));
    assertEquals(0.5, one.mean(), 0);
    assertTrue(Double.isNaN(one.halfWidth()) && Double.isNaN(one.std()));
    assertTrue(Double.isNaN(Spread.of(List.of()).mean()));
    assertEquals(0, Spread.of(List.of(0.5, 0.5)).halfWidth(), 0);
  }
}
