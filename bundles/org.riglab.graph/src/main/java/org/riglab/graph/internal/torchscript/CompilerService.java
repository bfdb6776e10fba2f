package org.riglab.graph.internal.torchscript;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.riglab.api.RigException;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Precision;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Passes;
import org.riglab.graph.internal.rewrite.Rewrites;
import org.riglab.graph.internal.torchscript.Modules.Arrays;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.graph.internal.trace.Tracer.Argument;

/** Compiles to TorchScript. */
@Component
public final class CompilerService implements Compiler {
  private final Modules modules = new Modules();
  private final Map<DataType, Boolean> fusing = new ConcurrentHashMap<>();

  @Override
  public Program compile(Blueprint network, Shape image, Options options) {
    Graph graph =
        Tracer.trace(
            network,
            (int) image.get(0),
            (int) image.get(2),
            (int) image.get(3),
            options.training());
    DataType type = type(options.precision());
    if (!options.training()) {
      boolean host =
          network.state().values().stream()
              .noneMatch(parameter -> parameter.getArray().getDevice().isGpu());
      boolean fuses = host && fusing.computeIfAbsent(type, this::fuses);
      return new Forward(graph, type, fuses ? Script.Mode.FUSED : Script.Mode.FORWARD);
    }
    graph = Rewrites.plain(new Passes(List.of(graph))).first();
    try {
      return new Recorded(graph, type, options.recompute());
    } catch (RigException e) {
      if (options.recompute()) {
        throw new RigException("cannot be computed again on the way back: " + e.getMessage());
      }
      return new Learned(graph, type);
    }
  }

  @Override
  public UnaryOperator<NDList> compile(UnaryOperator<NDList> function, NDList arguments) {
    List<Argument> inputs = new ArrayList<>();
    for (NDArray argument : arguments) {
      String name = inputs.isEmpty() ? "image" : "p[" + (inputs.size() - 1) + "]";
      inputs.add(new Argument(name, argument.getShape(), argument.getDataType()));
    }
    Graph traced = Tracer.trace(inputs, Map.of(), (store, given) -> function.apply(given));
    Graph graph = Rewrites.plain(new Passes(List.of(traced))).first();
    Script script = Script.of(graph, DataType.FLOAT32, Script.Mode.PLAIN, name -> name);
    String code = String.join("\n", script.method(List.of()));
    return given -> modules.run(code, given.head().getDevice(), listed(given));
  }

  /** All but the first are members of one list: how DJL is told of it. */
  private static NDList listed(NDList arguments) {
    arguments.stream().skip(1).forEach(array -> array.setName(Modules.LIST));
    return arguments;
  }

