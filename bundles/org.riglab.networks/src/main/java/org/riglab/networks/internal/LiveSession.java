package org.riglab.networks.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.OnnxRunner;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Precision;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.PassLength;
import org.riglab.networks.Session;
import org.riglab.networks.TrainedOn;
import org.riglab.tensors.HostTensor;

/** A session on the network of a slot. */
final class LiveSession implements Session {
  private final Slot slot;
  private final Slot.Use use;
  private final Assemblies assemblies;
  private final Engines engines;
  private Assembly assembly;
  private Map<String, HostTensor> kept;
  private boolean unsaved;
  private boolean frozen;
  private Compilation compilation;
  private OnnxModel onnx;

  /** What else runs networks; each is null where its bundle is missing. */
  interface Engines {
    Compiler compiler();

    Exporter exporter();

    OnnxRunner onnxRunner();
  }

  /**
   * @param slot in use by the caller
   * @param use is closed with the session; if this constructor throws, it stays open
   */
  LiveSession(Slot slot, Slot.Use use, Assemblies assemblies, Engines engines, Device device) {
    this.slot = slot;
    this.use = use;
    this.assemblies = assemblies;
    this.engines = engines;
    this.assembly = assemblies.live(slot, device);
  }

  @Override
  public NetworkSpec spec() {
    return assembly().spec();
  }

  @Override
  public List<PartInfo> parts() {
    return assembly().parts();
  }

  @Override
  public NDManager manager() {
    return assembly().manager();
  }

  @Override
  public Map<String, Parameter> state() {
    return assembly().state();
  }

  private Assembly assembly() {
    if (assembly == null) {
      throw new RigException(
          Kind.PART_FAILED, "a part of network '%s' is no longer available".formatted(slot.name()));
    }
    return assembly;
  }

  @Override
  public NDList forward(NDArray image, boolean training, int truncate, int iterations) {
    if (onnx != null) {
      return onnx.forward(assembly(), image, training);
    }
    unsaved |= training;
    return compilation == null
        ? assembly().forward(image, training, truncate, PassLength.of(iterations), null)
        : compilation.forward(assembly(), image, training, truncate, iterations);
  }

  @Override
  public NDList forward(NDArray image, PassLength length, ActivationListener activations) {
    return assembly().forward(image, length, activations);
  }

  @Override
  public NDList forward(NDArray image, boolean training, PassLength length) {
    unsaved |= training;
    return assembly().forward(image, training, 0, length, null);
  }

  @Override
  public NDList forward(NDArray image, PassLength length) {
    if (length.whole()) {
      return forward(image, false, 0);
    }
    if (onnx != null) {
      throw new RigException("execution onnx runs all iterations; use compiled or eager");
    }
    return compilation == null || length.filter().isPresent()
        ? assembly().forward(image, length, null)
        : compilation.forward(assembly(), image, length);
  }

  @Override
  public boolean stopsEarly() {
    return assembly().stopsEarly();
  }

  @Override
  public List<Long> multiplyAdds(int height, int width, int iterations) {
    Compiler compiler = engines.compiler();
    if (compiler == null) {
      throw new RigException(
          Kind.UNAVAILABLE,
          "counting multiply-adds requires the bundle org.riglab.graph, which is not installed");
    }
    return assembly().show(0, iterations, network -> compiler.multiplyAdds(network, height, width));
  }

  @Override
  public <T> T show(int iterations, Function<Blueprint, T> look) {
    return assembly().show(0, iterations, look);
  }

  @Override
  public void compile(Precision precision, boolean recompute, Consumer<String> told) {
    Compiler compiler = engines.compiler();
    if (compiler == null) {
      told.accept("not compiled, runs eagerly in float32: there is no compiler");
    } else {
      compilation = new Compilation(compiler, precision, recompute, told);
    }
  }

  @Override
  public void backward(NDArray loss, boolean replace) {
    boolean direct = compilation != null && compilation.direct();
    if (replace && !direct) {
      state().values().stream()
          .filter(Parameter::requiresGradient)
          .forEach(parameter -> JniUtils.zeroGrad((PtNDArray) parameter.getArray()));
    }
    JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
    if (compilation != null) {
      compilation.backward(replace && direct);
    }
  }

  @Override
  public void onnx(int threads) {
    OnnxRunner runner = engines.onnxRunner();
    Exporter exporter = engines.exporter();
    if (runner == null || exporter == null) {
      throw new RigException(
          Kind.UNAVAILABLE,
          "execution onnx requires the bundle org.riglab.%s, which is not installed"
              .formatted(runner == null ? "onnxruntime" : "graph"));
    }
    onnx = new OnnxModel(exporter, runner, assembly(), threads);
  }

  private void changed() {
    if (compilation != null) {
      compilation.forget();
    }
  }

  @Override
  public void freezeBatchNorm() {
    changed();
    frozen = true;
    assembly().freezeBatchNorm();
  }

  @Override
  public String blame(NDArray image, boolean training) {
    return assembly().blame(image, training);
  }

  @Override
  public boolean stale() {
    return assembly().stale();
  }

  @Override
  public void renew() {
    Device device = manager().getDevice();
    kept = assembly().values();
    NetworkSpec spec = assembly.spec();
    assembly = null;
    slot.replace(null);
    Assembly renewed = assemblies.blank(slot.name(), spec, device);
    try {
      renewed.load(WeightMatching.own(renewed.shapes(), kept, slot.file(), slot.name()));
      slot.replace(renewed);
      assembly = renewed;
    } finally {
      if (assembly == null) {
        renewed.close();
      }
    }
    if (frozen) {
      renewed.freezeBatchNorm();
    }
    changed();
    kept = null;
  }

  @Override
  public Map<String, HostTensor> values() {
    return kept == null ? assembly().values() : kept;
  }

  @Override
  public void load(Map<String, HostTensor> values) {
    unsaved = true;
    if (compilation != null) {
      compilation.changed();
    }
    assembly().load(values);
  }

  @Override
  public void load(Path file) {
    load(WeightMatching.all(assembly().shapes(), file));
  }

  @Override
  public void sweep() {
    assembly().sweep();
    if (compilation != null) {
      compilation.discard();
    }
  }

  @Override
  public void save(TrainedOn trainedOn, Map<String, Double> metrics) {
    ModelFile.of(spec(), trainedOn, parts(), metrics).write(slot.file(), assembly);
    saved();
  }

  @Override
  public void saveNonFinite(TrainedOn trainedOn) {
    ModelFile.of(spec(), trainedOn, parts(), Map.of()).writeNonFinite(slot.file(), assembly);
    saved();
  }

  private void saved() {
    slot.saved();
    unsaved = false;
  }

  @Override
  public Map<String, String> description(TrainedOn trainedOn) {
    return ModelFile.of(spec(), trainedOn, parts(), Map.of()).metadata();
  }

  @Override
  public TrainedOn trainedOn() {
    return ModelFile.read(slot.file()).trainedOn();
  }

  @Override
  public Path directory() {
    return slot.file().getParent();
  }

  @Override
  public void close() {
    changed();
    if (onnx != null) {
      onnx.close();
      onnx = null;
    }
    if (unsaved || frozen) {
      slot.replace(null);
    }
    use.close();
  }
}
