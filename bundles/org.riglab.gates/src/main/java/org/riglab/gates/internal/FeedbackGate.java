package org.riglab.gates.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.initializer.ConstantInitializer;
import org.riglab.api.RigException;
import org.riglab.api.network.GateShape;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.GateLayer;

/**
 * The gate of Karim et al., WACV 2019, Eq. 1: pool, convolve, activate, enlarge, combine. With a
 * second, long-range feedback, that one is reduced to the first one's channels by a 1x1
 * convolution, brought to its size and put in front of it.
 */
final class FeedbackGate extends GateLayer {
  /** Pooling of the feedback: 2x2, stride 2, ceil mode. */
  enum Pool {
    AVG,
    MAX,
    NONE
  }

  /** What the gate does before it has learned anything. */
  enum GateInit {
    /** As the paper: a sigmoid gate halves its input. */
    PAPER,
    /** Bias 4: a gate that multiplies by a sigmoid or tanh lets its input through. */
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
  private final GateInit init;
  private final Conv2d reduce;
  private final Conv2d conv;

  FeedbackGate(GateShape shape, Activation activation, Combine combine, Pool pool, GateInit init) {
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
    if (init == GateInit.OPEN && (combine == Combine.ADD || activation == Activation.RELU)) {
      throw new RigException(
          "init=open is for gates that multiply by a sigmoid or tanh; here it would %s every feature"
                  .formatted(combine == Combine.ADD ? "shift" : "multiply")
              + " by about "
              + (activation == Activation.RELU ? 4 : 1)
              + ": use init=paper");
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
            init == GateInit.OPEN
                ? Conv2d.withBias(in, shape.inputChannels(), 3, 1, new ConstantInitializer(4))
                : Conv2d.withBias(in, shape.inputChannels(), 3, 1));
  }

  @Override
  protected NDArray forward(Context context, NDArray x, NDList feedback) {
    NDArray fed = feedback.head();
    if (reduce != null) {
      NDArray far = reduce.forward(context, feedback.get(1));
      fed = Functional.interpolate(far, fed).concat(fed, 1);
    }
    NDArray map = Functional.interpolate(activate(conv.forward(context, pooled(fed))), x);
    if (init == GateInit.TWICE) {
      map = map.add(map); // map.mul(2) would have a wrong gradient: see Functional.times
    }
    return combine == Combine.MUL ? x.mul(map) : x.add(map);
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
}
