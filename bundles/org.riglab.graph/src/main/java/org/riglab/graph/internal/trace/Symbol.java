package org.riglab.graph.internal.trace;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexAll;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexFixed;
import ai.djl.ndarray.index.dim.NDIndexNull;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/**
 * The handler behind a symbolic array, which is NDArray and NDArrayEx in one: each operation is
 * recorded and gives another symbolic array. What DJL's interfaces define in terms of other
 * operations works as it stands; what is not known here is refused.
 */
final class Symbol implements InvocationHandler {
  private static final Set<String> UNARY =
      words(
          "relu sigmoid tanh softPlus softSign selu gelu sign neg abs square sqrt cbrt floor ceil",
          "round trunc exp gammaln log log10 log2 sin cos tan asin acos atan sinh cosh asinh acosh",
          "atanh toDegrees toRadians erf erfinv isNaN isInfinite logicalNot");
  private static final Set<String> WITH_NUMBERS = words("leakyRelu elu swish clip");
  private static final Set<String> BINARY =
      words(
          "add sub mul div mod pow maximum minimum eq neq gt gte lt lte atan2 xlogy logicalAnd",
          "logicalOr logicalXor");
  private static final Set<String> REVERSED = words("rsub rdiv rmod rpow");
  private static final Set<String> IN_PLACE =
      words("addi subi muli divi modi powi negi signi rsubi rdivi rmodi rpowi");
  private static final Set<String> BOOLEAN =
      words("eq neq gt gte lt lte logicalAnd logicalOr logicalXor logicalNot isNaN isInfinite");
  private static final Set<String> KEEPING = // whole numbers stay whole
      words(
          "add sub mul mod pow maximum minimum neg abs square sign floor ceil round trunc clip",
          "relu rsub rmod rpow where copy");
  private static final Set<String> REDUCTIONS = words("sum mean prod max min");
  private static final Set<String> READERS =
      words(
          "toByteBuffer toFloatArray toDoubleArray toIntArray toLongArray toByteArray toUint8Array",
          "toBooleanArray toShortArray toUnsignedShortArray toUnsignedIntArray toStringArray",
          "toArray getFloat getDouble getLong getInt getByte getUint8 getBoolean getScalar",
          "contentEquals allClose encode nonzero unique booleanMask");

  private final Recorder recorder;
  private final String uid;
  private final NDArray array;
  private int id;
  private boolean viewed;
  private String name;

  private Symbol(Recorder recorder, int id) {
    this.recorder = recorder;
    this.id = id;
    uid = "%" + id;
    array =
        (NDArray)
            Proxy.newProxyInstance(
                NDArray.class.getClassLoader(),
                new Class<?>[] {NDArray.class, NDArrayEx.class},
                this);
  }

  private static Set<String> words(String... lines) {
    return Stream.of(lines)
        .flatMap(line -> Stream.of(line.split(" ")))
        .collect(Collectors.toUnmodifiableSet());
  }

  static NDArray create(Recorder recorder, int id) {
    return new Symbol(recorder, id).array;
  }

  /** The handler of an array that an operation was given. */
  static Symbol of(Recorder recorder, NDArray array) {
    if (array != null
        && Proxy.isProxyClass(array.getClass())
        && Proxy.getInvocationHandler(array) instanceof Symbol symbol
        && symbol.recorder == recorder) {
      return symbol;
    }
    throw recorder.untraceable(
        "uses an array that is neither an input, nor a parameter, nor made in the pass");
  }

  int id() {
    return id;
  }

  private Node node() {
    return recorder.node(id);
  }

  private Shape shape() {
    return Tracer.shape(node().shape());
  }

  private DataType type() {
    return node().type();
  }

