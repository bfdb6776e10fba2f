package org.riglab.testkit.builtin;

import java.util.Map;
import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;
import org.riglab.api.training.Transform;
import org.riglab.testkit.TransformContract;
import org.riglab.transforms.internal.BalancedCrop;
import org.riglab.transforms.internal.Crop;
import org.riglab.transforms.internal.Flip;
import org.riglab.transforms.internal.Photometric;
import org.riglab.transforms.internal.Rotate;
import org.riglab.transforms.internal.Scale;

/** The built-in ones hold the contract. */
@RunWith(Enclosed.class)
public class TransformsTest {
  public static class OfScale extends TransformContract {
    @Override
    protected Transform transform() {
      return new Scale();
    }
  }

  public static class OfScaleThatEnlarges extends TransformContract {
    @Override
    protected Transform transform() {
      return new Scale();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("min", 1.5, "max", 4.0);
    }
  }

  public static class OfCrop extends TransformContract {
    @Override
    protected Transform transform() {
      return new Crop();
    }
  }

  public static class OfFlip extends TransformContract {
    @Override
    protected Transform transform() {
      return new Flip();
    }
  }

  public static class OfBalancedCrop extends TransformContract {
    @Override
    protected Transform transform() {
      return new BalancedCrop();
    }
  }

  public static class OfPhotometric extends TransformContract {
    @Override
    protected Transform transform() {
      return new Photometric();
    }
  }

  public static class OfRotate extends TransformContract {
    @Override
    protected Transform transform() {
      return new Rotate();
    }
  }

  public static class OfRotateAnywhere extends TransformContract {
    @Override
    protected Transform transform() {
      return new Rotate();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("degrees", 180, "probability", 0.8);
    }
  }
}
