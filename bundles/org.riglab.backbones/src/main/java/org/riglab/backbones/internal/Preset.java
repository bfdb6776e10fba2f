package org.riglab.backbones.internal;

import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;

/** A ResNet of torchvision's sizes: its weights load unchanged. */
abstract class Preset implements Backbone {
  private final String name;
  private final ResNetPlan.Kind kind;
  private final List<Integer> layers;

  private Preset(String name, ResNetPlan.Kind kind, Integer... layers) {
    this.name = name;
    this.kind = kind;
    this.layers = List.of(layers);
  }

  /** See {@link ResNetPlan}. */
  @interface Config {
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
    return new ResNetPlan(name, kind, layers, 64, config.outputStride(), config.strideIn())
        .stages(shape);
  }

  /** ResNet-18. */
  @Component(service = Backbone.class)
  @Part(name = "resnet18", about = "torchvision's ResNet-18")
  public static final class ResNet18 extends Preset {
    /** For declarative services. */
    public ResNet18() {
      super("resnet18", ResNetPlan.Kind.BASIC, 2, 2, 2, 2);
    }
  }

  /** ResNet-34. */
  @Component(service = Backbone.class)
  @Part(name = "resnet34", about = "torchvision's ResNet-34")
  public static final class ResNet34 extends Preset {
    /** For declarative services. */
    public ResNet34() {
      super("resnet34", ResNetPlan.Kind.BASIC, 3, 4, 6, 3);
    }
  }

  /** ResNet-50. */
  @Component(service = Backbone.class)
  @Part(name = "resnet50", about = "torchvision's ResNet-50")
  public static final class ResNet50 extends Preset {
    /** For declarative services. */
    public ResNet50() {
      super("resnet50", ResNetPlan.Kind.BOTTLENECK, 3, 4, 6, 3);
    }
  }

  /** ResNet-101. */
  @Component(service = Backbone.class)
  @Part(name = "resnet101", about = "torchvision's ResNet-101")
  public static final class ResNet101 extends Preset {
    /** For declarative services. */
    public ResNet101() {
      super("resnet101", ResNetPlan.Kind.BOTTLENECK, 3, 4, 23, 3);
    }
  }

  /** ResNet-152. */
  @Component(service = Backbone.class)
  @Part(name = "resnet152", about = "torchvision's ResNet-152")
  public static final class ResNet152 extends Preset {
    /** For declarative services. */
    public ResNet152() {
      super("resnet152", ResNetPlan.Kind.BOTTLENECK, 3, 8, 36, 3);
    }
  }
}
