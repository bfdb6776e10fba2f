package org.riglab.graph.internal.ir;

import java.util.List;

/**
 * What a node of a graph computes. Operands are the node's inputs; the rest of what determines the
 * result is in the record, the shape of the result in the node. Names follow DJL's methods.
 */
public sealed interface Op permits Op.Traced, Kernel {
  /**
   * @param visitor of operations
   * @param node that this operation computes
   * @param <R> the visitor's result
   * @return what the visitor's method for this operation returns
   */
  <R> R accept(OpVisitor<R> visitor, Node node);

  /**
   * @return whether the result shares its operand's memory
   */
  default boolean view() {
    return this instanceof View;
  }

  /** An operation that networks are written in. */
  sealed interface Traced extends Op {}

  /** An operation whose result shares its operand's memory. */
  interface View {}

  /**
   * What the caller passes in.
   *
   * @param name for example image
   */
  record Input(String name) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.input(node, this);
    }
  }

  /**
   * A parameter of the network.
   *
   * @param name in the state dict
   * @param trained whether it gets a gradient
   */
  record Param(String name, boolean trained) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.param(node, this);
    }
  }

  /**
   * An array of one value.
   *
   * @param value everywhere
   */
  record Fill(double value) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.fill(node, this);
    }
  }

  /**
   * An array whose values are known, row by row.
   *
   * @param values of all elements
   */
  record Literal(Values values) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.literal(node, this);
    }
  }

  /**
   * Random numbers, others in each pass.
   *
   * @param distribution for example randomNormal
   */
  record Random(String distribution) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.random(node, this);
    }
  }

  /**
   * Something computed element by element, with the operands' shapes broadcast.
   *
   * @param function for example relu, add or mul
   * @param numbers operands that are plain numbers, behind the arrays
   */
  record Pointwise(String function, List<Double> numbers) implements Traced {
    /** Copies the list. */
    public Pointwise {
      numbers = List.copyOf(numbers);
    }

    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.pointwise(node, this);
    }
  }

  /** Conversion to the result's type. */
  record Cast() implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.cast(node, this);
    }
  }

  /** The same values, through which no gradient flows. */
  record Detach() implements Traced, View {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.detach(node, this);
    }
  }

  /**
   * Convolution of (N, C, ...) with weights (out, C/groups, kernel...) and perhaps a bias (out).
   *
   * @param stride per side
   * @param padding per side, zeros
   * @param dilation per side
   * @param groups of channels
   */
  record Convolution(List<Long> stride, List<Long> padding, List<Long> dilation, int groups)
      implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.convolution(node, this);
    }
  }

  /** Matrix product over the last two axes, the others broadcast. */
  record MatMul() implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.matMul(node, this);
    }
  }

  /** x times the transposed weights (out, in), plus perhaps a bias (out). */
  record Linear() implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.linear(node, this);
    }
  }

  /**
   * Batch norm of x with running mean, running variance and perhaps weight and bias.
   *
   * @param keep share of the running statistics that stays at an update
   * @param epsilon added to the variance
   * @param training whether batch statistics are used and running statistics updated
   */
  record BatchNorm(double keep, double epsilon, boolean training) implements Traced {
    /**
     * @return whether running statistics are updated
     */
    public boolean updates() {
      return training && keep < 1;
    }

    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.batchNorm(node, this);
    }
  }

  /**
   * Layer norm with perhaps weight and bias.
   *
   * @param axes how many of the last axes are normalised
   * @param epsilon added to the variance
   */
  record LayerNorm(int axes, double epsilon) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.layerNorm(node, this);
    }
  }

  /**
   * Pooling of (N, C, ...).
   *
   * @param kind max, avg or lp
   * @param kernel per side
   * @param stride per side
   * @param padding per side
   * @param ceilMode whether a window may hang over the edge
   * @param countPadding whether an average counts the padding
   */
  record Pool(
      String kind,
      List<Long> kernel,
      List<Long> stride,
      List<Long> padding,
      boolean ceilMode,
      boolean countPadding)
      implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.pool(node, this);
    }
  }

  /**
   * Resize of (N, C, H, W) to the result's size.
   *
   * @param mode DJL's number: 0 nearest, 1 bilinear, 2 area, 3 bicubic
   * @param alignCorners as in PyTorch
   * @param antialias whether to take the kernel that smooths what shrinks
   */
  record Resize(int mode, boolean alignCorners, boolean antialias) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.resize(node, this);
    }
  }

  /**
   * Something computed along an axis that keeps the shape.
   *
   * @param function softmax, logSoftmax, cumSum, flip, argSort or argSortDown: where the elements
   *     in ascending or descending order are
   * @param axis counted from the front
   */
  record Along(String function, int axis) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.along(node, this);
    }
  }

  /**
   * Axes reduced.
   *
   * @param function for example sum, mean, max or argMax
   * @param axes counted from the front
   */
  record Reduce(String function, List<Integer> axes) implements Traced {
    /** Copies the list. */
    public Reduce {
      axes = List.copyOf(axes);
    }

    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.reduce(node, this);
    }
  }

  /**
   * Operands behind each other.
   *
   * @param axis counted from the front
   */
  record Concat(int axis) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.concat(node, this);
    }
  }

  /** The same elements in the result's shape. */
  record Reshape() implements Traced, View {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.reshape(node, this);
    }
  }

  /**
   * Axes in another order.
   *
   * @param order for each axis of the result the operand's axis
   */
  record Transpose(List<Integer> order) implements Traced, View {
    /** Copies the list. */
    public Transpose {
      order = List.copyOf(order);
    }

    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.transpose(node, this);
    }
  }

  /**
   * A part of the operand; its rank stays.
   *
   * @param start per axis
   * @param step per axis, 1 or more
   */
  record Slice(List<Long> start, List<Long> step) implements Traced, View {
    /** Copies the lists. */
    public Slice {
      start = List.copyOf(start);
      step = List.copyOf(step);
    }

    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.slice(node, this);
    }
  }

  /** Axes of size 1 repeated to the result's shape. */
  record Broadcast() implements Traced, View {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.broadcast(node, this);
    }
  }

  /**
   * The operand several times.
   *
   * @param times per axis
   * @param interleaved whether each element is repeated rather than the whole
   */
  record Tile(List<Long> times, boolean interleaved) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.tile(node, this);
    }
  }

  /**
   * A border.
   *
   * @param before per axis
   * @param value of the border
   */
  record Pad(List<Long> before, double value) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.pad(node, this);
    }
  }

  /**
   * Elements picked by the second operand.
   *
   * @param kind gather, take or embedding
   * @param axis counted from the front
   */
  record Gather(String kind, int axis) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.gather(node, this);
    }
  }

  /**
   * Cross entropy of logits (N, C, ...) against labels (N, ...), weighted per class (C), summed.
   *
   * @param ignored label of pixels that do not count
   * @param smoothing share of the target that all classes get alike
   * @param apart whether each pixel's is computed first, and then summed
   */
  record CrossEntropy(int ignored, double smoothing, boolean apart) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.crossEntropy(node, this);
    }
  }

  /** A new last axis with a one at the operand's value. */
  record OneHot() implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.oneHot(node, this);
    }
  }

  /**
   * Dropout in training.
   *
   * @param rate share of zeros
   */
  record Dropout(double rate) implements Traced {
    @Override
    public <R> R accept(OpVisitor<R> visitor, Node node) {
      return visitor.dropout(node, this);
    }
  }
}
