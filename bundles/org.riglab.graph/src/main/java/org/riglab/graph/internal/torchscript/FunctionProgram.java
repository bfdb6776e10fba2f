package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.NDList;
import java.util.function.UnaryOperator;

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
    boolean host = !arguments.head().getDevice().isGpu();
    code = String.join("\n", FunctionScript.lines(function, arguments, deterministic, host));
  }

  @Override
  public NDList apply(NDList arguments) {
    // all but the first are members of one list: how DJL is told of it
    arguments.stream().skip(1).forEach(array -> array.setName(Modules.LIST));
    return modules.run(code, arguments.head().getDevice(), arguments);
  }
}
