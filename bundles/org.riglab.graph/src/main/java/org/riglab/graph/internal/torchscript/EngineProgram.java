package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.Map;
import org.riglab.api.bench.Compiler.Continuation;
import org.riglab.api.bench.Compiler.Program;
import org.riglab.api.bench.Compiler.TrainingPass;
import org.riglab.graph.internal.ir.Sizes;

/** A pass of training that the engine goes back through. */
final class EngineProgram implements Program {
  private final Modules modules;
  private final ParameterList parameters = new ParameterList();
  private final String code;

  /**
   * @param sizes the pass, with types and layouts chosen
   * @param modules runs methods
   */
  EngineProgram(Sizes sizes, Modules modules) {
    this.modules = modules;
    this.code = String.join("\n", Script.whole(sizes, parameters::code));
  }

  @Override
  public String preparation() {
    return parameters.toString();
  }

  @Override
  public NDList prepare(Map<String, Parameter> state, NDManager manager) {
    return new NDList(parameters.values(state)); // batch statistics change: nothing is prepared
  }

  @Override
  public NDList run(NDArray image, NDList prepared) {
    NDList inputs = new NDList(image);
    for (NDArray value : prepared) {
      value.setName(Modules.LIST); // the same at every pass: how DJL is told of a list
      inputs.add(value);
    }
    return modules.run(code, image.getDevice(), inputs);
  }

  @Override
  public NDList run(NDArray image, NDList prepared, Continuation continuation) {
    throw new IllegalStateException("a pass of training runs as a whole");
  }

  @Override
  public TrainingPass start(NDArray image, Map<String, Parameter> state) {
    NDList logits = run(image, new NDList(parameters.values(state)));
    return new TrainingPass() {
      @Override
      public NDList logits() {
        return logits;
      }

      @Override
      public boolean direct() {
        return false;
      }

      @Override
      public void backward(boolean replace) {
        // the engine has been here on its way through the loss
      }
    };
  }
}
