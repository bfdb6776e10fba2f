package org.riglab.networks.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.bench.Bench;
import org.riglab.api.bench.Blueprints;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.OnnxRunner;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.Registry;
import org.riglab.api.data.ClassTable;
import org.riglab.api.network.Stage;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.EvaluationLogits;
import org.riglab.networks.Home;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Randomness;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.PartEvents;
import org.riglab.parts.RecordOptions;
import org.riglab.tensors.AtomicFile;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Json;
import org.riglab.tensors.Safetensors;
import org.riglab.tensors.TensorFile;
import org.riglab.tensors.TensorFiles;

/**
 * The bench. A network's truth is its file; the copy in memory is let go when one of its parts
 * retires, and made anew from the newest parts at the next use.
 */
@Component
public final class BenchService implements Bench, Blueprints, Sessions, PartEvents.Listener {
  private static final String SAFETENSORS = "safetensors";
  private static final String NAMES = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  private final Registry registry;
  private final PartEvents events;
  private final Path home;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Compiler compiler;

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Exporter exporter;

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile OnnxRunner onnxRunner;

  /** For declarative services. */
  @Activate
  public BenchService(
      BundleContext context, @Reference Registry registry, @Reference PartEvents events) {
    this(Home.of(context), registry, events);
  }

  BenchService(Path home, Registry registry, PartEvents events) {
    this.home = home;
    this.registry = registry;
    this.events = events;
    events.add(this);
  }

  @Deactivate
  void close() {
    events.remove(this);
    slots.values().forEach(Slot::letGo);
  }

  @Override
  public Path home() {
    return home;
  }

  @Override
  public NetworkSpec spec(Map<String, ?> json, String where) {
    return HeadSpecs.resolved(Specs.asked(json, where), registry);
  }

  @Override
  public String json(NetworkSpec spec) {
    return Json.text(RecordOptions.values(spec));
  }

  @Override
  @SuppressWarnings("try") // the use is held, not used
  public Network assemble(String name, NetworkSpec spec, boolean replace) {
    if (!name.matches(NAMES)) {
      throw new RigException(
          "'%s' is no name for a network; right would be letters, digits, dot, dash and underscore"
              .formatted(name));
    }
    Specs.check(spec);
    Slot slot = slot(name);
    try (Use use = slot.use("assemble")) {
      if (Files.exists(slot.file) && !replace) {
        throw new RigException(
            "there is a network '%s' already; swap changes its parts, --replace starts it anew"
                .formatted(name));
      }
      Assembly assembly = build(name, spec, Device.cpu());
      try {
        slot.refuseIfAbandoned();
        Parked.discard(slot.file);
        ModelFile.of(assembly.spec(), TrainedOn.nothing(spec.classes()), assembly.parts(), Map.of())
            .write(slot.file, assembly);
        slot.replace(assembly);
        assembly = null;
      } finally {
        if (assembly != null) {
          assembly.close();
        }
      }
    }
    return new Handle(slot);
  }

  @Override
  public List<String> networks() {
    Path models = home.resolve("models");
    if (!Files.isDirectory(models)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(models)) {
      return files
          .filter(file -> Files.exists(file.resolve(ModelFile.NAME)))
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new RigException("cannot list " + models + ": " + AtomicFile.reason(e), e);
    }
  }

  @Override
  public Network network(String name) {
    return new Handle(existing(name));
  }

  @Override
  @SuppressWarnings("try") // the use is held, not used
  public Transfer swap(String name, NetworkSpec spec) {
    Slot slot = existing(name);
    try (Use use = slot.use("swap")) {
      ModelFile model = ModelFile.read(slot.file);
      if (!spec.unroll().equals(model.spec().unroll())
          || !spec.feedback().equals(model.spec().feedback())) {
        Specs.check(spec);
      }
      Assembly changed = build(name, spec, slot.device());
      try {
        slot.refuseIfAbandoned();
        Transfer transfer = keep(changed, slot.spec(), slot.file);
        TrainedOn trainedOn =
            spec.classes() == model.spec().classes()
                ? model.trainedOn()
                : TrainedOn.nothing(spec.classes());
        ModelFile.of(changed.spec(), trainedOn, changed.parts(), Map.of())
            .write(slot.file, changed);
        slot.replace(changed);
        changed = null;
        return transfer;
      } finally {
        if (changed != null) {
          changed.close();
        }
      }
    }
  }

  @Override
  @SuppressWarnings("try") // the use is held, not used
  public void discard(String name) {
    Slot slot = existing(name);
    try (Use use = slot.use("discard")) {
      slot.letGo();
      delete(slot.file.getParent());
    }
    slots.remove(name, slot);
  }

  @Override
  public void release(String name) {
    existing(name).letGoIdle(part -> true);
  }

