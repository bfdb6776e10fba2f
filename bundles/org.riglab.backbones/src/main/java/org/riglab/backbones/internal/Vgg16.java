package org.riglab.backbones.internal;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;

/**
 * torchvision's VGG-16 (Simonyan and Zisserman, ICLR 2015) as FCN (Long et al., CVPR 2015) uses it:
 * five blocks that end with a pool each, then, on request, fc6 and fc7 as convolutions.
 */
@Component
@Part(name = "vgg16", about = "torchvision's VGG-16, cut into blocks at its pools")
public final class Vgg16 implements Backbone {
  private static final int[] CONVOLUTIONS = {2, 2, 3, 3, 3};
  private static final int[] WIDTHS = {1, 2, 4, 8, 8};
  private static final int FC = 64; // 4096 channels at VGG's width

  /** The options. */
  @interface VggConfig {
    /** Whether each convolution is followed by batch norm (torchvision's vgg16_bn). */
    boolean batchNorm() default false;

    /** Whether fc6 and fc7 are there as convolutions. */
    boolean fc() default false;

    /** Channels of the first block; the others have 2, 4, 8 and 8 times as many. */
    int width() default 64;
  }

  @Override
  public Class<? extends Annotation> options() {
    return VggConfig.class;
  }

  @Override
  public List<Stage> stages(BackboneShape shape, Options options) {
    VggConfig config = options.as(VggConfig.class);
    int width = config.width();
    Widths.check("vgg16", width);
    List<Stage> stages = new ArrayList<>();
    int in = shape.inputChannels();
    int index = 0;
    for (int i = 0; i < CONVOLUTIONS.length; i++) {
      int out = WIDTHS[i] * width;
      VggBlock block = new VggBlock(index, CONVOLUTIONS[i], in, out, config.batchNorm());
      stages.add(new Stage("conv" + (i + 1), "backbone.features.", block, in, out, 2 << i));
      index = block.end();
      in = out;
    }
    if (config.fc()) {
      int out = FC * width;
      stages.add(new Stage("fc", "backbone.classifier.", new VggFc(in, out), in, out, 32));
    }
    return stages;
  }
}
