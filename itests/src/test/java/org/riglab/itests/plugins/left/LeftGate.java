package org.riglab.itests.plugins.left;

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

/** A gate that needs a service of the plugin {@code right}. */
@Component(property = Provider.NAME + "=itest-left")
public final class LeftGate implements Gate {
  private final Supplier<?> right;

  /** What the plugin {@code right} needs. */
  @Component(service = Supplier.class, property = "itest=left")
  public static final class Helper implements Supplier<String> {
    @Override
    public String get() {
      return "left";
    }
  }

  /**
   * @param right of the other plugin
   */
  @Activate
  public LeftGate(@Reference(target = "(itest=right)") Supplier<?> right) {
    this.right = right;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    return Blocks.identityBlock();
  }

  @Override
  public String toString() {
    return "beside " + right.get();
  }
}
