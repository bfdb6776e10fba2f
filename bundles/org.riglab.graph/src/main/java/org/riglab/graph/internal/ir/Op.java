package org.riglab.graph.internal.ir;

import java.util.Arrays;
import java.util.List;

/**
 * What a node of a graph computes. Operands are the node's inputs; the rest of what determines the
 * result is in the record, the shape of the result in the node. Names follow DJL's methods.
 */
public sealed interface Op {
  /**
   * @return whether the result shares its operand's memory
   */
  default boolean view() {
    return false;
  }

  /**
   * What the caller passes in.
   *
   * @param name for example image
   */
  record Input(String name) implements Op {}

  /**
   * A parameter of the network.
   *
   * @param name in the state dict
   * @param trained whether it gets a gradient
   */
  record Param(String name, boolean trained) implements Op {}

  /**
   * An array of one value.
   *
   * @param value everywhere
   */
  record Fill(double value) implements Op {}

  /**
   * An array whose values are known, row by row.
   *
   * @param values of all elements
   */
  record Literal(Values values) implements Op {}

  /**
   * Random numbers, others in each pass.
   *
   * @param distribution for example randomNormal
   */
  record Random(String distribution) implements Op {}

  /**
   * Something computed element by element, with the operands' shapes broadcast.
   *
   * @param function for example relu, add or mul
   * @param numbers operands that are plain numbers, behind the arrays
   */
  record Pointwise(String function, List<Double> numbers) implements Op {
    /** Copies the list. */
    public Pointwise {
      numbers = List.copyOf(numbers);
    }
  }

  /** Conversion to the result's type. */
  record Cast() implements Op {}

  /** The same values, through which no gradient flows. */
  record Detach() implements Op {
    @Override
    public boolean view() {
      return true;
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
      implements Op {}

  /** Matrix product over the last two axes, the others broadcast. */
  record MatMul() implements Op {}

  /** x times the transposed weights (out, in), plus perhaps a bias (out). */
  record Linear() implements Op {}

  /**
   * Batch norm of x with running mean, running variance and perhaps weight and bias.
   *
   * @param keep share of the running statistics that stays at an update
   * @param epsilon added to the variance
   * @param training whether batch statistics are used and running statistics updated
   */
  record BatchNorm(double keep, double epsilon, boolean training) implements Op {}

  /**
   * Layer norm with perhaps weight and bias.
   *
   * @param axes how many of the last axes are normalised
   * @param epsilon added to the variance
   */
  record LayerNorm(int axes, double epsilon) implements Op {}

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
      implements Op {}

  /**
   * Resize of (N, C, H, W) to the result's size.
   *
   * @param mode DJL's number: 0 nearest, 1 bilinear, 2 area, 3 bicubic
   * @param alignCorners as in PyTorch
   */
  record Resize(int mode, boolean alignCorners) implements Op {}

  /**
   * Something computed along an axis that keeps the shape.
   *
   * @param function softmax, logSoftmax, cumSum or flip
   * @param axis counted from the front
   */
  record Along(String function, int axis) implements Op {}

  /**
   * Axes reduced.
   *
   * @param function for example sum, mean, max or argMax
   * @param axes counted from the front
   */
  record Reduce(String function, List<Integer> axes) implements Op {
    /** Copies the list. */
    public Reduce {
      axes = List.copyOf(axes);
    }
  }

  /**
   * Operands behind each other.
   *
   * @param axis counted from the front
   */
  record Concat(int axis) implements Op {}

  /** The same elements in the result's shape. */
  record Reshape() implements Op {
    @Override
    public boolean view() {
      return true;
    }
  }

  /**
   * Axes in another order.
   *
   * @param order for each axis of the result the operand's axis
   */
  record Transpose(List<Integer> order) implements Op {
    /** Copies the list. */
    public Transpose {
      order = List.copyOf(order);
    }

    @Override
    public boolean view() {
      return true;
    }
  }

  /**
   * A part of the operand; its rank stays.
   *
   * @param start per axis
   * @param step per axis, 1 or more
   */
  record Slice(List<Long> start, List<Long> step) implements Op {
    /** Copies the lists. */
    public Slice {
      start = List.copyOf(start);
      step = List.copyOf(step);
    }

    @Override
    public boolean view() {
      return true;
    }
  }

  /** Axes of size 1 repeated to the result's shape. */
  record Broadcast() implements Op {
    @Override
    public boolean view() {
      return true;
    }
  }

  /**
   * The operand several times.
   *
   * @param times per axis
   * @param interleaved whether each element is repeated rather than the whole
   */
  record Tile(List<Long> times, boolean interleaved) implements Op {}

  /**
   * A border.
   *
   * @param before per axis
   * @param value of the border
   */
  record Pad(List<Long> before, double value) implements Op {}

  /**
   * Elements picked by the second operand.
   *
   * @param kind gather, take or embedding
   * @param axis counted from the front
   */
  record Gather(String kind, int axis) implements Op {}

  /**
   * Cross entropy of logits (N, C, ...) against labels (N, ...), weighted per class (C), summed.
   *
   * @param ignored label of pixels that do not count
   */
  record CrossEntropy(int ignored) implements Op {}

  /** A new last axis with a one at the operand's value. */
  record OneHot() implements Op {}

  /**
   * Dropout in training.
   *
   * @param rate share of zeros
   */
  record Dropout(double rate) implements Op {}

  /** Numbers that never change, equal by content. */
  final class Values {
    private final double[] values;

    /**
     * @param values copied
     */
    public Values(double... values) {
      this.values = values.clone();
    }

    /**
     * @param index row by row
     * @return the value there
     */
    public double get(int index) {
      return values[index];
    }

    /**
     * @return how many there are
     */
    public int size() {
      return values.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Values that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return values.length <= 8
          ? Arrays.toString(values)
          : "[%s, ... %08x]".formatted(values[0], hashCode());
    }
  }
}
