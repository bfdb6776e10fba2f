package org.riglab.networks.internal;

import static org.riglab.networks.internal.TrainingReference.sines;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.Options;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.Layer;
import org.riglab.tensors.HostTensor;

/** The first two of the three blocks of {@code src/test/python/training.py}. */
public final class Toy implements Backbone {
  public static final int CLASSES = 3;

  @Override
  public List<Stage> stages(BackboneShape shape, Options options) {
    int in = shape.inputChannels();
    return List.of(
        stage("b1", "backbone.b1.", new Block(conv(in, 4, 3), true, true), in, 4),
        stage("b2", "backbone.b2.", new Block(conv(4, 5, 3), true, false), 4, 5));
  }

  @Override
  public String head() {
    return "toy-head";
  }

  /** The third one. */
  public static final class ToyHead implements Head {
    @Override
    public Stage stage(HeadShape shape, Options options) {
      return Toy.stage("b3", PREFIX, new Block(conv(5, CLASSES, 1), false, false), 5, CLASSES);
    }
  }

  private static Conv2d conv(int in, int out, int kernel) {
    return Conv2d.withBias(in, out, kernel, 1);
  }

  private static Stage stage(String name, String prefix, Block block, int in, int out) {
    return new Stage(name, prefix, block, in, out, 2);
  }

  /** Three iterations, gates at the last two blocks where the strategy has them per block. */
  public static NetworkSpec spec(String unroll) {
    boolean perBlock = !unroll.startsWith("network-wide") && !unroll.equals("stranger");
    return new NetworkSpec(
        PartSpec.of("toy"),
        NetworkSpec.OWN_HEAD,
        PartSpec.of("mul-sigmoid"),
        PartSpec.of(unroll),
        perBlock ? List.of(2, 3) : List.of(),
        3,
        CLASSES,
        BatchNormPolicy.SHARED,
        1);
  }

  /** The script's weights. */
  public static Map<String, HostTensor> values(Map<String, List<Long>> shapes) {
    List<String> names = shapes.keySet().stream().sorted().toList();
    Map<String, HostTensor> values = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) -> {
          long size = shape.stream().reduce(1L, (a, b) -> a * b);
          values.put(name, new HostTensor(shape, sines(size, 0.5, 1.3, names.indexOf(name))));
        });
    return values;
  }

  /** A convolution, relu unless it is the head, and an average pool if it is the first. */
  private static final class Block extends Layer {
    private final Conv2d conv;
    private final boolean relu;
    private final boolean pool;

    Block(Conv2d conv, boolean relu, boolean pool) {
      this.conv = addChildBlock("conv", conv);
      this.relu = relu;
      this.pool = pool;
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      NDArray y = conv.forward(context, x);
      y = relu ? Functional.relu(y) : y;
      return pool ? Functional.avgPool2d(y, 2, 2, false) : y;
    }

    @Override
    public Shape outputShape(Shape input) {
      Shape shape = conv.outputShape(input);
      return pool
          ? new Shape(shape.get(0), shape.get(1), shape.get(2) / 2, shape.get(3) / 2)
          : shape;
    }
  }
}
