package org.riglab.itests.plugins.shape;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate that returns twice as many channels as it was given. */
@Component
@Part(name = "itest-shape", about = "returns twice as many channels")
public final class WrongShapeGate implements Gate {
  @Override
  public Block create(GateShape shape, Options options) {
    return new LambdaBlock(in -> new NDList(in.get(0).concat(in.get(0), 1)));
  }
}
