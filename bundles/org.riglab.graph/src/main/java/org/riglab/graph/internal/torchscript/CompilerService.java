package org.riglab.graph.internal.torchscript;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.riglab.api.RigException;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Precision;
import org.riglab.graph.internal.analysis.Counts;
import org.riglab.graph.internal.backward.Joint;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.rewrite.Lowering;
import org.riglab.graph.internal.torchscript.Modules.Arrays;
import org.riglab.graph.internal.trace.Tracer;

/** Compiles to TorchScript. */
@Component
public final class CompilerService implements Compiler {
  private final Modules modules = new Modules();
  private final Map<DataType, Boolean> fusing = new ConcurrentHashMap<>();

  @Override
  public Program compile(Blueprint network, Shape image, Options options) {
    DataType type = type(options.precision());
    Graph graph = trace(network, image, options);
    if (!options.training()) {
      return new ForwardProgram(Lowering.inference(graph, type, fuses(network, type)), modules);
    }
    try {
      return new JointProgram(
          joint(network, graph, options, true), joint(network, graph, options, false), modules);
    } catch (RigException e) {
      if (options.recompute()) {
        throw new RigException("cannot be computed again on the way back: " + e.getMessage(), e);
      }
      return new EngineProgram(Lowering.engine(graph, type), modules);
    }
  }

  @Override
  public String graph(Blueprint network, Shape image, Options options) {
    Graph graph = trace(network, image, options);
    DataType type = type(options.precision());
    return options.training()
        ? Listing.of(joint(network, graph, options, true))
        : Listing.of(Lowering.inference(graph, type, fuses(network, type)).first());
  }

  @Override
  public List<Long> multiplyAdds(Blueprint network, int height, int width) {
    Graph graph = Tracer.trace(network, 1, height, width, false);
    return new Counts(graph).upToEachOutput();
  }

  private static Graph trace(Blueprint network, Shape image, Options options) {
    return Tracer.trace(
        network, (int) image.get(0), (int) image.get(2), (int) image.get(3), options.training());
  }

  private static Joint joint(Blueprint network, Graph graph, Options options, boolean replace) {
    boolean host = host(network);
    return Joint.of(
        Lowering.training(graph, type(options.precision()), host),
        replace,
        options.recompute(),
        options.deterministic() || !host);
  }

  private static boolean host(Blueprint network) {
    return network.state().values().stream()
        .noneMatch(parameter -> parameter.getArray().getDevice().isGpu());
  }

  private boolean fuses(Blueprint network, DataType type) {
    return host(network) && fusing.computeIfAbsent(type, this::fuses);
  }

  @Override
  public UnaryOperator<NDList> compile(
      UnaryOperator<NDList> function, NDList arguments, boolean deterministic) {
    return new FunctionProgram(function, arguments, deterministic, modules);
  }

  /** Tries whether oneDNN convolves in a type on this processor; it says so only by failing. */
  private boolean fuses(DataType type) {
    String code =
        """
        x = torch.to(image, %d)
        y = ops.mkldnn._convolution_pointwise(x, x, None, [0, 0], [1, 1], [1, 1], 1, "relu", \
        annotate(List[Optional[number]], []), "")
        return [y]\
        """
            .formatted(Literals.code(type));
    try (NDManager manager = Engine.getInstance().newBaseManager(Device.cpu())) {
      PtNDArray image = (PtNDArray) manager.ones(new Shape(1, 1, 1, 1));
      modules.run(code, image, new Arrays("p", image));
      return true;
    } catch (EngineException e) {
      return false;
    }
  }

  static DataType type(Precision precision) {
    return switch (precision) {
      case FP32 -> DataType.FLOAT32;
      case BF16 -> DataType.BFLOAT16;
      case FP16 -> DataType.FLOAT16;
      case AUTO -> throw new IllegalArgumentException("AUTO must be resolved by the caller");
    };
  }

  /** For declarative services. */
  @Deactivate
  public void close() {
    modules.close();
  }
}
