package org.riglab.graph.internal.trace;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.function.IntFunction;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Values;

/**
 * Values that Java code makes an array from.
 *
 * @param values row by row
 * @param shape of the array
 * @param type of its elements
 */
@SuppressWarnings("ArrayRecordComponent") // passed on at once; Values copies and compares
record Numbers(double[] values, Shape shape, DataType type) {
  /**
   * @param data a number, a boolean, an array of primitives with one or two axes, or a buffer
   * @return its values, or null if it is something else
   */
  static Numbers of(Object data) {
    if (data instanceof Number || data instanceof Boolean) {
      DataType type = type(data.getClass());
      return type == null ? null : new Numbers(new double[] {value(data)}, new Shape(), type);
    } else if (data instanceof FloatBuffer floats) {
      return buffer(floats.remaining(), DataType.FLOAT32, floats.slice()::get);
    } else if (data instanceof DoubleBuffer doubles) {
      return buffer(doubles.remaining(), DataType.FLOAT64, doubles.slice()::get);
    } else if (data instanceof IntBuffer ints) {
      return buffer(ints.remaining(), DataType.INT32, ints.slice()::get);
    } else if (data instanceof LongBuffer longs) {
      return buffer(longs.remaining(), DataType.INT64, longs.slice()::get);
    } else if (data instanceof ByteBuffer bytes) {
      return buffer(bytes.remaining(), DataType.INT8, bytes.slice()::get);
    }
    Class<?> element = data.getClass().getComponentType();
    if (element == null) {
      return null;
    }
    int rows = Array.getLength(data);
    if (element.isPrimitive()) {
      double[] values = new double[rows];
      for (int i = 0; i < rows; i++) {
        values[i] = value(Array.get(data, i));
      }
      DataType type = type(Array.get(Array.newInstance(element, 1), 0).getClass());
      return type == null ? null : new Numbers(values, new Shape(rows), type);
    } else if (element.isArray() && element.getComponentType().isPrimitive() && rows > 0) {
      int columns = Array.getLength(Array.get(data, 0));
      double[] values = new double[rows * columns];
      DataType type = null;
      for (int i = 0; i < rows; i++) {
        Numbers row = of(Array.get(data, i));
        if (row == null) {
          return null;
        }
        type = row.type;
        System.arraycopy(row.values, 0, values, i * columns, columns);
      }
      return new Numbers(values, new Shape(rows, columns), type);
    }
    return null;
  }

  /** The same values as a node's operation. */
  Op literal() {
    return new Op.Literal(new Values(values));
  }

  private static Numbers buffer(int size, DataType type, IntFunction<Number> at) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = at.apply(i).doubleValue();
    }
    return new Numbers(values, new Shape(size), type);
  }

  private static double value(Object element) {
    return element instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) element).doubleValue();
  }

  private static DataType type(Class<?> boxed) {
    if (boxed == Float.class) {
      return DataType.FLOAT32;
    } else if (boxed == Double.class) {
      return DataType.FLOAT64;
    } else if (boxed == Integer.class) {
      return DataType.INT32;
    } else if (boxed == Long.class) {
      return DataType.INT64;
    } else if (boxed == Byte.class) {
      return DataType.INT8;
    }
    return boxed == Boolean.class ? DataType.BOOLEAN : null;
  }
}
