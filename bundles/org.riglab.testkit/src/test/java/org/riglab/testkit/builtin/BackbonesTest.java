package org.riglab.testkit.builtin;

import java.util.List;
import java.util.Map;
import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;
import org.riglab.api.network.Backbone;
import org.riglab.backbones.internal.ResNet;
import org.riglab.backbones.internal.UNet;
import org.riglab.backbones.internal.Vgg16;
import org.riglab.testkit.BackboneContract;

/** The built-in ones hold the contract. */
@RunWith(Enclosed.class)
public class BackbonesTest {
  public static class OfResNet extends BackboneContract {
    @Override
    protected Backbone backbone() {
      return new ResNet();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("layers", List.of(1, 1, 1, 1), "width", 8);
    }
  }

  public static class OfDilatedResNet extends BackboneContract {
    @Override
    protected Backbone backbone() {
      return new ResNet();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of(
          "layers", List.of(1, 1, 1, 1), "width", 8, "block", "bottleneck", "output_stride", 8);
    }
  }

  public static class OfUNet extends BackboneContract {
    @Override
    protected Backbone backbone() {
      return new UNet();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("width", 4, "depth", 2);
    }
  }

  public static class OfVgg extends BackboneContract {
    @Override
    protected Backbone backbone() {
      return new Vgg16();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("width", 4, "batch_norm", true);
    }
  }

  public static class OfVggFc extends BackboneContract {
    @Override
    protected Backbone backbone() {
      return new Vgg16();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("width", 4, "fc", true);
    }
  }
}
