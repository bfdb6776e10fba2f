package org.riglab.graph.internal.ir;

import ai.djl.ndarray.types.DataType;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One operation of a graph, with one result.
 *
 * @param id its place in the graph's list
 * @param op what it computes
 * @param inputs ids of its operands, all smaller than its own
 * @param type of the result's elements
 * @param shape of the result; empty for a scalar
 * @param layout of the result
 * @param where it was recorded
 */
public record Node(
    int id,
    Op op,
    List<Integer> inputs,
    DataType type,
    List<Long> shape,
    Layout layout,
    Where where) {
  /** Copies the lists. */
  public Node {
    inputs = List.copyOf(inputs);
    shape = List.copyOf(shape);
  }

  /**
   * @return number of elements of the result
   */
  public long elements() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  /**
   * @return size of the result
   */
  public long bytes() {
    return elements() * type.getNumOfBytes();
  }

  /**
   * @return for example {@code %7 = Convolution(%0, %6) stride=[2, 2] ... : float32(1, 64, 8, 8) #
   *     B1.t1 backbone.conv1}
   */
  @Override
  public String toString() {
    String place = where.toString();
    return place.isEmpty() ? line() : line() + " # " + place;
  }

  /**
   * @return the same without the place
   */
  public String line() {
    StringBuilder line = new StringBuilder("%" + id + " = ");
    line.append(op.getClass().getSimpleName());
    line.append(
        inputs.stream().map(input -> "%" + input).collect(Collectors.joining(", ", "(", ")")));
    for (RecordComponent component : op.getClass().getRecordComponents()) {
      try {
        line.append(' ').append(component.getName()).append('=');
        line.append(component.getAccessor().invoke(op));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("accessors of records are public and do not throw", e);
      }
    }
    line.append(" : ").append(type.name().toLowerCase(Locale.ROOT));
    line.append(shape.stream().map(String::valueOf).collect(Collectors.joining(", ", "(", ")")));
    line.append(layout == Layout.CONTIGUOUS ? "" : " " + layout);
    return line.toString();
  }
}
