package org.riglab.itests.plugins.failing;

import ai.djl.nn.Block;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate whose activation ends in an error, not an exception. */
@Component
@Part(name = "itest-failing", about = "throws an error when activated")
public final class FailingGate implements Gate {
  /** Throws. */
  @Activate
  public FailingGate() {
    throw new NoClassDefFoundError("org/example/Missing");
  }

  @Override
  public Block create(GateShape shape, Options options) {
    throw new UnsupportedOperationException();
  }
}
