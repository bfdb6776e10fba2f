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
  /** The options of {@link FeedbackGate}. */
  @interface BasicConfig {
    FeedbackGate.Activation activation() default FeedbackGate.Activation.SIGMOID;

    FeedbackGate.Combine combine() default FeedbackGate.Combine.MUL;

    FeedbackGate.Pool pool() default FeedbackGate.Pool.AVG;

    FeedbackGate.GateInit init() default FeedbackGate.GateInit.PAPER;
  }

  @Override
  public Class<? extends Annotation> options() {
    return BasicConfig.class;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    BasicConfig config = options.as(BasicConfig.class);
    return new FeedbackGate(
        shape, config.activation(), config.combine(), config.pool(), config.init());
  }
}
