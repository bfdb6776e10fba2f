package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.graph.internal.trace.Tracer.Argument;

/** Recordings of small functions of x, (N, 3, H, W). */
final class Traces {
  private static final Shape UNIT = new Shape(1, 1);

  private Traces() {}

  /** What a function is given beside x: parameters. */
  static final class Weights {
    private final ParameterStore store;
    private final Map<String, Parameter> all;

    private Weights(ParameterStore store, Map<String, Parameter> all) {
      this.store = store;
      this.all = all;
    }

    NDArray get(String name, long... shape) {
      Parameter parameter =
          all.computeIfAbsent(
              name,
              key ->
                  Parameter.builder()
                      .setName(key)
                      .setType(Parameter.Type.WEIGHT)
                      .optShape(new Shape(shape))
                      .build());
      return store.getValue(parameter, null, false);
    }

    /** 1x1 convolution of 3 channels. */
    NDArray convolution(String name, NDArray x) {
      return x.getNDArrayInternal()
          .convolution(x, get(name + ".weight", 3, 3, 1, 1), null, UNIT, new Shape(0, 0), UNIT, 1)
          .head();
    }

    NDArray batchNorm(String name, NDArray x, boolean training) {
      return x.getNDArrayInternal()
          .batchNorm(
              x,
              get(name + ".running_mean", 3),
              get(name + ".running_var", 3),
              get(name + ".weight", 3),
              get(name + ".bias", 3),
              -1,
              0.9f,
              1e-5f,
              training)
          .head();
    }
  }

  interface Code {
    NDList of(NDArray x, Weights weights);
  }

  static Sizes record(Function<NDArray, NDList> code, long... side) {
    return record((x, weights) -> code.apply(x), side);
  }

  /** At images of some heights, each 4 wide. */
  static Sizes record(Code code, long... heights) {
    List<Graph> graphs = new ArrayList<>();
    for (long height : heights.length == 0 ? new long[] {6} : heights) {
      Map<String, Parameter> parameters = new java.util.HashMap<>();
      graphs.add(
          Tracer.trace(
              List.of(new Argument("x", new Shape(2, 3, height, 4), DataType.FLOAT32)),
              Map.of(),
              (store, inputs) -> code.of(inputs.head(), new Weights(store, parameters))));
    }
    return new Sizes(graphs);
  }

  /** Names of the operations in order, parameters left out. */
  static String operations(Sizes sizes) {
    List<String> names = new ArrayList<>();
    for (Node node : sizes.first().nodes()) {
      if (node.op() instanceof Op.Pointwise op) {
        names.add(op.function());
      } else if (!(node.op() instanceof Op.Param)) {
        names.add(node.op().getClass().getSimpleName());
      }
    }
    return String.join(" ", names);
  }
}
