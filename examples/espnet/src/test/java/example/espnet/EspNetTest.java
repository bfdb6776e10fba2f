package example.espnet;

import java.util.Map;
import org.riglab.api.network.Backbone;
import org.riglab.testkit.BackboneContract;

/** What every backbone must do. */
public final class EspNetTest extends BackboneContract {
  @Override
  protected Backbone backbone() {
    return new EspNet();
  }

  @Override
  protected Map<String, Object> options() {
    return Map.of("p", 1, "q", 1, "width", 6);
  }
}
