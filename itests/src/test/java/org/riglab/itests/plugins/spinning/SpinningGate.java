package org.riglab.itests.plugins.spinning;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate that never comes back, and does not listen to interrupts either. */
@Component
@Part(name = "itest-spinning", about = "loops without end")
public final class SpinningGate implements Gate {
  @Override
  public Block create(GateShape shape, Options options) {
    return new LambdaBlock(
        in -> {
          spin();
          return new NDList(in.head().duplicate());
        });
  }

  private static void spin() {
    while (!Boolean.getBoolean("itests.spinning.over")) {
      Thread.onSpinWait();
    }
  }
}