  @Override
  public void abandon(String name) {
    Slot slot = slots.remove(name);
    if (slot != null) {
      slot.abandon();
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new RigException("cannot delete " + directory + ": " + AtomicFile.reason(e), e);
    }
  }

  /** Keeps what fits, restores what went with a part that is back, parks what has no place. */
  private static Transfer keep(Assembly changed, NetworkSpec spec, Path file) {
    try (TensorFile before = Safetensors.open(file);
        Parked parked = new Parked(file)) {
      Transfer transfer = fit(changed, before, parked);
      parked.add(before, spec, changed.shapes());
      return transfer;
    }
  }

  private static Transfer fit(Assembly changed, TensorFile before, Parked parked) {
    Map<String, List<Long>> source = Weights.shapes(before);
    Weights.Matched matched = Weights.match(changed.shapes(), source);
    changed.load(matched.values(before::floats));
    Map<String, HostTensor> restored = new LinkedHashMap<>();
    changed
        .shapes()
        .forEach(
            (name, shape) -> {
              if (!shape.equals(source.get(name)) && parked.has(changed.spec(), name, shape)) {
                restored.put(name, parked.floats(changed.spec(), name, shape));
              }
            });
    changed.load(restored);
    return matched.transfer().restored(restored.keySet());
  }

  @Override
  public Import importWeights(String name, Path file, ImportSpec spec) {
    try (LiveSession session = open(name, "import", slot(name).device());
        TensorFile source = TensorFiles.open(file)) {
      Assembly assembly = session.assembly();
      ImportPlan plan =
          new ImportPlan(file, source, assembly.shapes(), assembly.firstConvolution(), spec);
      TrainedOn trainedOn = session.trainedOn();
      String taken = "";
      if (plan.complete()) {
        Optional<TrainedOn> known = ModelFile.trainedOn(source.metadata(), file.toString());
        if (known.isPresent() && known.get().classes().size() == trainedOn.classes().size()) {
          trainedOn = known.get();
          taken = trainedOn.dataset().name();
        }
      }
      Optional<Normalization> pixels =
          switch (spec.pixels()) {
            case FILE -> ModelFile.normalization(source.metadata(), file.toString());
            case TORCHVISION -> Optional.of(Normalization.IMAGENET);
            case CAFFE -> Optional.of(Normalization.CAFFE);
          };
      session.load(plan.values(assembly::floats));
      trainedOn = pixels.map(trainedOn::with).orElse(trainedOn);
      session.save(trainedOn);
      boolean said = pixels.isPresent() || !taken.isEmpty();
      return plan.report(taken, said ? trainedOn.normalization().words() : "");
    }
  }

  @Override
  public void exportWeights(String name, Path file) {
    Slot slot = existing(name);
    try (Safetensors model = Safetensors.open(slot.file)) {
      Map<String, String> metadata = new LinkedHashMap<>(model.metadata());
      metadata.put("format", "pt"); // what Python's readers expect of PyTorch's names and shapes
      metadata.put(ModelFile.DIGEST, model.sha256());
      Safetensors.write(file, Weights.shapes(model), key -> model.floats(key).values(), metadata);
    }
  }

  @Override
  public void export(String name, String format, Path file) {
    if (format.equals(SAFETENSORS)) {
      exportWeights(name, file);
      return;
    }
    Exporter present = exporter;
    List<String> formats = new ArrayList<>(List.of(SAFETENSORS));
    if (present != null) {
      formats.addAll(present.formats());
    }
    if (!formats.contains(format)) {
      throw new RigException(
          "cannot export '%s'; possible is %s".formatted(format, String.join(", ", formats)));
    }
    show(
        name,
        network -> {
          AtomicFile.write(file, out -> present.write(network, format, true, out));
          return null;
        });
  }

  @Override
  public void forward(NetworkSpec spec, Path weights, Path input, Path output) {
    HostTensor image;
    try (Safetensors batch = Safetensors.open(input)) {
      image = EvaluationLogits.image(batch, input);
    }
    try (Session session = open(spec, Torch.device("auto"))) {
      session.load(weights);
      Safetensors.write(
          output,
          EvaluationLogits.of(session, image, array -> session.forward(array, false)),
          Map.of());
    }
  }

  @Override
  public Prediction predict(String name, Image image, List<String> maps, Inference inference) {
    try (LiveSession session = open(name, "predict", slot(name).device())) {
      return session.predict(image, maps, inference);
    }
  }

  @Override
  public <T> T show(String network, Function<Blueprint, T> look) {
    return existing(network).peek(assembly -> assembly.show(look));
  }

  @Override
  public Session open(NetworkSpec spec, Device device) {
    return nameless("without a name", spec, device);
  }

