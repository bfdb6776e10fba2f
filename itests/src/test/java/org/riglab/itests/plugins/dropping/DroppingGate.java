package org.riglab.itests.plugins.dropping;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate that draws from the engine's random generator in every training step. */
@Component
@Part(name = "itest-dropping", about = "drops half of its input")
public final class DroppingGate implements Gate {
  @Override
  public Block create(GateShape shape, Options options) {
    return new Dropping();
  }

  private static final class Dropping extends AbstractBlock {
    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      return Dropout.dropout(inputs.get(0), 0.5f, training);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {inputs[0]};
    }
  }
}
