package org.riglab.graph.internal.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.riglab.graph.internal.ir.Op;

/** Layers, products and reductions: operations that compute. */
final class Layers {
  private static final Set<String> REDUCTIONS = Set.of("sum", "mean", "prod", "max", "min");
  private final Symbol self;

  Layers(Symbol self) {
    this.self = self;
  }

  /** The result of an operation; null if it is none of these. */
  Object call(String operation, Object... args) {
    return switch (operation) {
      case "convolution" -> convolution(operation, args);
      case "linear" -> linear(operation, args);
      case "batchNorm" -> batchNorm(operation, args);
      case "layerNorm" -> {
        Symbol x = self.of(args[0]);
        Op op = new Op.LayerNorm(((Shape) args[1]).dimension(), Symbol.number(args[4]));
        yield new NDList(
            self.record(op, x.type(), x.shape(), x, self.of(args[2]), self.of(args[3])));
      }
      case "maxPool" ->
          pool("max", (Shape) args[0], (Shape) args[1], (Shape) args[2], (boolean) args[3], true);
      case "avgPool" ->
          pool(
              "avg",
              (Shape) args[0],
              (Shape) args[1],
              (Shape) args[2],
              (boolean) args[3],
              (boolean) args[4]);
      case "lpPool" ->
          pool("lp", (Shape) args[1], (Shape) args[2], (Shape) args[3], (boolean) args[4], true);
      case "globalMaxPool" -> reduce("max", IntStream.range(2, self.rank()).toArray(), false);
      case "globalAvgPool" -> reduce("mean", IntStream.range(2, self.rank()).toArray(), false);
      case "interpolation" -> {
        long[] size = (long[]) args[0];
        Shape shape = self.shape().slice(0, 2).add(size);
        yield self.record(
            new Op.Resize((int) args[1], (boolean) args[2], false), self.type(), shape, self);
      }
      case "matMul", "batchMatMul", "batchDot" -> product(operation, self.of(args[0]));
      case "dot" -> self.rank() == 2 ? product(operation, self.of(args[0])) : null;
      case "embedding" -> {
        Symbol weight = self.of(args[1]);
        Symbol index = self.of(args[0]);
        Shape shape = index.shape().add(weight.shape().get(1));
        yield new NDList(
            self.record(new Op.Gather("embedding", 0), weight.type(), shape, weight, index));
      }
      case "softmax", "logSoftmax", "cumSum" ->
          args.length == 1
              ? self.record(
                  new Op.Along(operation, Shapes.axis((int) args[0], self.rank())),
                  self.type(),
                  self.shape(),
                  self)
              : null;
      case "argSort" -> args.length == 2 ? order((int) args[0], (boolean) args[1]) : null;
      case "sort" ->
          sorted(args.length == 0 ? self.rank() - 1 : (int) args[0], true, Long.MAX_VALUE).head();
      case "topK" -> sorted((int) args[1], !(boolean) args[2], (int) args[0]);
      case "argMax", "argMin" ->
          args.length == 1
              ? reduce(operation, new int[] {(int) args[0]}, false)
              : reduce(operation, IntStream.range(0, self.rank()).toArray(), false);
      default ->
          REDUCTIONS.contains(operation)
              ? args.length == 0
                  ? reduce(operation, IntStream.range(0, self.rank()).toArray(), false)
                  : args.length == 2 ? reduce(operation, (int[]) args[0], (boolean) args[1]) : null
              : null;
    };
  }

  private NDList convolution(String operation, Object... args) {
    Symbol x = self.of(args[0]);
    Symbol weight = self.of(args[1]);
    Shape stride = (Shape) args[3];
    Shape padding = (Shape) args[4];
    Shape dilation = (Shape) args[5];
    int groups = (int) args[6];
    Op op =
        new Op.Convolution(
            Tracer.list(stride), Tracer.list(padding), Tracer.list(dilation), groups);
    self.fits(
        operation,
        x.rank() == weight.rank() && x.shape().get(1) == weight.shape().get(1) * groups,
        x,
        weight);
    Shape shape = Shapes.convolution(x.shape(), weight.shape(), stride, padding, dilation);
    return list(op, x.type(), positive(operation, shape, x), x, weight, args[2]);
  }

