package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Blueprints.Listener;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.PassLength;
import org.riglab.nn.Context;
import org.riglab.nn.LayerOutputs;
import org.riglab.parts.PartCalls;

/**
 * An assembled network: image (N, 3, H, W) to the logits of each prediction at the network's
 * stride. It checks what parts return, so that a part that misbehaves is named.
 */
final class NetworkBlock extends AbstractBlock {
  /** The key under which a forward call says how many iterations gradients flow through. */
  static final String TRUNCATE = "truncate";

  /** The key under which a forward call carries a {@link PassLength}. */
  static final String LENGTH = "length";

  /** The key under which a {@link Listener} travels in the parameters of a forward call. */
  static final String ACTIVATIONS = "activations";

  /** The key of the {@link Listener} among the parameters of a forward call. */
  static final String LISTENER = "listener";

  private static final int NOMINAL = 64; // parameters' shapes depend on channels only

  private final UnrollSpec spec;
  private final int classes;
  private final List<Stage> stages;
  private final SortedMap<Integer, Block> gates = new TreeMap<>();
  private final SortedMap<Integer, GateShape> gateShapes = new TreeMap<>();
  private final PartInfo backbone;
  private final PartInfo head;
  private final PartInfo gate;
  private final Lease<Unroll> unroll;
  private final Options unrollOptions;

  /**
   * @param gate what the gates are made by; null where there are none
   */
  NetworkBlock(
      UnrollSpec spec,
      int classes,
      List<Stage> stages,
      PartInfo backbone,
      PartInfo head,
      PartInfo gate,
      Lease<Unroll> unroll,
      Options unrollOptions) {
    this.spec = spec;
    this.classes = classes;
    this.stages = stages;
    this.backbone = backbone;
    this.head = head;
    this.gate = gate;
    this.unroll = unroll;
    this.unrollOptions = unrollOptions;
    for (Stage stage : stages) {
      addChildBlock(stage.name(), stage.block());
    }
  }

  void addGate(GateShape shape, Block block) {
    gates.put(shape.block(), addChildBlock("gate" + shape.block(), block));
    gateShapes.put(shape.block(), shape);
  }

  List<Stage> stages() {
    return stages;
  }

  SortedMap<Integer, Block> gates() {
    return gates;
  }

  /** The part that a block is of. */
  private PartInfo part(int block) {
    return block == stages.size() ? head : backbone;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    ActivationListener activations =
        params == null ? null : (ActivationListener) params.get(ACTIVATIONS);
    PassLength length =
        params != null && params.get(LENGTH) instanceof PassLength l ? l : PassLength.WHOLE;
    UnrollSpec asked =
        length.iterations() > 0 ? new UnrollSpec(length.iterations(), spec.feedback()) : spec;
    int truncate =
        params != null && params.get(TRUNCATE) instanceof Integer k && k > 0
            ? k
            : asked.iterations();
    Listener listener = params == null ? null : (Listener) params.get(LISTENER);
    NDArray image = inputs.singletonOrThrow();
    NDList logits =
        PartCalls.guarded(
            unroll.part(),
            "",
            () ->
                unroll
                    .service()
                    .forward(
                        new ForwardPass(
                            store, training, truncate, asked, length, activations, listener),
                        image,
                        unrollOptions));
    if (logits == null || logits.isEmpty()) {
      throw new RigException(
          Kind.PART_FAILED, PartCalls.describe(unroll.part()) + " returned no logits");
    }
    for (NDArray array : logits) {
      Shape shape = array.getShape();
      if (shape.dimension() != 4 || shape.get(1) != classes) {
        throw new RigException(
            Kind.PART_FAILED,
            "%s returned logits of shape %s; expected (N, %d, H, W)"
                .formatted(PartCalls.describe(unroll.part()), shape, classes));
      }
    }
    if (activations != null) {
      for (int t = 1; t <= logits.size(); t++) {
        if (activations.wants("logits.t" + t)) {
          activations.take("logits.t" + t, logits.get(t - 1));
        }
      }
    }
    return logits;
  }

