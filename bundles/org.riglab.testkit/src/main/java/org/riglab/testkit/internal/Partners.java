package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.riglab.api.Options;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Head;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.GateLayer;
import org.riglab.nn.Layer;

/** Small parts that make up a network around the part that is checked. */
final class Partners {
  /** Two blocks: strides 2, 4. */
  static final Backbone BACKBONE = backbone(2);

  /** Five blocks: strides 2, 4, 8, 16, 32. */
  static final Backbone PYRAMID = backbone(5);

  /** A 3x3 convolution. */
  static final Head HEAD =
      (shape, options) ->
          new Stage(
              "classifier",
              Head.PREFIX,
              new Step(shape.last().outputChannels(), shape.classes(), 1, false),
              shape.last().outputChannels(),
              shape.classes(),
              shape.last().stride());

  /** x times the sigmoid of the sum of all feedbacks, each through a 1x1 convolution. */
  static final Gate GATE = (shape, options) -> new Sum(shape);

  /** The whole network u times, each gate fed its block's output of the iteration before. */
  static final Unroll PARALLEL = new Parallel();

  private Partners() {}

  private static Backbone backbone(int blocks) {
    return (shape, options) -> {
      List<Stage> stages = new ArrayList<>();
      int in = shape.inputChannels();
      for (int k = 1; k <= blocks; k++) {
        int out = 5 + k;
        stages.add(
            new Stage(
                "b" + k, "backbone.b" + k + ".", new Step(in, out, 2, true), in, out, 1 << k));
        in = out;
      }
      return stages;
    };
  }

  /** A convolution; batch norm and relu unless it is the head. */
  private static final class Step extends Layer {
    private final Conv2d conv;
    private final BatchNorm2d norm;

    Step(int in, int out, int stride, boolean norm) {
      conv =
          addChildBlock(
              "conv",
              norm ? Conv2d.withoutBias(in, out, 3, stride, 1) : Conv2d.withBias(in, out, 3, 1));
      this.norm = norm ? addChildBlock("bn", new BatchNorm2d(out)) : null;
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      NDArray y = conv.forward(context, x);
      return norm == null ? y : Functional.relu(norm.forward(context, y));
    }

    @Override
    public Shape outputShape(Shape input) {
      return conv.outputShape(input);
    }
  }

  private static final class Sum extends GateLayer {
    private final List<Conv2d> convs = new ArrayList<>();

    Sum(GateShape shape) {
      for (int channels : shape.feedbackChannels()) {
        convs.add(
            addChildBlock(
                "conv" + convs.size(), Conv2d.withBias(channels, shape.inputChannels(), 1, 1)));
      }
    }

    @Override
    protected NDArray forward(Context context, NDArray x, NDList feedback) {
      NDArray sum = null;
      for (int i = 0; i < convs.size(); i++) {
        NDArray map = Functional.interpolate(convs.get(i).forward(context, feedback.get(i)), x);
        sum = sum == null ? map : sum.add(map);
      }
      return x.mul(Functional.sigmoid(sum));
    }
  }

  private static final class Parallel implements Unroll {
    @Override
    public int applications(UnrollSpec spec, int block, Options options) {
      return spec.iterations();
    }

    @Override
    public NDList forward(Pass pass, NDArray image, Options options) {
      NDList logits = new NDList();
      List<NDArray> before = List.of();
      for (int t = 1; t <= pass.spec().iterations(); t++) {
        List<NDArray> features = new ArrayList<>();
        NDList x = new NDList(image);
        for (int k = 1; k <= pass.blocks(); k++) {
          if (t > 1 && pass.gated(k)) {
            x = pass.gate(k, t, x, before.get(k - 1));
          }
          x = pass.block(k, t, x);
          features.add(x.head());
        }
        logits.add(x.head());
        before = features;
      }
      return logits;
    }
  }
}
