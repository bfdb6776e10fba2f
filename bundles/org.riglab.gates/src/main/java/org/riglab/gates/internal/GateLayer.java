package org.riglab.gates.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.util.PairList;
import org.riglab.api.RigException;
import org.riglab.api.network.GateShape;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;

/**
 * The gate of Karim et al., WACV 2019, Eq. 1: pool, convolve, activate, enlarge, combine. With a
 * second, long-range feedback, that one is reduced to the first one's channels by a 1x1
 * convolution, brought to its size and put in front of it.
 */
final class GateLayer extends AbstractBlock {
  /** Pooling of the feedback: 2x2, stride 2, ceil mode. */
  enum Pool {
    AVG,
    MAX,
    NONE
  }

  /** What the gate does before it has learned anything. */
  enum Start {
    /** As the paper: a sigmoid gate halves its input. */
    PAPER,
    /** Bias 4: a sigmoid or tanh gate lets its input through. */
    OPEN,
    /** The map is doubled: a sigmoid gate lets its input through, and can amplify it. */
    TWICE
  }

  /** Activation of the map. */
  enum Activation {
    SIGMOID,
    TANH,
    RELU
  }

  /** How the map meets the input. */
  enum Combine {
    MUL,
    ADD
  }

  private final Activation activation;
  private final Combine combine;
  private final Pool pool;
  private final Start init;
  private final Conv2d reduce;
  private final Conv2d conv;

  GateLayer(GateShape shape, Activation activation, Combine combine, Pool pool, Start init) {
    this.activation = activation;
    this.combine = combine;
    this.pool = pool;
    this.init = init;
    int feedbacks = shape.feedbackChannels().size();
    if (feedbacks > 2) {
      throw new RigException(
          "the gate at block %d is fed %d feedbacks; it takes one, or two with a long-range one"
              .formatted(shape.block(), feedbacks));
    }
    int main = shape.mainFeedbackChannels();
    reduce =
        feedbacks == 1
            ? null
            : addChildBlock("reduce", Conv2d.withBias(shape.feedbackChannels().get(1), main, 1, 1));
    int in = main * feedbacks;
    conv =
        addChildBlock(
            "conv",
            init == Start.OPEN
                ? Conv2d.withBias(in, shape.inputChannels(), 3, 1, new ConstantInitializer(4))
                : Conv2d.withBias(in, shape.inputChannels(), 3, 1));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray x = inputs.get(0);
    NDArray feedback = inputs.get(1);
    if (reduce != null) {
      NDArray far = reduce.forward(store, inputs.get(2), training);
      feedback = sized(far, feedback).concat(feedback, 1);
    }
    NDArray map = sized(activate(conv.forward(store, pooled(feedback), training)), x);
    if (init == Start.TWICE) {
      map = map.add(map); // map.mul(2) would have a wrong gradient: see Functional.times
    }
    return new NDList(combine == Combine.MUL ? x.mul(map) : x.add(map));
  }

  private NDArray pooled(NDArray feedback) {
    return switch (pool) {
      case AVG -> Functional.avgPool2d(feedback, 2, 2, true);
      case MAX -> Functional.maxPool2d(feedback, 2, 2, 0, true);
      case NONE -> feedback;
    };
  }

  private NDArray activate(NDArray map) {
    return switch (activation) {
      case SIGMOID -> Functional.sigmoid(map);
      case TANH -> map.tanh();
      case RELU -> Functional.relu(map);
    };
  }

  private static NDArray sized(NDArray array, NDArray like) {
    return Functional.interpolate(array, like.getShape().get(2), like.getShape().get(3));
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    for (Block child : getChildren().values()) {
      child.initialize(manager, type, inputs);
    }
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {inputs[0]};
  }
}