  /** The shape of the answer's logits; the number of predictions is the unroll strategy's. */
  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    Shape[] shapes = inputs;
    for (Stage stage : stages) {
      shapes = stage.block().getOutputShapes(shapes);
    }
    return new Shape[] {shapes[0]};
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    Shape[] shapes = {new Shape(1, stages.get(0).inputChannels(), NOMINAL, NOMINAL)};
    for (int k = 1; k <= stages.size(); k++) {
      Shape[] before = shapes;
      Block block = stages.get(k - 1).block();
      shapes =
          PartCalls.guarded(
              part(k),
              "",
              () -> {
                block.initialize(manager, type, before);
                return block.getOutputShapes(before);
              });
      if (gates.containsKey(k)) {
        initializeGate(manager, type, k, before[0], shapes[0]);
      }
    }
  }

  private void initializeGate(
      NDManager manager, DataType type, int block, Shape input, Shape feedback) {
    List<Integer> channels = gateShapes.get(block).feedbackChannels();
    Shape[] shapes = new Shape[1 + channels.size()];
    shapes[0] = input;
    for (int i = 0; i < channels.size(); i++) {
      shapes[i + 1] = new Shape(1, channels.get(i), feedback.get(2), feedback.get(3));
    }
    PartCalls.guarded(
        gate,
        " at block " + block,
        () -> {
          gates.get(block).initialize(manager, type, shapes);
          return null;
        });
  }

  /** Names the block that returned a map that is not finite. */
  String blame(String map) {
    String[] words = map.split("\\.");
    if (words.length < 3) {
      return PartCalls.describe(unroll.part()) + " returned NaN or infinity";
    }
    int k = Integer.parseInt(words[1]);
    String where = "iteration " + words[2].substring(1);
    return words[0].equals("block")
        ? "%s, %s, %s returned NaN or infinity: the weights have diverged"
            .formatted(PartCalls.describe(part(k)), stages.get(k - 1).name(), where)
        : "%s at block %d, %s returned NaN or infinity"
            .formatted(PartCalls.describe(gate), k, where);
  }

  /** One forward pass. */
  private final class ForwardPass implements Pass {
    private final ParameterStore store;
    private final boolean training;
    private final int truncate;
    private final UnrollSpec asked;
    private final PassLength length;
    private final ActivationListener activations;
    private final Listener listener;

    ForwardPass(
        ParameterStore store,
        boolean training,
        int truncate,
        UnrollSpec asked,
        PassLength length,
        ActivationListener activations,
        Listener listener) {
      this.store = store;
      this.training = training;
      this.truncate = truncate;
      this.asked = asked;
      this.length = length;
      this.activations = activations;
      this.listener = listener;
    }

    @Override
    public int blocks() {
      return stages.size();
    }

    @Override
    public int classes() {
      return classes;
    }

    @Override
    public UnrollSpec spec() {
      return asked;
    }

    @Override
    public boolean more(int iteration, NDArray logits) {
      return training || length.continuation().map(c -> c.more(iteration, logits)).orElse(true);
    }

    @Override
    public boolean gated(int block) {
      return gates.containsKey(block);
    }

    @Override
    public NDList block(int block, int iteration, NDList input) {
      Stage stage = stages.get(block - 1);
      enter(false, block, iteration, input);
      NDList output = run(part(block), ", " + stage.name(), stage.block(), iteration, input);
      Shape shape = output.head().getShape();
      if (shape.dimension() != 4 || shape.get(1) != stage.outputChannels()) {
        throw new RigException(
            Kind.PART_FAILED,
            "%s: %s returned shape %s; expected (N, %d, H, W)"
                .formatted(
                    PartCalls.describe(part(block)), stage.name(), shape, stage.outputChannels()));
      }
      leave(output);
      show("block." + block + ".t" + iteration, output.head());
      return output;
    }

    @Override
    public NDArray feedback(int iteration, NDArray feedback) {
      return training && iteration <= asked.iterations() - truncate + 1
          ? feedback.stopGradient()
          : feedback;
    }

    @Override
    public NDList gate(int block, int iteration, NDList input, NDArray... fed) {
      NDArray[] detached =
          Stream.of(fed).map(array -> feedback(iteration, array)).toArray(NDArray[]::new);
      NDArray[] feedback =
          length.filter().map(f -> f.apply(block, iteration, detached)).orElse(detached);
      NDArray x = input.head();
      NDList result = new NDList(gated(block, iteration, x, feedback));
      result.addAll(input.subNDList(1));
      String map = "gate." + block + ".t" + iteration;
      if (activations != null && activations.wants(map)) {
        NDArray ones = x.onesLike();
        activations.take(
            map, LayerOutputs.watched(null, () -> gated(block, iteration, ones, feedback)));
      }
      show("gated." + block + ".t" + iteration, result.head());
      return result;
    }

    private NDArray gated(int block, int iteration, NDArray x, NDArray... feedback) {
      NDList inputs = new NDList(x);
      inputs.addAll(List.of(feedback));
      String where = " at block " + block + ", iteration " + iteration;
      enter(true, block, iteration, inputs);
      NDArray output = run(gate, where, gates.get(block), iteration, inputs).head();
      leave(new NDList(output));
      if (!output.getShape().equals(x.getShape())) {
        throw new RigException(
            Kind.PART_FAILED,
            "%s%s returned shape %s; expected its input's shape %s"
                .formatted(PartCalls.describe(gate), where, output.getShape(), x.getShape()));
      }
      return output;
    }

    private NDList run(PartInfo part, String where, Block block, int iteration, NDList inputs) {
      NDList output =
          PartCalls.guarded(
              part, where, () -> new Context(store, training, iteration).forward(block, inputs));
      if (output == null || output.isEmpty()) {
        throw new RigException(
            Kind.PART_FAILED, PartCalls.describe(part) + where + " returned nothing");
      }
      return output;
    }

    private void enter(boolean gate, int block, int iteration, NDList inputs) {
      if (listener != null) {
        listener.enter(gate, block, iteration, inputs);
      }
    }

    private void leave(NDList outputs) {
      if (listener != null) {
        listener.leave(outputs);
      }
    }

    private void show(String name, NDArray map) {
      if (activations != null && activations.wants(name)) {
        activations.take(name, map);
      }
    }
  }
}
