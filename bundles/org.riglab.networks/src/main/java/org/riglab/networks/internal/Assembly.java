package org.riglab.networks.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.riglab.api.RigException;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Blueprints.Listener;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Stage;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.PassLength;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.PartEvents;
import org.riglab.tensors.HostTensor;

/** A network in memory: leased parts, the block made of them, and its parameters. */
final class Assembly implements AutoCloseable {
  private final PartEvents events;
  private final Wiring wiring;
  private final NetworkState state;

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
    wiring = new Wiring(asked, parts, user);
    NDManager arrays = null;
    boolean done = false;
    try {
      arrays = Torch.newManager(device);
      state = new NetworkState(wiring.block(), arrays, wiring.spec().seed(), seeded);
      done = true;
    } finally {
      if (!done) {
        wiring.close();
        if (arrays != null) {
          arrays.close();
        }
      }
    }
  }

  /** How often a block runs in one pass. */
  int applications(int k) {
    return wiring.applications(k);
  }

  NetworkSpec spec() {
    return wiring.spec();
  }

  NetworkBlock block() {
    return wiring.block();
  }

  /** Whether the strategy may return fewer predictions for some images. */
  boolean stopsEarly() {
    return wiring.stopsEarly();
  }

  NDManager manager() {
    return state.manager();
  }

  Map<String, Parameter> state() {
    return state.parameters();
  }

  List<PartInfo> parts() {
    return wiring.parts();
  }

  boolean stale() {
    return wiring.stale();
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
    Stages.checkSize(spec(), wiring.sizes(), image.getShape());
    try (PartEvents.Step step = events.enter(wiring.leases())) {
      return block().forward(DirectStore.INSTANCE, new NDList(image), training, params);
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
    try (PartEvents.Step step = events.enter(wiring.leases())) {
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
    try (PartEvents.Step step = events.enter(wiring.leases())) {
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
        .map(block()::blame)
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
    BatchNorms.freeze(block());
  }

  /** Gives the parts back, though a thread that hangs in one of them may never notice. */
  void letGo() {
    wiring.close();
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
      return Assembly.this.spec();
    }

    @Override
    public List<Stage> stages() {
      return block().stages();
    }

    @Override
    public ImageSizes sizes() {
      return wiring.sizes();
    }

    @Override
    public Map<Integer, Block> gates() {
      return Collections.unmodifiableMap(block().gates());
    }

    @Override
    public Map<String, Parameter> state() {
      return Assembly.this.state();
    }

    @Override
    public NDList forward(
        ParameterStore store, NDArray image, boolean training, Listener listener) {
      Stages.checkSize(spec(), wiring.sizes(), image.getShape());
      PairList<String, Object> params = new PairList<>();
      params.add(NetworkBlock.LISTENER, listener);
      params.add(NetworkBlock.TRUNCATE, truncate);
      params.add(NetworkBlock.LENGTH, PassLength.of(iterations));
      return block().forward(store, new NDList(image), training, params);
    }
  }
}