  private int rank() {
    return node().shape().size();
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] given) throws Throwable {
    Object[] args = given == null ? new Object[0] : given;
    String operation = method.getName();
    if (READERS.contains(operation)) {
      throw recorder.untraceable("calls " + operation + ", which reads values; a trace has none");
    } else if (IN_PLACE.contains(operation)) {
      return inPlace(operation.substring(0, operation.length() - 1), args);
    }
    Object result = described(operation, args);
    if (result == null) {
      result = elementwise(operation, args);
    }
    if (result == null) {
      result = layer(operation, args);
    }
    if (result == null) {
      result = moved(operation, args);
    }
    if (result != null) {
      return result == VOID ? null : result;
    } else if (method.isDefault()) {
      return InvocationHandler.invokeDefault(proxy, method, args);
    }
    throw recorder.untraceable("calls " + operation + ", which is no operation of a graph");
  }

  private static final Object VOID = new Object();

  /** What an array says about itself. */
  private Object described(String operation, Object... args) {
    return switch (operation) {
      case "getShape" -> shape();
      case "getDataType" -> type();
      case "getDevice" -> Device.cpu();
      case "getManager" -> recorder.manager();
      case "getNDArrayInternal", "getArray" -> array;
      case "getUid" -> uid;
      case "getName" -> name == null ? VOID : name;
      case "getSparseFormat" -> SparseFormat.DENSE;
      case "isReleased", "hasGradient" -> false;
      case "toDevice", "toDense" -> array;
      case "toString", "toDebugString" -> node().toString();
      case "hashCode" -> System.identityHashCode(array);
      case "equals" -> array == args[0];
      case "setName" -> {
        name = (String) args[0];
        yield VOID;
      }
      case "attach", "tempAttach", "returnResource", "detach", "close" -> VOID;
      default -> null;
    };
  }

  private NDArray record(Op op, DataType type, Shape shape, Symbol... operands) {
    if (op.view()) {
      viewed = true;
    }
    return recorder.record(op, ids(operands), type, shape);
  }

  private static List<Integer> ids(Symbol... operands) {
    return Stream.of(operands).map(Symbol::id).toList();
  }

  private Symbol of(Object operand) {
    return of(recorder, (NDArray) operand);
  }

  private Object elementwise(String operation, Object... args) {
    if (UNARY.contains(operation) && args.length == 0) {
      return pointwise(operation, List.of(), this);
    } else if (operation.equals("duplicate")) {
      return pointwise("copy", List.of(), this);
    } else if (WITH_NUMBERS.contains(operation)
        || (BINARY.contains(operation) || REVERSED.contains(operation))
            && args[0] instanceof Number) {
      return pointwise(operation, numbers(args), this);
    } else if (BINARY.contains(operation)) {
      return pointwise(operation, List.of(), this, of(args[0]));
    } else if (REVERSED.contains(operation)) {
      return pointwise(operation.substring(1), List.of(), of(args[0]), this);
    }
    return switch (operation) {
      case "where" -> pointwise("where", List.of(), of(args[0]), this, of(args[1]));
      case "toType" ->
          args[0] == type() && !(boolean) args[1]
              ? array
              : record(new Op.Cast(), (DataType) args[0], shape(), this);
      case "stopGradient" -> record(new Op.Detach(), type(), shape(), this);
      case "dropout" -> {
        Symbol x = of(args[0]);
        Op op = new Op.Dropout(number(args[1]));
        yield new NDList((boolean) args[2] ? record(op, x.type(), x.shape(), x) : x.array);
      }
      default -> null;
    };
  }

  private static List<Number> numbers(Object... args) {
    return Stream.of(args).map(Number.class::cast).toList();
  }

  private static double number(Object value) {
    // a float such as 0.1f means 0.1
    return value instanceof Float
        ? Double.parseDouble(value.toString())
        : ((Number) value).doubleValue();
  }

  private NDArray pointwise(String function, List<Number> given, Symbol... operands) {
    List<Double> numbers = given.stream().map(Symbol::number).toList();
    Shape shape = operands[0].shape();
    DataType type = operands[0].type();
    int first = function.equals("where") ? 1 : 0;
    if (first == 1) {
      type = operands[1].type();
    }
    for (Symbol operand : operands) {
      Shape together = Shapes.broadcast(shape, operand.shape());
      if (together == null) {
        throw recorder.untraceable(
            "calls %s on shapes %s and %s, which do not fit"
                .formatted(function, shape, operand.shape()));
      }
      shape = together;
    }
    for (int i = first + 1; i < operands.length; i++) {
      type = Shapes.promoted(type, operands[i].type());
    }
    for (Number number : given) {
      type = Shapes.promoted(type, number);
    }
    if (BOOLEAN.contains(function)) {
      type = DataType.BOOLEAN;
    } else if (!type.isFloating() && !KEEPING.contains(function)) {
      type = DataType.FLOAT32;
    }
    return recorder.record(new Op.Pointwise(function, numbers), ids(operands), type, shape);
  }

  // The array stays the same object and stands for another node from now on.
  private NDArray inPlace(String operation, Object... args) {
    if (viewed || node().op().view()) {
      throw recorder.untraceable(
          "calls %si on an array that shares memory with another".formatted(operation));
    } else if (node().op() instanceof Op.Param || node().op() instanceof Op.Input) {
      throw recorder.untraceable("calls " + operation + "i on a parameter or an input");
    }
    id = of(elementwise(operation, args)).id;
    return array;
  }

  private Object layer(String operation, Object... args) {
    return switch (operation) {
      case "convolution" -> {
        Symbol x = of(args[0]);
        Symbol weight = of(args[1]);
        Shape stride = (Shape) args[3];
        Shape padding = (Shape) args[4];
        Shape dilation = (Shape) args[5];
        int groups = (int) args[6];
        Op op =
            new Op.Convolution(
                Tracer.list(stride), Tracer.list(padding), Tracer.list(dilation), groups);
        fits(
            operation,
            x.rank() == weight.rank() && x.shape().get(1) == weight.shape().get(1) * groups,
            x,
            weight);
        Shape shape = Shapes.convolution(x.shape(), weight.shape(), stride, padding, dilation);
        yield list(op, x.type(), positive(operation, shape, x), x, weight, args[2]);
      }
      case "linear" -> {
        Symbol x = of(args[0]);
        Symbol weight = of(args[1]);
        fits(operation, x.shape().tail() == weight.shape().get(1), x, weight);
        Shape shape = x.shape().slice(0, x.rank() - 1).add(weight.shape().get(0));
        yield list(new Op.Linear(), x.type(), shape, x, weight, args[2]);
      }
      case "batchNorm" -> {
        Symbol x = of(args[0]);
        Op op = new Op.BatchNorm(number(args[6]), number(args[7]), (boolean) args[8]);
        int axis = (int) args[5];
        if (axis != -1 && axis != 1) {
          throw recorder.untraceable("calls batchNorm on axis " + axis + "; channels are axis 1");
        }
        fits(operation, x.shape().get(1) == of(args[1]).shape().get(0), x, of(args[1]));
        yield list(op, x.type(), x.shape(), x, of(args[1]), args[2], args[3], args[4]);
      }
      case "layerNorm" -> {
        Symbol x = of(args[0]);
        Op op = new Op.LayerNorm(((Shape) args[1]).dimension(), number(args[4]));
        yield new NDList(record(op, x.type(), x.shape(), x, of(args[2]), of(args[3])));
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
      case "globalMaxPool" -> reduce("max", IntStream.range(2, rank()).toArray(), false);
      case "globalAvgPool" -> reduce("mean", IntStream.range(2, rank()).toArray(), false);
      case "interpolation" -> {
        long[] size = (long[]) args[0];
        Shape shape = shape().slice(0, 2).add(size);
        yield record(new Op.Resize((int) args[1], (boolean) args[2]), type(), shape, this);
      }
      case "matMul", "batchMatMul", "batchDot" -> product(operation, of(args[0]));
      case "dot" -> rank() == 2 ? product(operation, of(args[0])) : null;
      case "embedding" -> {
        Symbol weight = of(args[1]);
        Symbol index = of(args[0]);
        Shape shape = index.shape().add(weight.shape().get(1));
        yield new NDList(
            record(new Op.Gather("embedding", 0), weight.type(), shape, weight, index));
      }
      case "softmax", "logSoftmax", "cumSum" ->
          args.length == 1
              ? record(
                  new Op.Along(operation, Shapes.axis((int) args[0], rank())),
                  type(),
                  shape(),
                  this)
              : null;
      case "argMax", "argMin" ->
          args.length == 1
              ? reduce(operation, new int[] {(int) args[0]}, false)
              : reduce(operation, IntStream.range(0, rank()).toArray(), false);
      default ->
          REDUCTIONS.contains(operation)
              ? args.length == 0
                  ? reduce(operation, IntStream.range(0, rank()).toArray(), false)
                  : args.length == 2 ? reduce(operation, (int[]) args[0], (boolean) args[1]) : null
              : null;
    };
  }

  private void fits(String operation, boolean fits, Symbol x, Symbol other) {
    if (!fits) {
      throw recorder.untraceable(
          "calls %s on shapes %s and %s, which do not fit"
              .formatted(operation, x.shape(), other.shape()));
    }
  }

  private Shape positive(String operation, Shape shape, Symbol x) {
    if (shape.size() <= 0 || LongStream.of(shape.getShape()).anyMatch(side -> side <= 0)) {
      throw recorder.untraceable(
          "calls %s on shape %s, which is too small for it".formatted(operation, x.shape()));
    }
    return shape;
  }

  /** One result in a list; operands that are null are left out, as a missing bias. */
  private NDList list(Op op, DataType type, Shape shape, Object... operands) {
    Symbol[] present =
        Stream.of(operands)
            .filter(operand -> operand != null)
            .map(operand -> operand instanceof Symbol symbol ? symbol : of(operand))
            .toArray(Symbol[]::new);
    return new NDList(record(op, type, shape, present));
  }

  private NDArray pool(
      String kind, Shape kernel, Shape stride, Shape padding, boolean ceil, boolean counts) {
    Op op =
        new Op.Pool(
            kind, Tracer.list(kernel), Tracer.list(stride), Tracer.list(padding), ceil, counts);
    Shape shape = Shapes.pool(shape(), kernel, stride, padding, ceil);
    return record(op, type(), positive(kind + "Pool", shape, this), this);
  }

  private NDArray product(String operation, Symbol other) {
    Shape shape = Shapes.matMul(shape(), other.shape());
    fits(operation, shape != null, this, other);
    return record(new Op.MatMul(), Shapes.promoted(type(), other.type()), shape, this, other);
  }

  private NDArray reduce(String function, int[] given, boolean keep) {
    List<Integer> axes =
        IntStream.of(given).map(axis -> Shapes.axis(axis, rank())).sorted().boxed().toList();
    DataType type = type();
    if (function.startsWith("arg")) {
      type = DataType.INT64;
    } else if (function.equals("mean") && !type.isFloating()) {
      type = DataType.FLOAT32;
    } else if ((function.equals("sum") || function.equals("prod")) && !type.isFloating()) {
      type = DataType.INT64;
    }
    Shape shape = Shapes.reduced(shape(), axes, keep);
    return record(new Op.Reduce(function, axes), type, shape, this);
  }

  /** Operations that put elements elsewhere. */
  private Object moved(String operation, Object... args) {
    return switch (operation) {
      case "concat" -> args[0] instanceof NDList list ? concat(list, args) : null;
      case "stack" -> args[0] instanceof NDList list ? stack(list, args) : null;
      case "reshape" -> args[0] instanceof Shape wanted ? reshape(operation, wanted) : null;
      case "flatten" ->
          args.length == 0
              ? reshape(operation, new Shape(-1))
              : flatten((int) args[0], (int) args[1]);
      case "expandDims" -> expand(Shapes.axis((int) args[0], rank() + 1));
      case "squeeze" -> args.length == 1 && args[0] instanceof int[] axes ? squeeze(axes) : null;
      case "transpose" -> {
        int[] order =
            args.length == 0
                ? IntStream.range(0, rank()).map(i -> rank() - 1 - i).toArray()
                : (int[]) args[0];
        List<Integer> axes = IntStream.of(order).boxed().toList();
        long[] sizes = axes.stream().mapToLong(axis -> shape().get(axis)).toArray();
        yield record(new Op.Transpose(axes), type(), new Shape(sizes), this);
      }
      case "flip" -> {
        NDArray result = array;
        for (int axis : (int[]) args[0]) {
          Symbol operand = of(result);
          result =
              record(new Op.Along("flip", Shapes.axis(axis, rank())), type(), shape(), operand);
        }
        yield result;
      }
      case "broadcast" ->
          args[0] instanceof Shape wanted ? record(new Op.Broadcast(), type(), wanted, this) : null;
      case "repeat", "tile" -> {
        List<Long> times = times(args);
        long[] sizes = shape().getShape().clone();
        for (int i = 0; i < sizes.length; i++) {
          sizes[i] *= times.get(i);
        }
        Op op = new Op.Tile(times, operation.equals("repeat"));
        yield record(op, type(), new Shape(sizes), this);
      }
      case "pad" -> pad((Shape) args[0], number(args[1]));
      case "get" -> get(args);
      case "split" ->
          args.length == 2 && args[0] instanceof long[] at
              ? split(at, Shapes.axis((int) args[1], rank()))
              : null;
      case "gather" -> {
        Symbol index = of(args[0]);
        Op op = new Op.Gather(operation, Shapes.axis((int) args[1], rank()));
        yield record(op, type(), index.shape(), this, index);
      }
      case "oneHot" ->
          args.length == 4
              ? record(new Op.OneHot(), (DataType) args[3], shape().add((int) args[0]), this)
              : null;
      case "set" -> set(args);
      default -> null;
    };
  }

  private NDArray concat(NDList others, Object... args) {
    int axis = Shapes.axis(args.length > 1 ? (int) args[1] : 0, rank());
    List<Symbol> operands = new ArrayList<>(List.of(this));
    others.forEach(other -> operands.add(of(other)));
    long[] sizes = shape().getShape().clone();
    DataType type = type();
    for (Symbol operand : operands.subList(1, operands.size())) {
      long[] other = operand.shape().getShape().clone();
      boolean fits = other.length == sizes.length;
      if (fits) {
        sizes[axis] += other[axis];
        other[axis] = sizes[axis];
        fits = Arrays.equals(sizes, other);
      }
      fits("concat", fits, this, operand);
      type = Shapes.promoted(type, operand.type());
    }
    return record(new Op.Concat(axis), type, new Shape(sizes), operands.toArray(Symbol[]::new));
  }

  private NDArray stack(NDList others, Object... args) {
    int axis = Shapes.axis(args.length > 1 ? (int) args[1] : 0, rank() + 1);
    NDList expanded = new NDList();
    others.forEach(other -> expanded.add(of(other).expand(axis)));
    return of(expand(axis)).concat(expanded, expanded, axis);
  }

  private NDArray reshape(String operation, Shape wanted) {
    Shape shape = Shapes.reshaped(shape(), wanted);
    if (shape == null) {
      throw recorder.untraceable(
          "calls %s from %s to %s, which does not fit".formatted(operation, shape(), wanted));
    }
    return record(new Op.Reshape(), type(), shape, this);
  }

  private NDArray flatten(int from, int to) {
    int first = Shapes.axis(from, rank());
    int last = Shapes.axis(to, rank());
    Shape shape = shape();
    long size = shape.slice(first, last + 1).size();
    return reshape(
        "flatten", shape.slice(0, first).add(size).addAll(shape.slice(last + 1, rank())));
  }

  private NDArray expand(int axis) {
    Shape shape = shape();
    return reshape("expandDims", shape.slice(0, axis).add(1).addAll(shape.slice(axis, rank())));
  }

  private NDArray squeeze(int... given) {
    List<Integer> axes =
        IntStream.of(given).map(axis -> Shapes.axis(axis, rank())).boxed().toList();
    return reshape("squeeze", Shapes.reduced(shape(), axes, false));
  }

  private List<Long> times(Object... args) {
    List<Long> times = new ArrayList<>(Collections.nCopies(rank(), 1L));
    if (args[0] instanceof Integer axis) {
      times.set(Shapes.axis(axis, rank()), (Long) args[1]);
    } else if (args[0] instanceof Long all) {
      times.replaceAll(one -> all);
    } else {
      long[] each = args[0] instanceof Shape shape ? shape.getShape() : (long[]) args[0];
      for (int i = 0; i < each.length; i++) {
        times.set(rank() - each.length + i, each[i]);
      }
    }
    return times;
  }

  // As in PyTorch, the last axis comes first.
  private NDArray pad(Shape borders, double value) {
    long[] sizes = shape().getShape().clone();
    List<Long> before = new ArrayList<>(Collections.nCopies(rank(), 0L));
    for (int i = 0; i < borders.dimension() / 2; i++) {
      int axis = rank() - 1 - i;
      before.set(axis, borders.get(2 * i));
      sizes[axis] += borders.get(2 * i) + borders.get(2 * i + 1);
    }
    return record(new Op.Pad(before, value), type(), new Shape(sizes), this);
  }

  private NDArray get(Object... args) {
    Object last = args[args.length - 1];
    if (!(last instanceof NDIndex index)) {
      if (last instanceof NDArray) {
        throw recorder.untraceable("calls get with an array, whose values decide on the shape");
      }
      return null;
    }
    long[] sizes = shape().getShape().clone();
    List<Long> start = new ArrayList<>(Collections.nCopies(rank(), 0L));
    List<Long> step = new ArrayList<>(Collections.nCopies(rank(), 1L));
    List<Long> result = new ArrayList<>();
    int axis = 0;
    for (int i = 0; i < index.getIndices().size(); i++) {
      if (i == index.getEllipsisIndex()) {
        axis = whole(result, sizes, axis, rank() - (index.getRank() - axis));
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
        throw recorder.untraceable(
            "calls get with " + element.getClass().getSimpleName() + ", which picks by values");
      }
    }
    whole(result, sizes, axis, rank());
    NDArray part = record(new Op.Slice(start, step), type(), new Shape(sizes), this);
    return result.equals(of(part).node().shape())
        ? part
        : of(part).reshape("get", Tracer.shape(result));
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
      long to = i < at.length ? at[i] : shape().get(axis);
      long[] sizes = shape().getShape().clone();
      sizes[axis] = to - from;
      List<Long> start = new ArrayList<>(Collections.nCopies(rank(), 0L));
      start.set(axis, from);
      List<Long> step = Collections.nCopies(rank(), 1L);
      parts.add(record(new Op.Slice(start, step), type(), new Shape(sizes), this));
      from = to;
    }
    return parts;
  }

  private Object set(Object... args) {
    Numbers numbers = args.length == 1 ? Numbers.of(args[0]) : null;
    if (numbers == null || !(node().op() instanceof Op.Fill) || viewed) {
      throw recorder.untraceable("calls set on an array that is in use already");
    }
    id = recorder.add(numbers.literal(), List.of(), type(), shape());
    return VOID;
  }
}
