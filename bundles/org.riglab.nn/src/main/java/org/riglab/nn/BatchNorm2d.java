package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;

/**
 * PyTorch's {@code BatchNorm2d} for networks that apply a layer several times in one pass:
 * parameters {@code weight}, {@code bias}, {@code running_mean}, {@code running_var}, all of shape
 * (C); with statistics per iteration also {@code running_mean.t2}, {@code running_var.t2} and so
 * on. The {@link Context} contains the iteration.
 */
public final class BatchNorm2d extends Layer implements RunningStatistics {
  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;

  private final int channels;
  private final float epsilon;
  private final float keep;
  private final Parameter weight;
  private final Parameter bias;
  private final List<Parameter> means = new ArrayList<>();
  private final List<Parameter> variances = new ArrayList<>();
  private boolean frozen;

  /**
   * Creates a layer with PyTorch's defaults, eps 1e-5 and momentum 0.1.
   *
   * @param channels C
   */
  public BatchNorm2d(int channels) {
    this(channels, EPSILON, MOMENTUM);
  }

  /**
   * @param channels C
   * @param eps is added to the variance; greater than 0
   * @param momentum weight of a new batch in the running statistics, 0 to 1, as in PyTorch (DJL's
   *     is 1 minus this)
   * @throws IllegalArgumentException if a value is out of range
   */
  public BatchNorm2d(int channels, double eps, double momentum) {
    if (!(eps > 0)) {
      throw new IllegalArgumentException("eps of batch norm is " + eps + ", not more than 0");
    }
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException("momentum of batch norm is " + momentum + ", not 0 to 1");
    }
    this.channels = channels;
    this.epsilon = (float) eps;
    this.keep = (float) (1 - momentum);
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
   * {@inheritDoc}
   *
   * @throws IllegalStateException if it was called before, or the layer is initialised
   */
  @Override
  public void statistics(int sets) {
    if (means.size() != 1 || isInitialized()) {
      throw new IllegalStateException("statistics are set once, before initialisation");
    }
    for (int t = 2; t <= sets; t++) {
      addStatistics(".t" + t);
    }
  }

  @Override
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
                keep,
                epsilon,
                context.training() && !frozen)
            .singletonOrThrow());
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }
}
