package org.riglab.gates.internal;

import ai.djl.nn.Block;
import java.lang.annotation.Annotation;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** x * tanh(conv(feedback)). */
@Component
@Part(name = "mul-tanh", about = "multiplies by a tanh of the feedback")
public final class MulTanh implements Gate {
  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    Config config = options.as(Config.class);
    return new FeedbackGate(
        shape,
        FeedbackGate.Activation.TANH,
        FeedbackGate.Combine.MUL,
        config.pool(),
        config.init());
  }
}
