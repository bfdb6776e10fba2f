package org.riglab.graph.internal.trace;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;

/** Shapes and types of results, as libtorch has them. */
final class Shapes {
  private static final List<DataType> WHOLE =
      List.of(
          DataType.BOOLEAN,
          DataType.UINT8,
          DataType.INT8,
          DataType.INT16,
          DataType.INT32,
          DataType.INT64);

  private Shapes() {}

  /** The type of a sum or product of two arrays. */
  static DataType promoted(DataType a, DataType b) {
    if (a == b) {
      return a;
    } else if (a.isFloating() || b.isFloating()) {
      boolean first = a.isFloating() && (!b.isFloating() || a.getNumOfBytes() >= b.getNumOfBytes());
      return first ? a : b;
    }
    return WHOLE.indexOf(a) >= WHOLE.indexOf(b) ? a : b;
  }

  /** The type of a sum or product of an array and a number, which counts only by its kind. */
  static DataType promoted(DataType array, Number number) {
    DataType type =
        number instanceof Double
            ? DataType.FLOAT64
            : number instanceof Float
                ? DataType.FLOAT32
                : number instanceof Long ? DataType.INT64 : DataType.INT32;
    return kind(type) > kind(array) ? type : array;
  }

  private static int kind(DataType type) {
    return type.isFloating() ? 2 : type == DataType.BOOLEAN ? 0 : 1;
  }

  /** The shape of an elementwise operation's result; null if the operands do not fit. */
  static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.dimension(), b.dimension());
    long[] sizes = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long one = i > a.dimension() ? 1 : a.get(a.dimension() - i);
      long other = i > b.dimension() ? 1 : b.get(b.dimension() - i);
      if (one != other && one != 1 && other != 1) {
        return null;
      }
      sizes[rank - i] = one == 1 ? other : one;
    }
    return new Shape(sizes);
  }

  static Shape convolution(Shape x, Shape weight, Shape stride, Shape padding, Shape dilation) {
    long[] sizes = x.getShape().clone();
    sizes[1] = weight.get(0);
    for (int i = 2; i < sizes.length; i++) {
      long reach = dilation.get(i - 2) * (weight.get(i) - 1) + 1;
      sizes[i] = Math.floorDiv(sizes[i] + 2 * padding.get(i - 2) - reach, stride.get(i - 2)) + 1;
    }
    return new Shape(sizes);
  }

  static Shape pool(Shape x, Shape kernel, Shape stride, Shape padding, boolean ceilMode) {
    long[] sizes = x.getShape().clone();
    for (int i = 2; i < sizes.length; i++) {
      int k = i - 2;
      long room = sizes[i] + 2 * padding.get(k) - kernel.get(k);
      long steps = Math.floorDiv(room + (ceilMode ? stride.get(k) - 1 : 0), stride.get(k));
      if (ceilMode && steps * stride.get(k) >= sizes[i] + padding.get(k)) {
        steps--; // the last window would start outside
      }
      sizes[i] = steps + 1;
    }
    return new Shape(sizes);
  }

  /** Null if the operands do not fit. */
  static Shape matMul(Shape a, Shape b) {
    if (a.dimension() < 2 || b.dimension() < 2 || a.tail() != b.get(b.dimension() - 2)) {
      return null;
    }
    Shape front = broadcast(a.slice(0, a.dimension() - 2), b.slice(0, b.dimension() - 2));
    return front == null ? null : front.add(a.get(a.dimension() - 2), b.tail());
  }

  static Shape reduced(Shape x, List<Integer> axes, boolean keep) {
    long[] sizes = new long[x.dimension()];
    int rank = 0;
    for (int i = 0; i < x.dimension(); i++) {
      if (!axes.contains(i)) {
        sizes[rank++] = x.get(i);
      } else if (keep) {
        sizes[rank++] = 1;
      }
    }
    return new Shape(Arrays.copyOf(sizes, rank));
  }

  /** Resolves a -1; null if the elements do not fit. */
  static Shape reshaped(Shape x, Shape wanted) {
    long[] sizes = wanted.getShape().clone();
    long known = 1;
    int open = -1;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == -1 && open < 0) {
        open = i;
      } else {
        known *= sizes[i];
      }
    }
    if (open >= 0) {
      sizes[open] = known == 0 ? 0 : x.size() / known;
    }
    Shape result = new Shape(sizes);
    return result.size() == x.size() ? result : null;
  }

  static int axis(int axis, int rank) {
    return axis < 0 ? axis + rank : axis;
  }
}
