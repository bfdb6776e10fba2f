package org.riglab.testkit.builtin;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;
import org.riglab.api.training.Loss;
import org.riglab.losses.internal.CoarseToFine;
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

  public static class OfCoarseToFine extends LossContract {
    @Override
    protected Loss loss() {
      return new CoarseToFine();
    }

    @Override
    protected Map<String, Object> options() {
      try {
        return Map.of(
            "table", Path.of(Loss.class.getResource("/even-and-odd.json").toURI()).toString());
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
