package org.riglab.tensors.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.riglab.tensors.Dtype;

/**
 * How a tensor lies in a storage.
 *
 * @param offset of its first element, in elements
 * @param shape sizes, outermost first
 * @param strides from an element to the next along each axis, in elements; 0 repeats it
 */
record Layout(long offset, List<Long> shape, List<Long> strides) {
  private static final int MAX_AXES = 32;

  Layout {
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
  }

  /** A tensor that fills a storage row by row. */
  static Layout rows(List<Long> shape) throws IOException {
    Long[] strides = new Long[shape.size()];
    long stride = 1;
    for (int axis = shape.size() - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride = times(stride, shape.get(axis), shape);
    }
    return new Layout(0, shape, List.of(strides));
  }

  /** A tensor that fills a storage column by column, as Fortran has it. */
  static Layout columns(List<Long> shape) throws IOException {
    Long[] strides = new Long[shape.size()];
    long stride = 1;
    for (int axis = 0; axis < shape.size(); axis++) {
      strides[axis] = stride;
      stride = times(stride, shape.get(axis), shape);
    }
    return new Layout(0, shape, List.of(strides));
  }

  /** The number of elements. */
  static long count(List<Long> shape) throws IOException {
    long count = 1;
    for (long size : shape) {
      count = times(count, size, shape);
    }
    return count;
  }

  private static long times(long count, long size, List<Long> shape) throws IOException {
    if (size < 0) {
      throw new IOException("a tensor has the impossible shape " + shape);
    }
    try {
      return Math.multiplyExact(count, size);
    } catch (ArithmeticException e) {
      throw new IOException("a tensor has the impossible shape " + shape, e);
    }
  }

  /**
   * Checks that the tensor lies within its storage, and that no element but those of repeated axes
   * is in it twice.
   *
   * @param available elements of the storage
   * @throws IOException if not; says why
   */
  void check(long available) throws IOException {
    if (shape.size() != strides.size() || shape.size() > MAX_AXES) {
      throw new IOException("a tensor has shape " + shape + " and strides " + strides);
    }
    if (offset < 0 || strides.stream().anyMatch(stride -> stride < 0)) {
      throw new IOException("a tensor has offset " + offset + " and strides " + strides);
    }
    if (count(shape) > Integer.MAX_VALUE - 8) {
      throw new IOException("a tensor of shape " + shape + " has more than 2^31-9 elements");
    }
    if (shape.contains(0L)) {
      return;
    }
    try {
      long inner = 0;
      int[] axes = axes();
      for (int i = axes.length - 1; i >= 0; i--) {
        long stride = strides.get(axes[i]);
        if (stride <= inner) {
          throw new IOException(
              "a tensor of shape "
                  + shape
                  + " and strides "
                  + strides
                  + " overlaps itself; call contiguous() before saving it");
        }
        inner =
            Math.addExact(inner, Math.multiplyExact(stride, Math.subtractExact(size(axes[i]), 1)));
      }
      if (Math.addExact(offset, inner) >= available) {
        throw outside(available);
      }
    } catch (ArithmeticException e) {
      IOException outside = outside(available);
      outside.initCause(e);
      throw outside;
    }
  }

  private IOException outside(long available) {
    return new IOException(
        "a tensor of shape "
            + shape
            + ", strides "
            + strides
            + " and offset "
            + offset
            + " does not lie within its storage of "
            + available
            + " elements");
  }

  private long size(int axis) {
    return shape.get(axis);
  }

  /** The axes along which elements differ, largest stride first: the order in the storage. */
  private int[] axes() {
    return IntStream.range(0, shape.size())
        .filter(axis -> size(axis) > 1 && strides.get(axis) > 0)
        .boxed()
        .sorted(Comparator.comparing(strides::get, Comparator.reverseOrder()))
        .mapToInt(axis -> axis)
        .toArray();
  }

  /**
   * Reads a checked tensor.
   *
   * @param in the storage
   * @return the values row by row
   */
  float[] read(InputStream in, Dtype dtype, ByteOrder order) throws IOException {
    int[] axes = axes();
    int distinct = shape.contains(0L) ? 0 : 1;
    for (int axis : axes) {
      distinct *= (int) size(axis);
    }
    float[] inOrder = new float[distinct];
    if (distinct > 0) {
      gather(new NumberStream(in, dtype, order), axes, inOrder);
    }
    return permuted(axes, inOrder);
  }

  /** Reads the distinct elements in the order in which they lie in the storage. */
  private void gather(NumberStream numbers, int[] axes, float[] to) throws IOException {
    int outer = axes.length;
    int run = 1;
    while (outer > 0 && strides.get(axes[outer - 1]) == run) {
      run *= (int) size(axes[--outer]);
    }
    long[] index = new long[outer];
    long position = offset;
    for (int at = 0; at < to.length; at += run) {
      numbers.seek(position);
      numbers.read(to, at, run);
      for (int i = outer - 1; i >= 0; i--) {
        position += strides.get(axes[i]);
        if (++index[i] < size(axes[i])) {
          break;
        }
        position -= strides.get(axes[i]) * index[i];
        index[i] = 0;
      }
    }
  }

  private float[] permuted(int[] axes, float[] inOrder) throws IOException {
    int count = (int) count(shape);
    int[] step = new int[shape.size()];
    int stride = 1;
    boolean rows = count == inOrder.length;
    int last = shape.size();
    for (int i = axes.length - 1; i >= 0; i--) {
      step[axes[i]] = stride;
      stride *= (int) size(axes[i]);
      rows &= axes[i] < last;
      last = axes[i];
    }
    if (rows) {
      return inOrder;
    }
    float[] values = new float[count];
    int[] index = new int[step.length];
    int from = 0;
    for (int to = 0; to < count; to++) {
      values[to] = inOrder[from];
      for (int axis = index.length - 1; axis >= 0; axis--) {
        from += step[axis];
        if (++index[axis] < size(axis)) {
          break;
        }
        from -= step[axis] * index[axis];
        index[axis] = 0;
      }
    }
    return values;
  }
}
