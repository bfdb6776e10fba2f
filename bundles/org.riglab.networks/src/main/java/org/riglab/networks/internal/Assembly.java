package org.riglab.networks.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Blueprints.Listener;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.data.ClassTable;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Head;
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.PassLength;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.PartCalls;
import org.riglab.parts.PartEvents;
import org.riglab.tensors.HostTensor;

/** A network in memory: leased parts, the block made of them, and its parameters. */
final class Assembly implements AutoCloseable {
  private final NetworkSpec spec;
  private final PartEvents events;
  private final List<Lease<?>> leases = new ArrayList<>();
  private final UnrollSpec unrollSpec;
  private final NetworkBlock block;
  private final Lease<Unroll> unroll;
  private final Options unrollOptions;
  private final NetworkState state;
  private final ImageSizes sizes;

  /**
   * Leases parts and initialises a network from its spec's seed.
   *
   * @param user who holds the leases
   * @throws RigException if the spec is not sound, a part is missing or fails; nothing stays leased
   */
  Assembly(NetworkSpec spec, Registry registry, PartEvents events, String user, Device device) {
    this(spec, Parts.of(registry), events, user, device);
  }

  /**
   * As above, of parts from anywhere.
   *
   * @param user who holds the leases
   */
  Assembly(NetworkSpec spec, Parts parts, PartEvents events, String user, Device device) {
    this(spec, parts, events, user, device, true);
  }

  /**
   * As above, perhaps without values: drawing those of a large network takes seconds.
   *
   * @param asked what to assemble; {@link #spec()} then names its head
   * @param seeded whether parameters are initialised; else all of them must be loaded
   */
  Assembly(
      NetworkSpec asked,
      Parts parts,
      PartEvents events,
      String user,
      Device device,
      boolean seeded) {
    this.events = events;
    NetworkSpec translated = HeadSpecs.translated(asked);
    check(translated);
    unrollSpec = new UnrollSpec(asked.iterations(), asked.feedback());
    NDManager arrays = null;
    boolean done = false;
    try {
      unroll = lease(parts, Unroll.class, asked.unroll(), user);
      unrollOptions = options(parts, unroll, asked.unroll());
      Lease<Backbone> backbone = lease(parts, Backbone.class, translated.backbone(), user);
      spec = HeadSpecs.resolved(translated, backbone);
      sizes = sizes(parts, backbone);
      Lease<Head> head = lease(parts, Head.class, spec.head(), user);
      List<Stage> stages = stages(parts, backbone, head);
      List<GateShape> shapes =
          PartCalls.guarded(
              unroll.part(), "", () -> unroll.service().gates(unrollSpec, stages, unrollOptions));
      Lease<Gate> gate = shapes.isEmpty() ? null : lease(parts, Gate.class, spec.gate(), user);
      block =
          new NetworkBlock(
              unrollSpec,
              spec.classes(),
              stages,
              backbone.part(),
              head.part(),
              gate == null ? null : gate.part(),
              unroll,
              unrollOptions);
      for (GateShape shape : shapes) {
        Options options = options(parts, gate, spec.gate());
        Block created =
            PartCalls.guarded(
                gate.part(),
                " at block " + shape.block(),
                () -> gate.service().create(shape, options));
        if (created == null) {
          throw new RigException(
              RigException.Kind.PART_FAILED, PartCalls.describe(gate.part()) + " created no block");
        }
        block.addGate(shape, created);
      }
      BatchNorms.prepare(block, spec.batchNorm(), this::applications);
      arrays = Torch.newManager(device);
      state = new NetworkState(block, arrays, spec.seed(), seeded);
      done = true;
    } finally {
      if (!done) {
        leases.forEach(Lease::close);
        if (arrays != null) {
          arrays.close();
        }
      }
    }
  }

  private static void check(NetworkSpec spec) {
    if (spec.iterations() < 1 || spec.iterations() > PassLength.MOST) {
      throw new RigException(
          "iterations must be 1 to %d, not %d".formatted(PassLength.MOST, spec.iterations()));
    }
    if (!ClassTable.allows(spec.classes())) {
      throw new RigException(
          "classes must be %d to %d, not %d; a binary task has two, for example background and object"
              .formatted(ClassTable.LEAST, ClassTable.MOST, spec.classes()));
    }
  }

  private <P extends Provider> Lease<P> lease(
      Parts parts, Class<P> kind, PartSpec part, String user) {
    Lease<P> lease = parts.lease(kind, part.name(), user);
    leases.add(lease);
    return lease;
  }

  private static Options options(Parts parts, Lease<?> lease, PartSpec part) {
    return parts.options(lease.part().kind() + " " + part.name(), lease.service(), part.options());
  }

  private ImageSizes sizes(Parts parts, Lease<Backbone> backbone) {
    Options options = options(parts, backbone, spec.backbone());
    return PartCalls.guarded(backbone.part(), "", () -> backbone.service().sizes(options));
  }

  private List<Stage> stages(Parts parts, Lease<Backbone> backbone, Lease<Head> head) {
    int channels =
        PartCalls.guarded(
            unroll.part(),
            "",
            () -> unroll.service().inputChannels(unrollSpec, spec.classes(), unrollOptions));
    List<Stage> features =
        Stages.features(backbone, options(parts, backbone, spec.backbone()), channels);
    List<Stage> stages =
        Stages.withHead(head, options(parts, head, spec.head()), features, spec.classes());
    Stages.checkFeedback(spec, stages.size());
    return stages;
  }

  /** How often a block runs in one pass. */
  int applications(int k) {
    return PartCalls.guarded(
        unroll.part(), "", () -> unroll.service().applications(unrollSpec, k, unrollOptions));
  }

