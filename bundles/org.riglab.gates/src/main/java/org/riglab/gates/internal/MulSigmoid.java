package org.riglab.gates.internal;

import ai.djl.nn.Block;
import java.lang.annotation.Annotation;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** x * sigmoid(conv(feedback)): the paper's default. */
@Component
@Part(name = "mul-sigmoid", about = "multiplies by a sigmoid of the feedback")
public final class MulSigmoid implements Gate {
  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    Config config = options.as(Config.class);
    return new FeedbackGate(
        shape,
        FeedbackGate.Activation.SIGMOID,
        FeedbackGate.Combine.MUL,
        config.pool(),
        config.init());
  }
}
