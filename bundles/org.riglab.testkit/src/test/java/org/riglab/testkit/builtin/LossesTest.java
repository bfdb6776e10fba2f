package org.riglab.testkit.builtin;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;
import org.riglab.api.training.Loss;
import org.riglab.losses.internal.CoarseToFine;
import org.riglab.losses.internal.CrossEntropyLoss;
import org.riglab.losses.internal.DiceLoss;
import org.riglab.losses.internal.FocalLoss;
import org.riglab.losses.internal.LovaszLoss;
import org.riglab.losses.internal.OhemLoss;
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

  public static class OfCrossEntropyWithLabelSmoothing extends LossContract {
    @Override
    protected Loss loss() {
      return new CrossEntropyLoss();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("label_smoothing", 0.1);
    }
  }

  public static class OfDice extends LossContract {
    @Override
    protected Loss loss() {
      return new DiceLoss();
    }
  }

  public static class OfLogarithmicDice extends LossContract {
    @Override
    protected Loss loss() {
      return new DiceLoss();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("log", true, "smooth", 1);
    }
  }

  public static class OfFocal extends LossContract {
    @Override
    protected Loss loss() {
      return new FocalLoss();
    }
  }

  public static class OfFocalOfSigmoids extends LossContract {
    @Override
    protected Loss loss() {
      return new FocalLoss();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("sigmoid", true, "alpha", 0.25, "gamma", 1.5);
    }
  }

  public static class OfLovasz extends LossContract {
    @Override
    protected Loss loss() {
      return new LovaszLoss();
    }
  }

  public static class OfLovaszPerImage extends LossContract {
    @Override
    protected Loss loss() {
      return new LovaszLoss();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("per_image", true);
    }
  }

  public static class OfOhem extends LossContract {
    @Override
    protected Loss loss() {
      return new OhemLoss();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("threshold", 0.2, "kept", 0.3);
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
