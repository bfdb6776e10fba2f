package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;

import org.junit.Test;
import org.riglab.api.bench.TrainSpec.Schedule;

/** The expected numbers are those of torch.optim.lr_scheduler, lr 0.5, ten steps. */
public class LearningRateTest {
  private static void check(Schedule schedule, double... expected) {
    LearningRate rate = new LearningRate(schedule, 0.5, expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals("step " + (i + 1), expected[i], rate.of(i + 1), 1e-9);
    }
  }

  /** SequentialLR([LinearLR(start_factor=0.1, total_iters=4), PolynomialLR(6, 0.9)], [4]). */
  @Test
  public void warmsUpAndFallsAsAPolynomial() {
    check(
        new Schedule("poly", 0.9, 0, 4, 0.1),
        0.05,
        0.1625,
        0.275,
        0.3875,
        0.5,
        0.4243330734,
        0.3471265813,
        0.2679433656,
        0.186020529,
        0.09968593324);
  }

  /** SequentialLR([LinearLR(start_factor=0.1, total_iters=4), CosineAnnealingLR(6, 0.01)], [4]). */
  @Test
  public void warmsUpAndFallsAsACosine() {
    check(
        new Schedule("cosine", 0.9, 0.01, 4, 0.1),
        0.05,
        0.1625,
        0.275,
        0.3875,
        0.5,
        0.4671762239,
        0.3775,
        0.255,
        0.1325,
        0.04282377607);
  }

  /** CosineAnnealingLR(10). */
  @Test
  public void fallsAsACosine() {
    check(
        new Schedule("cosine", 0.9, 0, 0, 0.01),
        0.5,
        0.4877641291,
        0.4522542486,
        0.3969463131,
        0.3272542486,
        0.25,
        0.1727457514,
        0.1030536869,
        0.04774575141,
        0.01223587093);
  }

  @Test
  public void warmsUpAndStays() {
    check(new Schedule("constant", 0.9, 0, 4, 0.1), 0.05, 0.1625, 0.275, 0.3875, 0.5, 0.5, 0.5);
  }

  @Test
  public void aWarmUpMayTakeTheWholeRun() {
    check(new Schedule("cosine", 0.9, 0, 3, 0.4), 0.2, 0.3, 0.4);
  }
}