  private LiveSession nameless(String name, NetworkSpec spec, Device device) {
    Slot slot = new Slot(name, home);
    slot.replace(build(slot.name, spec, device));
    return new LiveSession(slot, slot.use("its maker"), device) {
      @Override
      public void close() {
        slot.letGo();
        super.close();
      }
    };
  }

  @Override
  public Variant variant(String network, NetworkSpec spec, Device device) {
    Path file = existing(network).file;
    TrainedOn trainedOn = ModelFile.read(file).trainedOn();
    LiveSession session = nameless("variant of " + network, spec, device);
    boolean done = false;
    try (TensorFile source = Safetensors.open(file);
        Parked parked = new Parked(file)) {
      Transfer transfer = fit(session.assembly(), source, parked);
      done = true;
      return new Variant(session, transfer, trainedOn);
    } finally {
      if (!done) {
        session.close();
      }
    }
  }

  @Override
  public LiveSession open(String network, String user, Device device) {
    Slot slot = existing(network);
    Use use = slot.use(user);
    boolean opened = false;
    try {
      LiveSession session = new LiveSession(slot, use, device);
      opened = true;
      return session;
    } finally {
      if (!opened) {
        use.close();
      }
    }
  }

  @Override
  public void retiring(long bundleId) {
    letGo(part -> part.bundleId() == bundleId);
  }

  @Override
  public void gone(PartInfo gone) {
    letGo(
        part ->
            part.bundleId() == gone.bundleId()
                && part.kind().equals(gone.kind())
                && part.name().equals(gone.name()));
  }

  private void letGo(Predicate<PartInfo> which) {
    for (Slot slot : slots.values()) {
      slot.letGoIdle(which);
    }
  }

  private Assembly build(String name, NetworkSpec spec, Device device) {
    return new Assembly(spec, registry, events, "network " + name, device);
  }

  /** A network whose parameters have no values yet: all of them are loaded next. */
  private Assembly blank(String name, NetworkSpec spec, Device device) {
    return new Assembly(spec, Parts.of(registry), events, "network " + name, device, false);
  }

  private Slot slot(String name) {
    return slots.computeIfAbsent(
        name, key -> new Slot(key, home.resolve("models").resolve(key).resolve(ModelFile.NAME)));
  }

  private Slot existing(String name) {
    if (name.matches(NAMES)) {
      Slot slot = slot(name);
      if (Files.exists(slot.file)) {
        return slot;
      }
    }
    List<String> names = networks();
    throw new RigException(
        RigException.Kind.NOT_FOUND,
        "there is no network '%s'; %s"
            .formatted(
                name,
                names.isEmpty() ? "assemble makes one" : "there is " + String.join(", ", names)));
  }

  /** A name, its file, and perhaps its network in memory. */
  private final class Slot {
    private final String name;
    private final Path file;
    private String user;

    /** Written by whoever holds the monitor; read without it, which a part that hangs may hold. */
    private volatile Assembly live;

    private volatile boolean abandoned;

    Slot(String name, Path file) {
      this.name = name;
      this.file = file;
    }

    /** The name gets another slot; the user of this one finds out at the next thing he does. */
    void abandon() {
      abandoned = true;
      Assembly assembly = live;
      if (assembly != null) {
        assembly.letGo();
      }
      Randomness.abandon();
    }

    void refuseIfAbandoned() {
      if (abandoned) {
        throw new RigException(
            "network '%s' was taken from this thread, which hung".formatted(name));
      }
    }

    synchronized Use use(String by) {
      if (user != null) {
        throw new RigException(
            RigException.Kind.BUSY,
            "network '%s' is in use by %s; wait for it, or stop it".formatted(name, user));
      }
      user = by;
      return this::release;
    }

    private synchronized void release() {
      user = null;
      if (live != null && (abandoned || live.stale())) {
        letGo();
      }
    }

    synchronized Device device() {
      return live == null ? Device.cpu() : live.manager().getDevice();
    }

    /** The network in memory, on a device. */
    synchronized Assembly live(Device device) {
      if (live != null && (live.stale() || !live.manager().getDevice().equals(device))) {
        letGo();
      }
      if (live == null) {
        Assembly assembly = blank(name, ModelFile.read(file).spec(), device);
        boolean loaded = false;
        try {
          assembly.load(Weights.own(assembly.shapes(), file, name));
          loaded = true;
        } finally {
          if (!loaded) {
            assembly.close();
          }
        }
        live = assembly;
      }
      return live;
    }

    synchronized <T> T peek(Function<Assembly, T> look) {
      return look.apply(user == null || live == null ? live(device()) : live);
    }

    /** What the file says; one of release 0.1 names no head. */
    NetworkSpec spec() {
      return HeadSpecs.resolved(ModelFile.read(file).spec(), registry);
    }

    synchronized void replace(Assembly assembly) {
      letGo();
      live = assembly;
    }

    synchronized void letGo() {
      if (live != null) {
        live.close();
        live = null;
      }
    }

