package org.riglab.itests.plugins.nan;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate that returns NaN. */
@Component
@Part(name = "itest-nan", about = "returns NaN")
public final class NanGate implements Gate {
  @Override
  public Block create(GateShape shape, Options options) {
    return new LambdaBlock(in -> new NDList(in.get(0).mul(Float.NaN)));
  }
}
