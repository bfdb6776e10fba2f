package org.riglab.graph.internal.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexAll;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexFixed;
import ai.djl.ndarray.index.dim.NDIndexNull;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.riglab.graph.internal.ir.Op;

/** Operations that put elements elsewhere. */
final class ShapeOps {
  private final Symbol self;

  ShapeOps(Symbol self) {
    this.self = self;
  }

  /** The result of an operation; null if it is none of these. */
  Object call(String operation, Object... args) {
    return switch (operation) {
      case "concat" -> args[0] instanceof NDList list ? concat(list, args) : null;
      case "stack" -> args[0] instanceof NDList list ? stack(list, args) : null;
      case "reshape" -> args[0] instanceof Shape wanted ? reshape(operation, wanted) : null;
      case "flatten" ->
          args.length == 0
              ? reshape(operation, new Shape(-1))
              : flatten((int) args[0], (int) args[1]);
      case "expandDims" -> expand(Shapes.axis((int) args[0], self.rank() + 1));
      case "squeeze" -> args.length == 1 && args[0] instanceof int[] axes ? squeeze(axes) : null;
      case "transpose" -> {
        int[] order =
            args.length == 0
                ? IntStream.range(0, self.rank()).map(i -> self.rank() - 1 - i).toArray()
                : (int[]) args[0];
        List<Integer> axes = IntStream.of(order).boxed().toList();
        long[] sizes = axes.stream().mapToLong(axis -> self.shape().get(axis)).toArray();
        yield self.record(new Op.Transpose(axes), self.type(), new Shape(sizes), self);
      }
      case "flip" -> {
        NDArray result = self.array;
        for (int axis : (int[]) args[0]) {
          Symbol operand = self.of(result);
          result =
              self.record(
                  new Op.Along("flip", Shapes.axis(axis, self.rank())),
                  self.type(),
                  self.shape(),
                  operand);
        }
        yield result;
      }
      case "broadcast" ->
          args[0] instanceof Shape wanted
              ? self.record(new Op.Broadcast(), self.type(), wanted, self)
              : null;
      case "repeat", "tile" -> {
        List<Long> times = times(args);
        long[] sizes = self.shape().getShape().clone();
        for (int i = 0; i < sizes.length; i++) {
          sizes[i] *= times.get(i);
        }
        Op op = new Op.Tile(times, operation.equals("repeat"));
        yield self.record(op, self.type(), new Shape(sizes), self);
      }
      case "pad" -> pad((Shape) args[0], Symbol.number(args[1]));
      case "get" -> get(args);
      case "split" ->
          args.length == 2 && args[0] instanceof long[] at
              ? split(at, Shapes.axis((int) args[1], self.rank()))
              : null;
      case "gather" -> {
        Symbol index = self.of(args[0]);
        Op op = new Op.Gather(operation, Shapes.axis((int) args[1], self.rank()));
        yield self.record(op, self.type(), index.shape(), self, index);
      }
      case "oneHot" ->
          args.length == 4
              ? self.record(
                  new Op.OneHot(), (DataType) args[3], self.shape().add((int) args[0]), self)
              : null;
      default -> null;
    };
  }

  private NDArray concat(NDList others, Object... args) {
    int axis = Shapes.axis(args.length > 1 ? (int) args[1] : 0, self.rank());
    List<Symbol> operands = new ArrayList<>(List.of(self));
    others.forEach(other -> operands.add(self.of(other)));
    long[] sizes = self.shape().getShape().clone();
    DataType type = self.type();
    for (Symbol operand : operands.subList(1, operands.size())) {
      long[] other = operand.shape().getShape().clone();
      boolean fits = other.length == sizes.length;
      if (fits) {
        sizes[axis] += other[axis];
        other[axis] = sizes[axis];
        fits = Arrays.equals(sizes, other);
      }
      self.fits("concat", fits, self, operand);
      type = Shapes.promoted(type, operand.type());
    }
    return self.record(
        new Op.Concat(axis), type, new Shape(sizes), operands.toArray(Symbol[]::new));
  }

  private NDArray stack(NDList others, Object... args) {
    int axis = Shapes.axis(args.length > 1 ? (int) args[1] : 0, self.rank() + 1);
    NDList expanded = new NDList();
    others.forEach(other -> expanded.add(new ShapeOps(self.of(other)).expand(axis)));
    return new ShapeOps(self.of(expand(axis))).concat(expanded, expanded, axis);
  }

  private NDArray reshape(String operation, Shape wanted) {
    Shape shape = Shapes.reshaped(self.shape(), wanted);
    if (shape == null) {
      throw self.recorder.untraceable(
          "calls %s from %s to %s, which does not fit".formatted(operation, self.shape(), wanted));
    }
    return self.record(new Op.Reshape(), self.type(), shape, self);
  }

