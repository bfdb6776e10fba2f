package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** How a part is tried: what is made of it, and what that is given. */
interface Probe {
  /** Lends something new that is made of the part; the same at every call but for who it is. */
  <T> T lend(DataType type, Device device, Function<Trial, T> use);

  /** Shapes of the inputs, which are never square and never even. */
  List<Shape> inputs();

  /** Shapes of inputs for which it is run hundreds of times. */
  default List<Shape> small() {
    return inputs();
  }

  /** Shapes of other inputs to the same parameters. */
  List<Shape> others();

  /** Shapes of inputs that are large enough for a leak of one to be seen. */
  List<Shape> large();

  /** The types in which it can be lent. */
  default Set<DataType> types() {
    return Set.of(DataType.FLOAT32, DataType.FLOAT64);
  }

  /** What an input is called. */
  String name(int input);

  /** What there is to look at in a result; says what is wrong if it has not the right form. */
  List<NDArray> results(NDList result);

  /** Normal numbers of given shapes. */
  static NDArray[] arrays(NDManager manager, DataType type, long seed, List<Shape> shapes) {
    NDArray[] arrays = new NDArray[shapes.size()];
    for (int i = 0; i < arrays.length; i++) {
      arrays[i] = Numbers.normal(manager, type, seed + i, shapes.get(i).getShape());
    }
    return arrays;
  }

  /** Shapes with the inputs' names. */
  default String words(List<Shape> shapes) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < shapes.size(); i++) {
      words.append(i == 0 ? "" : ", ").append(name(i)).append(' ').append(shapes.get(i));
    }
    return words.toString();
  }
}
