package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.riglab.api.Options;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate of DJL's own blocks: each channel of x times a number that the feedback decides. */
public final class StrangerGate implements Gate {
  private final boolean reads;

  /**
   * @param reads whether it looks at values, which cannot be traced
   */
  public StrangerGate(boolean reads) {
    this.reads = reads;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    return new Scale(shape.inputChannels(), reads);
  }

  private static final class Scale extends AbstractBlock {
    private final boolean reads;
    private final Block conv;

    Scale(int channels, boolean reads) {
      this.reads = reads;
      Shape one = new Shape(1, 1);
      conv =
          addChildBlock("conv", Conv2d.builder().setKernelShape(one).setFilters(channels).build());
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
      NDArray mean = in.get(1).mean(new int[] {2}, true).mean(new int[] {3}, true);
      NDArray map = Activation.sigmoid(conv.forward(store, new NDList(mean), training).head());
      if (reads && map.getFloat(0, 0, 0, 0) > 2) {
        return new NDList(in.get(0));
      }
      return new NDList(in.get(0).mul(map.add(map)));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... in) {
      conv.initialize(manager, type, new Shape(1, in[1].get(1), 1, 1));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] in) {
      return new Shape[] {in[0]};
    }
  }
}
