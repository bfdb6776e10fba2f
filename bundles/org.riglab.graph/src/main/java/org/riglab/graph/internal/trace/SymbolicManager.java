package org.riglab.graph.internal.trace;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.stream.DoubleStream;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Values;

/** Makes symbolic arrays: constants, and random numbers. Frees nothing, as there is nothing. */
final class SymbolicManager implements InvocationHandler {
  private final Recorder recorder;

  private SymbolicManager(Recorder recorder) {
    this.recorder = recorder;
  }

  static NDManager of(Recorder recorder) {
    return (NDManager)
        Proxy.newProxyInstance(
            NDManager.class.getClassLoader(),
            new Class<?>[] {NDManager.class},
            new SymbolicManager(recorder));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] given) throws Throwable {
    Object[] args = given == null ? new Object[0] : given;
    String name = method.getName();
    switch (name) {
      case "getDevice", "defaultDevice":
        return Device.cpu();
      case "newSubManager", "getParentManager":
        return proxy;
      case "isOpen":
        return true;
      case "getName", "toString":
        return "symbolic";
      case "hashCode":
        return System.identityHashCode(proxy);
      case "equals":
        return proxy == args[0];
      case "getManagedArrays":
        return List.of();
      case "close",
      "cap",
      "setName",
      "attachInternal",
      "attachUncappedInternal",
      "tempAttachInternal",
      "detachInternal":
        return null;
      case "zeros":
        return fill(0, (Shape) args[0], type(args, 1));
      case "ones":
        return fill(1, (Shape) args[0], type(args, 1));
      case "create":
        return create(args);
      case "randomUniform", "randomNormal", "truncatedNormal":
        if (args.length >= 4) {
          return recorder.record(
              new Op.Random(name), List.of(), (DataType) args[3], (Shape) args[2]);
        }
        break;
      case "full":
        if (args.length >= 3) {
          return fill(((Number) args[1]).doubleValue(), (Shape) args[0], (DataType) args[2]);
        }
        break;
      case "arange":
        if (args.length >= 4) {
          return arange((Number) args[0], (Number) args[1], (Number) args[2], (DataType) args[3]);
        }
        break;
      case "eye":
        if (args.length >= 4) {
          return eye((int) args[0], (int) args[1], (int) args[2], (DataType) args[3]);
        }
        break;
      case "linspace":
        if (args.length >= 4 && args[0] instanceof Float start) {
          return linspace(start, (float) args[1], (int) args[2], (boolean) args[3]);
        }
        break;
      default:
        break;
    }
    if (method.isDefault()) {
      return InvocationHandler.invokeDefault(proxy, method, args);
    }
    throw recorder.untraceable("asks its manager for " + name + Alternatives.to(name));
  }

  private static DataType type(Object[] args, int index) {
    return args.length > index ? (DataType) args[index] : DataType.FLOAT32;
  }

  private NDArray fill(double value, Shape shape, DataType type) {
    return recorder.record(new Op.Fill(value), List.of(), type, shape);
  }

  private NDArray literal(double[] values, Shape shape, DataType type) {
    return recorder.record(new Op.Literal(new Values(values)), List.of(), type, shape);
  }

  private NDArray create(Object... args) {
    if (args[0] instanceof Shape shape) {
      return fill(0, shape, type(args, 1)); // values are undefined until they are set
    }
    Numbers numbers = Numbers.of(args[0]);
    if (numbers == null) {
      throw recorder.untraceable("creates an array from a " + args[0].getClass().getSimpleName());
    }
    Shape shape = args.length > 1 && args[1] instanceof Shape given ? given : numbers.shape();
    return literal(numbers.values(), shape, args.length > 2 ? type(args, 2) : numbers.type());
  }

  private NDArray arange(Number start, Number stop, Number step, DataType type) {
    double by = step.doubleValue();
    int size = (int) Math.max(0, Math.ceil((stop.doubleValue() - start.doubleValue()) / by));
    double[] values =
        DoubleStream.iterate(start.doubleValue(), value -> value + by).limit(size).toArray();
    return literal(values, new Shape(size), type);
  }

  private NDArray eye(int rows, int columns, int diagonal, DataType type) {
    double[] values = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      int column = row + diagonal;
      if (column >= 0 && column < columns) {
        values[row * columns + column] = 1;
      }
    }
    return literal(values, new Shape(rows, columns), type);
  }

  private NDArray linspace(float start, float stop, int size, boolean endpoint) {
    double[] values = new double[size];
    double parts = Math.max(1, endpoint ? size - 1 : size);
    for (int i = 0; i < size; i++) {
      values[i] = start + i * (stop - (double) start) / parts;
    }
    return literal(values, new Shape(size), DataType.FLOAT32);
  }
}
