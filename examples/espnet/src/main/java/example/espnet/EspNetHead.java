package example.espnet;

import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;

/** ESPNet's last layer: a transposed convolution to twice the size of its input. */
@Component
@Part(name = EspNet.NAME, about = "ESPNet's transposed convolution")
public final class EspNetHead implements Head {
  @Override
  public Stage stage(HeadShape shape, Options options) {
    Stage last = shape.last();
    int in = last.outputChannels();
    return new Stage(
        "classifier",
        PREFIX,
        Blocks.doubling(in, shape.classes()),
        in,
        shape.classes(),
        Math.max(1, last.stride() / 2));
  }
}