  /** Tries whether oneDNN convolves in a type on this processor; it says so only by failing. */
  private boolean fuses(DataType type) {
    String code =
        """
        x = torch.to(image, %d)
        y = ops.mkldnn._convolution_pointwise(x, x, None, [0, 0], [1, 1], [1, 1], 1, "relu", \
        annotate(List[Optional[number]], []), "")
        return [y]"""
            .formatted(Script.code(type));
    try (NDManager manager = Engine.getInstance().newBaseManager(Device.cpu())) {
      PtNDArray image = (PtNDArray) manager.ones(new Shape(1, 1, 1, 1));
      modules.run(code, image, new Arrays("p", image));
      return true;
    } catch (EngineException e) {
      return false;
    }
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

  /** Gives parameters their places in the list that a method gets. */
  private static final class Places {
    private final List<String> names = new ArrayList<>();

    String code(String name) {
      if (!names.contains(name)) {
        names.add(name);
      }
      return "p[" + names.indexOf(name) + "]";
    }

    PtNDArray[] values(Map<String, Parameter> state) {
      return names.stream()
          .map(name -> (PtNDArray) state.get(name).getArray())
          .toArray(PtNDArray[]::new);
    }
  }

  /** A pass that nobody goes back through. */
  private final class Forward implements Program {
    private final Places places = new Places();
    private final Preparation preparation;
    private final String code;

    Forward(Graph graph, DataType type, Script.Mode mode) {
      Script script = Script.of(Rewrites.inference(graph), type, mode, places::code);
      preparation = new Preparation(script.method(List.of()));
      code = String.join("\n", preparation.rest());
    }

    @Override
    public String preparation() {
      return places.names + "\n" + String.join("\n", preparation.lines());
    }

    @Override
    public NDList prepare(Map<String, Parameter> state, NDManager manager) {
      PtNDArray[] values = places.values(state);
      NDList all = new NDList(values);
      if (preparation.makes() > 0) {
        String lines = String.join("\n", preparation.lines());
        try (NDManager passing = manager.newSubManager()) {
          PtNDArray nothing = (PtNDArray) passing.create(0f);
          NDList made = modules.run(lines, nothing, new Arrays("p", values));
          made.attach(manager);
          all.addAll(made);
        }
      }
      return all;
    }

    @Override
    public NDList run(NDArray image, NDList prepared) {
      PtNDArray[] all = prepared.toArray(PtNDArray[]::new);
      int given = places.names.size();
      return modules.run(
          code,
          (PtNDArray) image,
          new Arrays("p", java.util.Arrays.copyOf(all, given)),
          new Arrays("c", java.util.Arrays.copyOfRange(all, given, all.length)));
    }

    @Override
    public Pass start(NDArray image, Map<String, Parameter> state) {
      throw new IllegalStateException("a pass of evaluation has no way back");
    }
  }

  /** A pass of training: batch statistics change, so that nothing is prepared. */
  private abstract static class Training implements Program {
    final Places places = new Places();

    @Override
    public final String preparation() {
      return places.names.toString();
    }

    @Override
    public final NDList prepare(Map<String, Parameter> state, NDManager manager) {
      return new NDList(places.values(state));
    }
  }

  /** A pass of training that the engine goes back through. */
  private final class Learned extends Training {
    private final String code;

    Learned(Graph graph, DataType type) {
      Script script = Script.of(graph, type, Script.Mode.PLAIN, places::code);
      code = String.join("\n", script.method(List.of()));
    }

    @Override
    public NDList run(NDArray image, NDList prepared) {
      NDList inputs = new NDList(image);
      inputs.addAll(prepared);
      return modules.run(code, image.getDevice(), listed(inputs));
    }

    @Override
    public Pass start(NDArray image, Map<String, Parameter> state) {
      NDList logits = run(image, new NDList(places.values(state)));
      return new Pass() {
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

  /** A pass of training with its own way back. */
  private final class Recorded extends Training {
    private final String forward;
    private final String add;
    private final String replace;
    private final Set<String> learning;
    private final int predictions;

    Recorded(Graph graph, DataType type, boolean recompute) {
      Script script = Script.of(graph, type, Script.Mode.RECORDED, places::code);
      Adjoint adjoint = new Adjoint(script, recompute, false);
      forward = String.join("\n", script.method(adjoint.saved()));
      add = String.join("\n", adjoint.lines());
      replace = String.join("\n", new Adjoint(script, recompute, true).lines());
      learning = Set.copyOf(adjoint.parameters());
      predictions = graph.outputs().size();
    }

    private NDList forward(NDArray image, PtNDArray... values) {
      return modules.run(forward, (PtNDArray) image, new Arrays("p", values));
    }

    @Override
    public NDList run(NDArray image, NDList prepared) {
      NDList all = forward(image, arrays(prepared));
      NDList logits = new NDList(all.subList(0, predictions));
      all.subList(predictions, all.size()).forEach(NDArray::close);
      return logits;
    }

    @Override
    public Pass start(NDArray image, Map<String, Parameter> state) {
      NDList all = forward(image, places.values(state));
      NDList logits = new NDList();
      for (NDArray made : all.subList(0, predictions)) {
        // a copy, as the engine finds no gradients of what was made without
        NDArray copy = made.duplicate();
        made.close();
        copy.setRequiresGradient(true);
        logits.add(copy);
      }
      PtNDArray[] saved = arrays(all.subList(predictions, all.size()));
      PtNDArray[] parameters = places.values(state);
      return new Pass() {
        @Override
        public NDList logits() {
          return logits;
        }

        @Override
        public boolean direct() {
          return true;
        }

        @Override
        public void backward(boolean fresh) {
          state.forEach(
              (name, parameter) -> {
                PtNDArray value = (PtNDArray) parameter.getArray();
                if (learning.contains(name)) {
                  ready(value);
                } else if (fresh && parameter.requiresGradient()) {
                  JniUtils.zeroGrad(value);
                }
              });
          PtNDArray[] gradients = arrays(logits.stream().map(Recorded::gradient).toList());
          modules
              .run(
                  fresh ? replace : add,
                  (PtNDArray) image,
                  new Arrays("p", parameters),
                  new Arrays("s", saved),
                  new Arrays("g", gradients))
              .close();
          for (PtNDArray array : saved) {
            array.close();
          }
        }
      };
    }

    private static PtNDArray[] arrays(List<NDArray> list) {
      return list.toArray(PtNDArray[]::new);
    }

    /** A prediction that the loss leaves out has no gradient. */
    private static NDArray gradient(NDArray logits) {
      PtNDArray gradient = JniUtils.getGradient((PtNDArray) logits);
      if (gradient == null) {
        return logits.zerosLike();
      }
      gradient.attach(logits.getManager());
      return gradient;
    }

    /** The engine has no gradient for a parameter before its first pass. */
    private static void ready(PtNDArray parameter) {
      PtNDArray gradient = JniUtils.getGradient(parameter);
      if (gradient != null) {
        gradient.close();
        return;
      }
      boolean before = JniUtils.isGradMode();
      JniUtils.setGradMode(true);
      try (PtNDArray sum = parameter.sum();
          PtNDArray nothing = (PtNDArray) sum.zerosLike()) {
        JniUtils.backward(sum, nothing, false, false);
      } finally {
        JniUtils.setGradMode(before);
      }
    }
  }
}
