package org.riglab.gates.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.nn.Context;
import org.riglab.nn.GateLayer;

/** Returns x: recurrence without feedback, for comparisons. */
@Component
@Part(name = "identity", about = "returns its input unchanged")
public final class Identity implements Gate {
  @Override
  public Block create(GateShape shape, Options options) {
    return new GateLayer() {
      @Override
      protected NDArray forward(Context context, NDArray x, NDList feedback) {
        return x;
      }
    };
  }
}
