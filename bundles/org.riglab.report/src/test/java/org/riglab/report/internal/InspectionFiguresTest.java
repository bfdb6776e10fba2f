package org.riglab.report.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.Test;

public class InspectionFiguresTest {
  @Test
  public void theConvergenceRateIsTheFactorPerIteration() {
    List<Double> logs = new ArrayList<>(List.of(Double.NaN));
    for (int t = 1; t < 24; t++) {
      // 0.25 per iteration until rounding ends it
      logs.add(Math.max(-1 + t * Math.log10(0.25), -6.8));
    }
    assertEquals(0.25, InspectionFigures.rate(logs), 1e-9);
    assertTrue(Double.isNaN(InspectionFigures.rate(List.of(Double.NaN, -1.0))));
  }
}
