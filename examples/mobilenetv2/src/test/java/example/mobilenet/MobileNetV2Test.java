package example.mobilenet;

import java.util.Map;
import org.riglab.api.network.Backbone;
import org.riglab.testkit.BackboneContract;

/** What every backbone must do. */
public final class MobileNetV2Test extends BackboneContract {
  @Override
  protected Backbone backbone() {
    return new MobileNetV2();
  }

  @Override
  protected Map<String, Object> options() {
    return Map.of("width", 0.25, "output_stride", 16);
  }
}
