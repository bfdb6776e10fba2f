package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.rewrite.Lowering;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.graph.internal.trace.Tracer.Argument;

/** A compiled function of arrays, through which the engine goes back. */
final class FunctionProgram implements UnaryOperator<NDList> {
  private final Modules modules;
  private final String code;

  /**
   * @param function is recorded; not kept
   * @param arguments of the shapes and types that it is compiled for
   * @param deterministic whether sums are added up in the same order in every run
   * @param modules runs methods
   */
  FunctionProgram(
      UnaryOperator<NDList> function, NDList arguments, boolean deterministic, Modules modules) {
    this.modules = modules;
    List<Argument> inputs = new ArrayList<>();
    for (NDArray argument : arguments) {
      String name = inputs.isEmpty() ? "image" : "p[" + (inputs.size() - 1) + "]";
      inputs.add(new Argument(name, argument.getShape(), argument.getDataType()));
    }
    Graph graph = Tracer.trace(inputs, Map.of(), (store, given) -> function.apply(given));
    code = String.join("\n", Script.whole(Lowering.function(graph, deterministic), name -> name));
  }

  @Override
  public NDList apply(NDList arguments) {
    // all but the first are members of one list: how DJL is told of it
    arguments.stream().skip(1).forEach(array -> array.setName(Modules.LIST));
    return modules.run(code, arguments.head().getDevice(), arguments);
  }
}
