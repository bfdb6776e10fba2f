package org.riglab.networks.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.ImportSpec.Outputs;
import org.riglab.tensors.HostTensor;

/**
 * Which output of a file is which class of a network.
 *
 * @param axes the axis of the classes, by the names of the network's parameters that have one
 * @param sources the output of the file for each class
 * @param outputs number of outputs that the file must have; the least number if {@code more}
 * @param more whether the file may have more outputs, which are dropped
 */
record OutputMap(Map<String, Integer> axes, List<Integer> sources, int outputs, boolean more) {
  /** The file's order is the network's. */
  static OutputMap none() {
    return new OutputMap(Map.of(), List.of(), 0, false);
  }

  /**
   * @param asked by the user
   * @param classes of the network
   * @param axes see above
   * @throws RigException if the labels are not each class of the network once
   */
  static OutputMap of(Outputs asked, int classes, Map<String, Integer> axes) {
    List<Integer> labels =
        asked.labels().isEmpty() ? IntStream.range(0, classes).boxed().toList() : asked.labels();
    List<Integer> sources = new ArrayList<>();
    for (int label = 0; label < classes; label++) {
      int first = labels.indexOf(label);
      if (first < 0 || first != labels.lastIndexOf(label)) {
        throw new RigException(
            "%s output of the file is class %d of the network; expected one output for each of its %d classes"
                .formatted(first < 0 ? "no" : "more than one", label, classes));
      }
      sources.add(first);
    }
    for (int label : labels) {
      if (label != Outputs.NONE && (label < 0 || label >= classes)) {
        throw new RigException(
            "class %d is not one of the network, which has 0 to %d".formatted(label, classes - 1));
      }
    }
    if (axes.isEmpty()) {
      throw new RigException(
          "the classes cannot be mapped: no parameter of the network's head belongs to single"
              + " classes; the head must end in a convolution or linear layer with one output per"
              + " class");
    }
    return new OutputMap(axes, sources, labels.size(), asked.dropRest());
  }

  /** Whether a tensor of the file is one of the network with other classes. */
  boolean fits(List<Long> file, List<Long> network, String name) {
    Integer axis = axes.get(name);
    if (axis == null || file.size() != network.size()) {
      return false;
    }
    List<Long> same = new ArrayList<>(file);
    same.set(axis, network.get(axis));
    return same.equals(network);
  }

  /**
   * @param file for the message
   * @param source name in the file of a tensor that {@link #fits}
   * @param shape in the file
   * @param name in the network
   * @throws RigException if the file has another number of outputs than was stated
   */
  void check(Path file, String source, List<Long> shape, String name) {
    long found = shape.get(axes.get(name));
    if (found < outputs || found > outputs && !more) {
      throw new RigException(
          "%s: %s has %d outputs, but %d are mapped%s"
              .formatted(
                  file,
                  source,
                  found,
                  outputs,
                  found > outputs ? "; --extra-outputs drop leaves out the others" : ""));
    }
  }

  /** The classes of the network, of a tensor of the file that {@link #fits}. */
  HostTensor mapped(HostTensor tensor, String name) {
    int axis = axes.get(name);
    List<Long> shape = new ArrayList<>(tensor.shape());
    int many = Math.toIntExact(shape.get(axis));
    int few = sources.size();
    shape.set(axis, (long) few);
    int inner = inner(shape, axis);
    float[] values = new float[tensor.values().length / many * few];
    for (int from = 0; from < values.length; from += inner) {
      int block = from / inner;
      int at = (block / few * many + sources.get(block % few)) * inner;
      System.arraycopy(tensor.values(), at, values, from, inner);
    }
    return new HostTensor(shape, values);
  }

  /** How many values lie behind one index of an axis. */
  static int inner(List<Long> shape, int axis) {
    return Math.toIntExact(
        shape.subList(axis + 1, shape.size()).stream().reduce(1L, (a, b) -> a * b));
  }
}
