package org.riglab.backbones.internal;

import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;

/**
 * DeepLabV2 (Chen et al., TPAMI 2018): ResNet-101 with output stride 8, whose head is ASPP unless a
 * spec says otherwise.
 */
@Component
@Part(name = "deeplabv2", about = "DeepLabV2: ResNet-101, output stride 8, ASPP")
public final class DeepLabV2 implements Backbone {
  /** See {@link ResNetPlan}. */
  @interface DeepLabConfig {
    StrideIn strideIn() default StrideIn.CONV2;
  }

  @Override
  public Class<? extends Annotation> options() {
    return DeepLabConfig.class;
  }

  @Override
  public String head() {
    return "aspp";
  }

  @Override
  public List<Stage> stages(BackboneShape shape, Options options) {
    return new ResNetPlan(
            "deeplabv2",
            ResNetPlan.Kind.BOTTLENECK,
            List.of(3, 4, 23, 3),
            64,
            8,
            options.as(DeepLabConfig.class).strideIn())
        .stages(shape);
  }
}