  NetworkSpec spec() {
    return spec;
  }

  NetworkBlock block() {
    return block;
  }

  /** Whether the strategy may return fewer predictions for some images. */
  boolean stopsEarly() {
    return PartCalls.guarded(
        unroll.part(), "", () -> unroll.service().stopsEarly(unrollSpec, unrollOptions));
  }

  NDManager manager() {
    return state.manager();
  }

  Map<String, Parameter> state() {
    return state.parameters();
  }

  List<PartInfo> parts() {
    return leases.stream().<PartInfo>map(Lease::part).toList();
  }

  boolean stale() {
    return leases.stream().anyMatch(lease -> lease.retiring() || lease.revoked());
  }

  /**
   * @param activations may be null
   */
  NDList forward(NDArray image, boolean training, ActivationListener activations) {
    return forward(image, training, 0, activations);
  }

  /**
   * @param truncate see {@link Session#forward(NDArray, boolean, int)}
   * @param activations may be null
   */
  NDList forward(NDArray image, boolean training, int truncate, ActivationListener activations) {
    return forward(image, training, truncate, PassLength.WHOLE, activations);
  }

  /**
   * Evaluates eagerly, as many iterations as asked for.
   *
   * @param activations may be null
   */
  NDList forward(NDArray image, PassLength length, ActivationListener activations) {
    return forward(image, false, 0, length, activations);
  }

  /**
   * @param truncate see {@link Session#forward(NDArray, boolean, int)}
   * @param activations may be null
   */
  @SuppressWarnings("try") // the step is held, not used
  NDList forward(
      NDArray image,
      boolean training,
      int truncate,
      PassLength length,
      ActivationListener activations) {
    PairList<String, Object> params = new PairList<>();
    params.add(NetworkBlock.TRUNCATE, truncate);
    params.add(NetworkBlock.LENGTH, length);
    if (activations != null) {
      params.add(NetworkBlock.ACTIVATIONS, activations);
    }
    Stages.checkSize(spec, sizes, image.getShape());
    try (PartEvents.Step step = events.enter(leases)) {
      return block.forward(DirectStore.INSTANCE, new NDList(image), training, params);
    }
  }

  /** Shows the network from within, as a step: its parts cannot go away meanwhile. */
  <T> T show(Function<Blueprint, T> look) {
    return show(0, 0, look);
  }

  /**
   * @param truncate see {@link Session#forward(NDArray, boolean, int)}
   * @param iterations of its passes; 0 for those of the spec
   */
  @SuppressWarnings("try") // the step is held, not used
  <T> T show(int truncate, int iterations, Function<Blueprint, T> look) {
    try (PartEvents.Step step = events.enter(leases)) {
      return look.apply(new View(truncate, iterations));
    }
  }

  /** Runs a pass of this network that was compiled. */
  NDList run(Compiler.Program program, NDArray image, NDList prepared) {
    return step(() -> program.run(image, prepared));
  }

  /** Runs a pass of this network that was made of it before, as a step. */
  @SuppressWarnings("try") // the step is held, not used
  <T> T step(Supplier<T> pass) {
    try (PartEvents.Step step = events.enter(leases)) {
      return pass.get();
    }
  }

  /** Runs a pass of training of this network that was compiled. */
  Compiler.TrainingPass start(Compiler.Program program, NDArray image) {
    return step(() -> program.start(image, state()));
  }

  /** Says in words which part was the first to return NaN or infinity. */
  String blame(NDArray image, boolean training) {
    NonFiniteProbe probe = new NonFiniteProbe();
    Torch.withoutGrad(() -> forward(image, training, probe));
    return probe
        .first()
        .map(block::blame)
        .orElse("every block's output is finite, so check the loss and the labels");
  }

  /** Frees what a step left on the manager of the parameters. */
  void sweep() {
    state.sweep();
  }

  Map<String, List<Long>> shapes() {
    return state.shapes();
  }

  float[] floats(String name) {
    return state.floats(name);
  }

  Map<String, HostTensor> values() {
    return state.values();
  }

  /** Sets values; names and shapes must be this network's. */
  void load(Map<String, HostTensor> values) {
    state.load(values);
  }

  /** Freezes all batch norm, whatever the spec's policy; this cannot be undone. */
  void freezeBatchNorm() {
    BatchNorms.freeze(block);
  }

  /** Gives the parts back, though a thread that hangs in one of them may never notice. */
  void letGo() {
    leases.forEach(Lease::close);
  }

  @Override
  public void close() {
    letGo();
    state.manager().close();
  }

  /** See {@link Blueprint}. */
  private final class View implements Blueprint {
    private final int truncate;
    private final int iterations;

    View(int truncate, int iterations) {
      this.truncate = truncate;
      this.iterations = iterations;
    }

    @Override
    public NetworkSpec spec() {
      return spec;
    }

    @Override
    public List<Stage> stages() {
      return block.stages();
    }

    @Override
    public ImageSizes sizes() {
      return sizes;
    }

    @Override
    public Map<Integer, Block> gates() {
      return Collections.unmodifiableMap(block.gates());
    }

    @Override
    public Map<String, Parameter> state() {
      return Assembly.this.state();
    }

    @Override
    public NDList forward(
        ParameterStore store, NDArray image, boolean training, Listener listener) {
      Stages.checkSize(spec, sizes, image.getShape());
      PairList<String, Object> params = new PairList<>();
      params.add(NetworkBlock.LISTENER, listener);
      params.add(NetworkBlock.TRUNCATE, truncate);
      params.add(NetworkBlock.LENGTH, PassLength.of(iterations));
      return block.forward(store, new NDList(image), training, params);
    }
  }
}
