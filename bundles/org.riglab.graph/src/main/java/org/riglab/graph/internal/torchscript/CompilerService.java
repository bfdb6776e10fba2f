package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Precision;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.trace.Tracer;

/** Compiles to TorchScript. */
@Component
public final class CompilerService implements Compiler {
  private final Modules modules = new Modules();

  @Override
  public Program compile(Blueprint network, Shape image, boolean training, Precision precision) {
    Graph graph =
        Tracer.trace(network, (int) image.get(0), (int) image.get(2), (int) image.get(3), training);
    List<String> parameters = new ArrayList<>();
    List<String> lines =
        Script.lines(
            graph,
            type(precision),
            name -> {
              if (!parameters.contains(name)) {
                parameters.add(name);
              }
              return "p[" + parameters.indexOf(name) + "]";
            });
    return new Compiled(String.join("\n", lines), List.copyOf(parameters), training);
  }

  private static DataType type(Precision precision) {
    return switch (precision) {
      case FP32 -> DataType.FLOAT32;
      case BF16 -> DataType.BFLOAT16;
      case FP16 -> DataType.FLOAT16;
      case AUTO -> throw new IllegalArgumentException("AUTO is for whoever asks to resolve");
    };
  }

  /** For declarative services. */
  @Deactivate
  public void close() {
    modules.close();
  }

  /** Code and the names of the parameters that go with it; the module is the cache's. */
  private final class Compiled implements Program {
    private final String code;
    private final List<String> parameters;
    private final boolean training;

    Compiled(String code, List<String> parameters, boolean training) {
      this.code = code;
      this.parameters = parameters;
      this.training = training;
    }

    @Override
    public NDList run(NDArray image, Map<String, Parameter> state) {
      NDList inputs = new NDList(image);
      for (String name : parameters) {
        NDArray value = state.get(name).getArray();
        value.setName(Modules.LIST); // the same at every pass: how DJL is told of a list
        inputs.add(value);
      }
      return modules.run(code, image.getDevice(), inputs, training);
    }
  }
}
