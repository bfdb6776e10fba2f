package org.riglab.itests.plugins.pinning;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate that leaves an object of its own in a thread local of every thread that runs it. */
@Component
@Part(name = "itest-pinning", about = "pins its classes to the threads that run it")
public final class PinningGate implements Gate {
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  /** Refers to its class, and so to the thread local itself. */
  private static final class Scratch {
    private long calls;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    return new LambdaBlock(
        in -> {
          SCRATCH.get().calls++;
          return new NDList(in.get(0).neg().neg()); // a duplicate would cut the gradient
        });
  }
}
