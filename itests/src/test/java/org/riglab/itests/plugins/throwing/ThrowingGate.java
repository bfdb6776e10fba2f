package org.riglab.itests.plugins.throwing;

import ai.djl.nn.Block;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate whose constructor throws. */
@Component
@Part(name = "itest-throwing", about = "throws in its constructor")
public final class ThrowingGate implements Gate {
  /** Throws. */
  @Activate
  public ThrowingGate() {
    throw new IllegalStateException("no licence for this gate");
  }

  @Override
  public Block create(GateShape shape, Options options) {
    throw new UnsupportedOperationException();
  }
}
