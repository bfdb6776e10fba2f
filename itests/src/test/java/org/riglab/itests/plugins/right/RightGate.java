package org.riglab.itests.plugins.right;

import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate that needs a service of the plugin {@code left}. */
@Component(property = Provider.NAME + "=itest-right")
public final class RightGate implements Gate {
  private final Supplier<?> left;

  /** What the plugin {@code left} needs. */
  @Component(service = Supplier.class, property = "itest=right")
  public static final class Helper implements Supplier<String> {
    @Override
    public String get() {
      return "right";
    }
  }

  /**
   * @param left of the other plugin
   */
  @Activate
  public RightGate(@Reference(target = "(itest=left)") Supplier<?> left) {
    this.left = left;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    return Blocks.identityBlock();
  }

  @Override
  public String toString() {
    return "beside " + left.get();
  }
}
