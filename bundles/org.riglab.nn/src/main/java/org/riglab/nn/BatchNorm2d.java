package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;

/**
 * PyTorch's {@code BatchNorm2d} (momentum 0.1, eps 1e-5) for networks that apply a layer several
 * times in one pass: parameters {@code weight}, {@code bias}, {@code running_mean}, {@code
 * running_var}, all of shape (C); with statistics per iteration also {@code running_mean.t2},
 * {@code running_var.t2} and so on. The {@link Context} contains the iteration.
 */
public final class BatchNorm2d extends Layer {
  private static final float KEEP = 0.9f; // 1 - PyTorch's momentum
  private static final float EPSILON = 1e-5f;

  private final int channels;
  private final Parameter weight;
  private final Parameter bias;
  private final List<Parameter> means = new ArrayList<>();
  private final List<Parameter> variances = new ArrayList<>();
  private boolean frozen;

  /**
   * @param channels C
   */
  public BatchNorm2d(int channels) {
    this.channels = channels;
    weight = parameter("weight", Parameter.Type.GAMMA, new Shape(channels), Initializer.ONES);
    bias = parameter("bias", Parameter.Type.BETA, new Shape(channels), Initializer.ZEROS);
    addStatistics("");
  }

  private void addStatistics(String suffix) {
    Shape shape = new Shape(channels);
    means.add(
        parameter("running_mean" + suffix, Parameter.Type.RUNNING_MEAN, shape, Initializer.ZEROS));
    variances.add(
        parameter("running_var" + suffix, Parameter.Type.RUNNING_VAR, shape, Initializer.ONES));
  }

  /**
   * Sets the number of sets of running statistics. Must be called before the layer is initialised.
   * Applications beyond the last set use the last set.
   *
   * @param sets number of sets; 1 for statistics that all applications share
   */
  public void statistics(int sets) {
    if (means.size() != 1 || isInitialized()) {
      throw new IllegalStateException("statistics are set once, before initialisation");
    }
    for (int t = 2; t <= sets; t++) {
      addStatistics(".t" + t);
    }
  }

  /** Uses the running statistics in training too, and fixes weight and bias. */
  public void freeze() {
    frozen = true;
    weight.freeze(true);
    bias.freeze(true);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException in training with one value per channel, which has no variance,
   *     as in PyTorch
   * @throws IllegalStateException if there are statistics per iteration and the context has no
   *     iteration
   */
  @Override
  public NDArray forward(Context context, NDArray x) {
    if (context.training() && !frozen && x.getShape().size() == channels) {
      throw new IllegalArgumentException(
          "batch norm has one value per channel to train on, shape "
              + x.getShape()
              + ": give it larger images, a larger batch, or frozen statistics");
    }
    if (means.size() > 1 && !context.knowsIteration()) {
      throw new IllegalStateException(
          "batch norm has statistics for "
              + means.size()
              + " iterations and is not told which one is running: pass the context on, with"
              + " Context.forward where a block of DJL is called");
    }
    int set = Math.min(context.iteration(), means.size()) - 1;
    return LayerOutputs.shown(
        this,
        context,
        x.getNDArrayInternal()
            .batchNorm(
                x,
                context.value(means.get(set), x),
                context.value(variances.get(set), x),
                context.value(weight, x),
                context.value(bias, x),
                -1, // the native kernel's own axis 1; any other value makes DJL transpose twice
                KEEP,
                EPSILON,
                context.training() && !frozen)
            .singletonOrThrow());
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }
}
