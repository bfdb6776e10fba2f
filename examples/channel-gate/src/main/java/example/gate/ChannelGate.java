package example.gate;

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
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** Scales each channel of x by a number between 0 and 2 that the whole feedback map decides. */
@Component(property = Gate.NAME + "=channel")
public final class ChannelGate implements Gate {
  @Override
  public Block create(GateShape shape, Options options) {
    return new Scale(shape.inputChannels());
  }

  private static final class Scale extends AbstractBlock {
    private final Block conv;

    Scale(int channels) {
      Shape one = new Shape(1, 1);
      conv =
          addChildBlock("conv", Conv2d.builder().setKernelShape(one).setFilters(channels).build());
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
      NDArray mean = in.get(1).mean(new int[] {2}, true).mean(new int[] {3}, true);
      NDArray map = Activation.sigmoid(conv.forward(store, new NDList(mean), training).head());
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
