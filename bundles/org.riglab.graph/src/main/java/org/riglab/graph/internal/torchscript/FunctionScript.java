package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.rewrite.Lowering;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.graph.internal.trace.Tracer.Argument;
import org.riglab.nn.script.Archive;
import org.riglab.nn.script.Method;

/** A function of arrays as TorchScript: of {@code image} and {@code p}, the list of the others. */
public final class FunctionScript {
  private FunctionScript() {}

  /**
   * @param function is recorded; not kept
   * @param arguments of the shapes and types that it is written for
   * @param deterministic whether sums are added up in the same order in every run
   * @param host whether for a processor
   * @return the lines of the method, which returns a list
   */
  static List<String> lines(
      UnaryOperator<NDList> function, NDList arguments, boolean deterministic, boolean host) {
    List<Argument> inputs = new ArrayList<>();
    for (NDArray argument : arguments) {
      String name = inputs.isEmpty() ? "image" : "p[" + (inputs.size() - 1) + "]";
      inputs.add(new Argument(name, argument.getShape(), argument.getDataType()));
    }
    Graph graph = Tracer.trace(inputs, Map.of(), (store, given) -> function.apply(given));
    return Script.whole(Lowering.function(graph, deterministic, host), name -> name);
  }

  /**
   * @param function is recorded; not kept
   * @param arguments of the shapes and types that it is written for
   * @param out gets the archive; stays open
   * @throws org.riglab.api.RigException if something cannot be traced; names operation and class
   * @throws IOException if it cannot be written
   */
  public static void write(UnaryOperator<NDList> function, NDList arguments, OutputStream out)
      throws IOException {
    Method forward =
        new Method(
            "forward",
            List.of("image: Tensor", "p: List[Tensor]"),
            "List[Tensor]",
            lines(function, arguments, false, false));
    new Archive(List.of(forward), Map.of()).write(out);
  }
}
