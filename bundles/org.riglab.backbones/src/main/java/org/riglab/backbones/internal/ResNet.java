package org.riglab.backbones.internal;

import java.lang.annotation.Annotation;
import java.util.Arrays;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;

/** A ResNet of any depth and width. */
@Component
@Part(name = "resnet", about = "ResNet of any depth, width and output stride")
public final class ResNet implements Backbone {
  /** See {@link ResNetPlan}. */
  @interface Config {
    int[] layers() default {3, 4, 6, 3};

    int width() default 64;

    ResNetPlan.Kind block() default ResNetPlan.Kind.BOTTLENECK;

    int outputStride() default 32;

    StrideIn strideIn() default StrideIn.CONV2;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public List<Stage> stages(BackboneShape shape, Options options) {
    Config config = options.as(Config.class);
    return new ResNetPlan(
            "resnet",
            config.block(),
            Arrays.stream(config.layers()).boxed().toList(),
            config.width(),
            config.outputStride(),
            config.strideIn())
        .stages(shape);
  }
}
