package org.riglab.testkit.builtin;

import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;
import org.riglab.api.training.Loss;
import org.riglab.losses.internal.CrossEntropyLoss;
import org.riglab.testkit.LossContract;

/** The built-in ones hold the contract. */
@RunWith(Enclosed.class)
public class LossesTest {
  public static class OfCrossEntropy extends LossContract {
    @Override
    protected Loss loss() {
      return new CrossEntropyLoss();
    }
  }
}
