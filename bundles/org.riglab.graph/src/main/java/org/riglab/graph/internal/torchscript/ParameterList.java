package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Gives parameters their places in the list that a method gets. */
final class ParameterList {
  private final List<String> names = new ArrayList<>();

  /** Code for a parameter, from its name in the state dict. */
  String code(String name) {
    if (!names.contains(name)) {
      names.add(name);
    }
    return "p[" + names.indexOf(name) + "]";
  }

  int size() {
    return names.size();
  }

  /** The parameters in the order of their places. */
  PtNDArray[] values(Map<String, Parameter> state) {
    return arrays(names.stream().map(name -> state.get(name).getArray()).toList());
  }

  static PtNDArray[] arrays(List<NDArray> list) {
    return list.toArray(PtNDArray[]::new);
  }

  @Override
  public String toString() {
    return names.toString();
  }
}
