package org.riglab.backbones.internal;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;

/**
 * U-Net (Ronneberger et al., MICCAI 2015) with padded convolutions and batch norm: depth + 1
 * encoder blocks and depth decoder blocks, each fed by the encoder block of its size as well.
 */
@Component
@Part(
    name = "unet",
    about = "U-Net with batch norm: encoder and decoder blocks, skips between them")
public final class UNet implements Backbone {
  private static final int DEEPEST = 8;

  /** The options. */
  @interface UNetConfig {
    /** Channels of the first block; each pool doubles them. */
    int width() default 64;

    /** Number of pools. */
    int depth() default 4;
  }

  @Override
  public Class<? extends Annotation> options() {
    return UNetConfig.class;
  }

  @Override
  public List<Stage> stages(BackboneShape shape, Options options) {
    UNetConfig config = options.as(UNetConfig.class);
    int width = config.width();
    int depth = config.depth();
    Widths.check("unet", width);
    if (depth < 1 || depth > DEEPEST) {
      throw new RigException(
          "backbone unet: depth must be 1 to %d, not %d".formatted(DEEPEST, depth));
    }
    List<Stage> stages = new ArrayList<>();
    int in = shape.inputChannels();
    for (int i = 0; i <= depth; i++) {
      int out = width << i;
      DoubleConv block = new DoubleConv(in, out, i > 0);
      String name = "encoder" + (i + 1);
      stages.add(
          i < depth
              ? new Stage(name, "", new SkipTap("backbone." + name, block), in, out, 1 << i)
              : new Stage(name, "backbone." + name + ".", block, in, out, 1 << i));
      in = out;
    }
    for (int i = depth - 1; i >= 0; i--) {
      String name = "decoder" + (i + 1);
      int out = width << i;
      stages.add(new Stage(name, "backbone." + name + ".", new Decoder(in, out), in, out, 1 << i));
      in = out;
    }
    return stages;
  }
}
