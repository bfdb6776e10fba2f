package org.riglab.gates.internal;

import ai.djl.nn.Block;
import java.lang.annotation.Annotation;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** x + relu(conv(feedback)). */
@Component
@Part(name = "add-relu", about = "adds a relu of the feedback")
public final class AddRelu implements Gate {
  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    Config config = options.as(Config.class);
    return new FeedbackGate(
        shape,
        FeedbackGate.Activation.RELU,
        FeedbackGate.Combine.ADD,
        config.pool(),
        config.init());
  }
}
