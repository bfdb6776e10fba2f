package org.riglab.backbones.internal;

import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;

/** A ResNet of any depth and width. */
@Component(
    property = {
      Provider.NAME + "=resnet",
      Provider.ABOUT + "=ResNet of any depth, width and output stride"
    })
public final class ResNet implements Backbone {
  /** See {@link ResNets#stages}. */
  @interface Config {
    int[] layers() default {3, 4, 6, 3};

    int width() default 64;

    ResNets.Kind block() default ResNets.Kind.BOTTLENECK;

    int outputStride() default 32;

    ResNets.Classifier classifier() default ResNets.Classifier.FCN;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public List<Stage> stages(BackboneShape shape, Options options) {
    Config config = options.as(Config.class);
    return ResNets.stages(
        "resnet",
        shape,
        config.block(),
        config.layers(),
        config.width(),
        config.outputStride(),
        config.classifier());
  }
}
