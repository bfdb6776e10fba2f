package example.espnet;

import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Stage;

/**
 * ESPNet (Mehta et al., ECCV 2018): an encoder of three levels and a decoder, with the names of the
 * published weights. The last layer, which has one output per class, is the head.
 */
@Component
@Part(name = "espnet", about = "ESPNet's encoder and decoder")
public final class EspNet implements Backbone {
  static final String NAME = "espnet";

  private static final String BACKBONE = "backbone.";
  private static final String ENCODER = "backbone.encoder.";

  /** Options: {@code espnet:q=8:width=12}. */
  public @interface Config {
    /** Units of level 2. */
    int p() default 2;

    /** Units of level 3; published are 3, 5 and 8. */
    int q() default 8;

    /** Channels of the decoder: the number of classes of published weights. */
    int width() default 20;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public String head() {
    return NAME;
  }

  @Override
  public ImageSizes sizes(Options options) {
    return new ImageSizes(8, 8);
  }

  @Override
  public List<Stage> stages(BackboneShape shape, Options options) {
    Config config = options.as(Config.class);
    if (config.p() < 1 || config.q() < 1 || config.width() < 5) {
      throw new RigException(
          "backbone espnet: p is %d, q %d and width %d; p and q must be 1 or more, width 5 or more"
              .formatted(config.p(), config.q(), config.width()));
    }
    int image = shape.inputChannels();
    int level1 = Blocks.LEVEL1 + image;
    int level2 = 2 * Blocks.LEVEL2 + image;
    int level3 = 2 * Blocks.LEVEL3;
    return List.of(
        new Stage("level1", ENCODER, new Blocks.Level1(image), image, level1, 2),
        new Stage("level2", ENCODER, new Blocks.Level2(image, config.p()), level1, level2, 4),
        new Stage("level3", ENCODER, new Blocks.Level3(image, config.q()), level2, level3, 8),
        new Stage(
            "decoder",
            BACKBONE,
            new Blocks.Decoder(image, config.width()),
            level3,
            config.width(),
            2));
  }
}
