package org.riglab.gates.internal;

import ai.djl.nn.Block;
import java.lang.annotation.Annotation;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** Any activation with any combination; the paper's three gates are special cases. */
@Component
@Part(name = "basic", about = "any activation and combination of the feedback")
public final class Basic implements Gate {
  /** The options of {@link GateLayer}. */
  @interface BasicConfig {
    GateLayer.Activation activation() default GateLayer.Activation.SIGMOID;

    GateLayer.Combine combine() default GateLayer.Combine.MUL;

    GateLayer.Pool pool() default GateLayer.Pool.AVG;

    GateLayer.Start init() default GateLayer.Start.PAPER;
  }

  @Override
  public Class<? extends Annotation> options() {
    return BasicConfig.class;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    BasicConfig config = options.as(BasicConfig.class);
    return new GateLayer(
        shape, config.activation(), config.combine(), config.pool(), config.init());
  }
}