  private NDArray flatten(int from, int to) {
    int first = Shapes.axis(from, self.rank());
    int last = Shapes.axis(to, self.rank());
    Shape shape = self.shape();
    long size = shape.slice(first, last + 1).size();
    return reshape(
        "flatten", shape.slice(0, first).add(size).addAll(shape.slice(last + 1, self.rank())));
  }

  private NDArray expand(int axis) {
    Shape shape = self.shape();
    return reshape(
        "expandDims", shape.slice(0, axis).add(1).addAll(shape.slice(axis, self.rank())));
  }

  private NDArray squeeze(int... given) {
    List<Integer> axes =
        IntStream.of(given).map(axis -> Shapes.axis(axis, self.rank())).boxed().toList();
    return reshape("squeeze", Shapes.reduced(self.shape(), axes, false));
  }

  private List<Long> times(Object... args) {
    List<Long> times = new ArrayList<>(Collections.nCopies(self.rank(), 1L));
    if (args[0] instanceof Integer axis) {
      times.set(Shapes.axis(axis, self.rank()), (Long) args[1]);
    } else if (args[0] instanceof Long all) {
      times.replaceAll(one -> all);
    } else {
      long[] each = args[0] instanceof Shape shape ? shape.getShape() : (long[]) args[0];
      for (int i = 0; i < each.length; i++) {
        times.set(self.rank() - each.length + i, each[i]);
      }
    }
    return times;
  }

  // As in PyTorch, the last axis comes first.
  private NDArray pad(Shape borders, double value) {
    long[] sizes = self.shape().getShape().clone();
    List<Long> before = new ArrayList<>(Collections.nCopies(self.rank(), 0L));
    for (int i = 0; i < borders.dimension() / 2; i++) {
      int axis = self.rank() - 1 - i;
      before.set(axis, borders.get(2 * i));
      sizes[axis] += borders.get(2 * i) + borders.get(2 * i + 1);
    }
    return self.record(new Op.Pad(before, value), self.type(), new Shape(sizes), self);
  }

  private NDArray get(Object... args) {
    Object last = args[args.length - 1];
    if (!(last instanceof NDIndex index)) {
      if (last instanceof NDArray) {
        throw self.recorder.untraceable(
            "calls get with an array, whose values decide on the shape");
      }
      return null;
    }
    long[] sizes = self.shape().getShape().clone();
    List<Long> start = new ArrayList<>(Collections.nCopies(self.rank(), 0L));
    List<Long> step = new ArrayList<>(Collections.nCopies(self.rank(), 1L));
    List<Long> result = new ArrayList<>();
    int axis = 0;
    for (int i = 0; i < index.getIndices().size(); i++) {
      if (i == index.getEllipsisIndex()) {
        axis = whole(result, sizes, axis, self.rank() - (index.getRank() - axis));
      }
      NDIndexElement element = index.get(i);
      if (element instanceof NDIndexNull) {
        result.add(1L);
      } else if (element instanceof NDIndexAll) {
        result.add(sizes[axis++]);
      } else if (element instanceof NDIndexFixed fixed) {
        start.set(axis, bound(fixed.getIndex(), sizes[axis]));
        sizes[axis++] = 1;
      } else if (element instanceof NDIndexSlice slice) {
        long by = slice.getStep() == null ? 1 : slice.getStep();
        long from = slice.getMin() == null ? 0 : bound(slice.getMin(), sizes[axis]);
        long to = slice.getMax() == null ? sizes[axis] : bound(slice.getMax(), sizes[axis]);
        start.set(axis, from);
        step.set(axis, by);
        sizes[axis] = Math.max(0, (to - from + by - 1) / by);
        result.add(sizes[axis++]);
      } else {
        throw self.recorder.untraceable(
            "calls get with " + element.getClass().getSimpleName() + ", which picks by values");
      }
    }
    whole(result, sizes, axis, self.rank());
    NDArray part = self.record(new Op.Slice(start, step), self.type(), new Shape(sizes), self);
    return result.equals(self.of(part).node().shape())
        ? part
        : new ShapeOps(self.of(part)).reshape("get", Tracer.shape(result));
  }

  private static int whole(List<Long> result, long[] sizes, int from, int to) {
    for (int axis = from; axis < to; axis++) {
      result.add(sizes[axis]);
    }
    return Math.max(from, to);
  }

  private static long bound(long index, long size) {
    return Math.min(size, index < 0 ? index + size : index);
  }

  private NDList split(long[] at, int axis) {
    NDList parts = new NDList();
    long from = 0;
    for (int i = 0; i <= at.length; i++) {
      long to = i < at.length ? at[i] : self.shape().get(axis);
      long[] sizes = self.shape().getShape().clone();
      sizes[axis] = to - from;
      List<Long> start = new ArrayList<>(Collections.nCopies(self.rank(), 0L));
      start.set(axis, from);
      List<Long> step = Collections.nCopies(self.rank(), 1L);
      parts.add(self.record(new Op.Slice(start, step), self.type(), new Shape(sizes), self));
      from = to;
    }
    return parts;
  }
}