  private NDList linear(String operation, Object... args) {
    Symbol x = self.of(args[0]);
    Symbol weight = self.of(args[1]);
    self.fits(operation, x.shape().tail() == weight.shape().get(1), x, weight);
    Shape shape = x.shape().slice(0, x.rank() - 1).add(weight.shape().get(0));
    return list(new Op.Linear(), x.type(), shape, x, weight, args[2]);
  }

  private NDList batchNorm(String operation, Object... args) {
    Symbol x = self.of(args[0]);
    Op op = new Op.BatchNorm(Symbol.number(args[6]), Symbol.number(args[7]), (boolean) args[8]);
    int axis = (int) args[5];
    if (axis != -1 && axis != 1) {
      throw self.recorder.untraceable("calls batchNorm on axis " + axis + "; channels are axis 1");
    }
    self.fits(operation, x.shape().get(1) == self.of(args[1]).shape().get(0), x, self.of(args[1]));
    return list(op, x.type(), x.shape(), x, self.of(args[1]), args[2], args[3], args[4]);
  }

  private Shape positive(String operation, Shape shape, Symbol x) {
    if (shape.size() <= 0 || LongStream.of(shape.getShape()).anyMatch(side -> side <= 0)) {
      throw self.recorder.untraceable(
          "calls %s on shape %s, which is too small for it".formatted(operation, x.shape()));
    }
    return shape;
  }

  /** One result in a list; operands that are null are left out, as a missing bias. */
  private NDList list(Op op, DataType type, Shape shape, Object... operands) {
    Symbol[] present =
        Stream.of(operands)
            .filter(operand -> operand != null)
            .map(operand -> operand instanceof Symbol symbol ? symbol : self.of(operand))
            .toArray(Symbol[]::new);
    return new NDList(self.record(op, type, shape, present));
  }

  private NDArray pool(
      String kind, Shape kernel, Shape stride, Shape padding, boolean ceil, boolean counts) {
    Op op =
        new Op.Pool(
            kind, Tracer.list(kernel), Tracer.list(stride), Tracer.list(padding), ceil, counts);
    Shape shape = Shapes.pool(self.shape(), kernel, stride, padding, ceil);
    return self.record(op, self.type(), positive(kind + "Pool", shape, self), self);
  }

  private NDArray order(int axis, boolean ascending) {
    return self.record(
        new Op.Along(ascending ? "argSort" : "argSortDown", Shapes.axis(axis, self.rank())),
        DataType.INT64,
        self.shape(),
        self);
  }

  /** The first elements in order, and where they are. */
  private NDList sorted(int given, boolean ascending, long most) {
    int axis = Shapes.axis(given, self.rank());
    NDArray order = order(axis, ascending);
    if (most < self.shape().get(axis)) {
      order = order.split(new long[] {most}, axis).head();
    }
    return new NDList(self.array.gather(order, axis), order);
  }

  private NDArray product(String operation, Symbol other) {
    Shape shape = Shapes.matMul(self.shape(), other.shape());
    self.fits(operation, shape != null, self, other);
    return self.record(
        new Op.MatMul(), Shapes.promoted(self.type(), other.type()), shape, self, other);
  }

  private NDArray reduce(String function, int[] given, boolean keep) {
    List<Integer> axes =
        IntStream.of(given).map(axis -> Shapes.axis(axis, self.rank())).sorted().boxed().toList();
    DataType type = self.type();
    if (function.startsWith("arg")) {
      type = DataType.INT64;
    } else if (function.equals("mean") && !type.isFloating()) {
      type = DataType.FLOAT32;
    } else if ((function.equals("sum") || function.equals("prod")) && !type.isFloating()) {
      type = DataType.INT64;
    }
    Shape shape = Shapes.reduced(self.shape(), axes, keep);
    return self.record(new Op.Reduce(function, axes), type, shape, self);
  }
}
