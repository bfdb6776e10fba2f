package org.riglab.itests.plugins.waiting;

import ai.djl.nn.Block;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate that needs a service nobody has. */
@Component
@Part(name = "itest-waiting", about = "needs a service that does not exist")
public final class WaitingGate implements Gate {
  private final Supplier<?> supplier;

  /**
   * @param supplier never there
   */
  @Activate
  public WaitingGate(@Reference Supplier<?> supplier) {
    this.supplier = supplier;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    return (Block) supplier.get();
  }
}