    synchronized void letGoIdle(Predicate<PartInfo> which) {
      if (user == null && live != null && live.parts().stream().anyMatch(which)) {
        letGo();
      }
    }
  }

  /** Exclusive use of a slot. */
  private interface Use extends AutoCloseable {
    @Override
    void close();
  }

  /** What callers hold: a name, so that nothing in memory is pinned. */
  private record Handle(Slot slot) implements Network {
    @Override
    public String name() {
      return slot.name;
    }

    @Override
    public NetworkSpec spec() {
      return slot.spec();
    }

    @Override
    public List<PartInfo> parts() {
      return slot.peek(Assembly::parts);
    }

    @Override
    public Map<String, List<Long>> state() {
      return slot.peek(Assembly::shapes);
    }

    @Override
    public ClassTable classes() {
      return ModelFile.read(slot.file).trainedOn().classes();
    }

    @Override
    public List<BlockRow> blocks(int height, int width) {
      return slot.peek(assembly -> rows(assembly, height, width));
    }

    private static List<BlockRow> rows(Assembly assembly, int height, int width) {
      List<Stage> stages = assembly.block().stages();
      Shape[] shapes = {new Shape(1, stages.get(0).inputChannels(), height, width)};
      List<BlockRow> rows = new ArrayList<>();
      for (int k = 1; k <= stages.size(); k++) {
        Stage stage = stages.get(k - 1);
        shapes = stage.block().getOutputShapes(shapes);
        Block gate = assembly.block().gates().get(k);
        rows.add(
            new BlockRow(
                k,
                stage.name(),
                LongStream.of(shapes[0].slice(1).getShape()).boxed().toList(),
                parameters(stage.block()),
                gate == null ? -1 : parameters(gate),
                assembly.applications(k)));
      }
      return rows;
    }

    private static long parameters(Block block) {
      return block.getParameters().values().stream()
          .filter(Parameter::requiresGradient)
          .mapToLong(parameter -> parameter.getShape().size())
          .sum();
    }
  }

  /** See {@link Session}. */
  private class LiveSession implements Session {
    private final Slot slot;
    private final Use use;
    private Assembly assembly;
    private Map<String, HostTensor> kept;
    private boolean unsaved;
    private boolean frozen;
    private Compilation compilation;
    private OnnxModel onnx;

    LiveSession(Slot slot, Use use, Device device) {
      this.slot = slot;
      this.use = use;
      assembly = slot.live(device);
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
      slot.refuseIfAbandoned();
      if (assembly == null) {
        throw new RigException("network '%s' has lost a part".formatted(slot.name));
      }
      return assembly;
    }

    @Override
    public NDList forward(NDArray image, boolean training, int truncate) {
      if (onnx != null) {
        return onnx.forward(assembly(), image, training);
      }
      unsaved |= training;
      return compilation == null
          ? assembly().forward(image, training, truncate, null)
          : compilation.forward(assembly(), image, training, truncate);
    }

    @Override
    public NDList forward(NDArray image, ActivationListener activations) {
      return assembly().forward(image, false, activations);
    }

    @Override
    public <T> T show(Function<Blueprint, T> look) {
      return assembly().show(look);
    }

    @Override
    public void compile(Precision precision, boolean recompute, Consumer<String> told) {
      Compiler present = compiler;
      if (present == null) {
        told.accept("not compiled, runs eagerly in float32: there is no compiler");
      } else {
        compilation = new Compilation(present, precision, recompute, told);
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
      OnnxRunner runner = onnxRunner;
      Exporter present = exporter;
      if (runner == null || present == null) {
        throw new RigException(
            "execution onnx needs bundle org.riglab.%s, which is not installed"
                .formatted(runner == null ? "onnxruntime" : "graph"));
      }
      onnx = new OnnxModel(present, runner, assembly(), threads);
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
      Assembly renewed = blank(slot.name, spec, device);
      try {
        renewed.load(Weights.own(renewed.shapes(), kept, slot.file, slot.name));
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
      load(Weights.all(assembly().shapes(), file));
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
      ModelFile.of(spec(), trainedOn, parts(), metrics).write(slot.file, assembly);
      unsaved = false;
    }

    @Override
    public TrainedOn trainedOn() {
      return ModelFile.read(slot.file).trainedOn();
    }

    @Override
    public Path directory() {
      return slot.file.getParent();
    }

    @Override
    public void close() {
      changed();
      if (onnx != null) {
        onnx.close();
        onnx = null;
      }
      if (unsaved || frozen) {
        slot.letGo();
      }
      use.close();
    }

    Prediction predict(Image image, List<String> maps, Inference inference) {
      return Torch.withoutGrad(
          () -> new Predictor(assembly(), trainedOn()).predict(image, maps, inference));
    }
  }
}
