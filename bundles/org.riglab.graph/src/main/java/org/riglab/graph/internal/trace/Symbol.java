package org.riglab.graph.internal.trace;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.nn.RecordedArray;

/**
 * The handler behind a symbolic array, which is NDArray and NDArrayEx in one: each operation is
 * recorded and gives another symbolic array. What DJL's interfaces define in terms of other
 * operations works as it stands; what is not known here is refused.
 */
final class Symbol implements InvocationHandler, RecordedArray {
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
  private static final Set<String> READERS =
      words(
          "toByteBuffer toFloatArray toDoubleArray toIntArray toLongArray toByteArray toUint8Array",
          "toBooleanArray toShortArray toUnsignedShortArray toUnsignedIntArray toStringArray",
          "toArray getFloat getDouble getLong getInt getByte getUint8 getBoolean getScalar",
          "contentEquals allClose encode nonzero unique booleanMask");

  final Recorder recorder;
  final NDArray array;
  private final String uid;
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

  Node node() {
    return recorder.node(id);
  }

  Shape shape() {
    return Tracer.shape(node().shape());
  }

  DataType type() {
    return node().type();
  }

  int rank() {
    return node().shape().size();
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] given) throws Throwable {
    Object[] args = given == null ? new Object[0] : given;
    String operation = method.getName();
    if (READERS.contains(operation)) {
      throw recorder.untraceable(
          "calls " + operation + ", which reads values; compute with arrays instead");
    } else if (IN_PLACE.contains(operation)) {
      return inPlace(operation.substring(0, operation.length() - 1), args);
    }
    Object result = described(operation, args);
    if (result == null) {
      result = elementwise(operation, args);
    }
    if (result == null) {
      result = new Layers(this).call(operation, args);
    }
    if (result == null) {
      result = new ShapeOps(this).call(operation, args);
    }
    if (result != null) {
      return result == VOID ? null : result;
    } else if (method.isDefault()) {
      return InvocationHandler.invokeDefault(proxy, method, args);
    }
    throw recorder.untraceable(
        "calls %s, which is no operation of a graph%s"
            .formatted(operation, Alternatives.to(operation)));
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
      case "set" -> set(args);
      case "attach", "tempAttach", "returnResource", "detach", "close" -> VOID;
      default -> null;
    };
  }

  NDArray record(Op op, DataType type, Shape shape, Symbol... operands) {
    if (op.view()) {
      viewed = true;
    }
    return recorder.record(op, ids(operands), type, shape);
  }

  private static List<Integer> ids(Symbol... operands) {
    return Stream.of(operands).map(Symbol::id).toList();
  }

  Symbol of(Object operand) {
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

  static double number(Object value) {
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
      fits(function, together != null, operands[0], operand);
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

  void fits(String operation, boolean fits, Symbol x, Symbol other) {
    if (!fits) {
      throw recorder.untraceable(
          "calls %s on shapes %s and %s, which do not fit"
              .formatted(operation, x.shape(), other.shape()));
    }
  }

  @Override
  public NDArray crossEntropy(NDArray label, NDArray weights, int ignored, double smoothing) {
    Symbol target = of(label);
    fits("crossEntropy", shape().slice(1).slice(1).equals(target.shape().slice(1)), this, target);
    return record(
        new Op.CrossEntropy(ignored, smoothing, false),
        DataType.FLOAT32,
        new Shape(),
        this,
        target,
        of(weights));
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

  private Object set(Object... args) {
    Numbers numbers = args.length == 1 ? Numbers.of(args[0]) : null;
    if (numbers == null || !(node().op() instanceof Op.Fill) || viewed) {
      throw recorder.untraceable("calls set on an array that is in use already");
    }
    id = recorder.add(numbers.literal(), List.of(), type(), shape());
    return VOID;
  }
}
