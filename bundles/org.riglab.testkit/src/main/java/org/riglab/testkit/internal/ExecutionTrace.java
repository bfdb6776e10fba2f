package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.network.Stage;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.EvaluationLogits;
import org.riglab.networks.Session;
import org.riglab.networks.StateDict;
import org.riglab.nn.LayerOutputs;
import org.riglab.tensors.HostTensor;

/**
 * Follows one evaluation of a network: in which order its layers run, in which iterations, and what
 * they return. Layers that are not {@link org.riglab.nn.Layer}s are not seen.
 */
final class ExecutionTrace implements ActivationListener {
  private static final String EVAL = "eval.";
  private static final String OPERATION = "op.";

  private final Session session;
  private final List<Stage> stages;
  private final Predicate<String> wanted;
  private final Map<String, HostTensor> kept = new LinkedHashMap<>();
  private final Map<String, Integer> iterations = new LinkedHashMap<>();
  private final Map<String, SortedSet<Integer>> layers = new LinkedHashMap<>();
  private final Map<String, Integer> applications = new HashMap<>();
  private final Map<String, Integer> blocks = new HashMap<>();
  private final Map<Block, String> names;

  /**
   * @param session the network
   * @param wanted keys of {@code expected.safetensors} whose values shall be kept
   */
  ExecutionTrace(Session session, Predicate<String> wanted) {
    this.session = session;
    this.wanted = wanted;
    names = new java.util.IdentityHashMap<>();
    stages = session.show(Blueprint::stages);
    Map<Integer, Block> gates = session.show(Blueprint::gates);
    for (int k = 1; k <= stages.size(); k++) {
      Map<Block, String> own = new java.util.IdentityHashMap<>();
      StateDict.blocks(own, stages.get(k - 1).prefix(), stages.get(k - 1).block());
      if (gates.containsKey(k)) {
        StateDict.blocks(own, gate(k), gates.get(k));
      }
      for (String name : own.values()) {
        blocks.put(name, k);
      }
      names.putAll(own);
    }
  }

  private static String gate(int k) {
    return "gates." + k + ".";
  }

  /** Evaluates, and keeps what is wanted. */
  NDList run(NDArray image) {
    return LayerOutputs.watched(this::show, () -> session.forward(image, this));
  }

  private void show(Block layer, int iteration, NDArray output) {
    String name = names.get(layer);
    if (name != null) {
      layers.computeIfAbsent(name, key -> new TreeSet<>()).add(iteration);
      String map = OPERATION + name + ".t" + applications.merge(name, 1, Integer::sum);
      iterations.put(EVAL + map, iteration);
      if (wanted.test(EVAL + map)) {
        kept.put(EVAL + map, EvaluationLogits.host(output));
      }
    }
  }

  @Override
  public boolean wants(String name) {
    if (name.startsWith("logits.")) {
      return false; // compared at the image's size
    }
    iterations.put(EVAL + name, Integer.valueOf(name.substring(name.lastIndexOf(".t") + 2)));
    return wanted.test(EVAL + name);
  }

  @Override
  public void take(String name, NDArray map) {
    kept.put(EVAL + name, EvaluationLogits.host(map));
  }

  /** The names of the blocks, B1 first. */
  List<String> stages() {
    return stages.stream().map(Stage::name).toList();
  }

  /** What was kept, in the order of execution. */
  Map<String, HostTensor> kept() {
    return kept;
  }

  /**
   * Every key of the evaluation in the order of execution; an iteration's logits come behind the
   * last of its operations.
   *
   * @param predictions how many logits there are
   */
  List<String> evaluation(int predictions) {
    List<String> order = new ArrayList<>(iterations.keySet());
    for (int t = 1; t <= predictions; t++) {
      String logits = EVAL + "logits.t" + t;
      int behind = order.size();
      if (predictions > 1) {
        int iteration = t;
        behind =
            1
                + IntStream.range(0, order.size())
                    .filter(i -> Integer.valueOf(iteration).equals(iterations.get(order.get(i))))
                    .max()
                    .orElse(order.size() - 1);
      }
      order.add(behind, logits);
    }
    return order;
  }

  /**
   * The names of all parameters in the order of execution: by block, its gate in front, within a
   * block by the first application of their layers.
   */
  List<String> parameters() {
    List<String> executed = new ArrayList<>(layers.keySet());
    List<String> order = new ArrayList<>();
    for (int k = 1; k <= stages.size(); k++) {
      int block = k;
      session.state().keySet().stream()
          .filter(name -> block(name) == block)
          .sorted(
              java.util.Comparator.<String, Boolean>comparing(name -> !name.startsWith(gate(block)))
                  .thenComparing(name -> executed.indexOf(layer(name))))
          .forEach(order::add);
    }
    return order;
  }

  /** The layer of a parameter. */
  static String layer(String parameter) {
    // Statistics of later iterations are called running_mean.t2.
    return parameter.replaceFirst("[.][^.]+([.]t\\d+)?$", "");
  }

  /** The block of a parameter, 1 for B1; 0 if unknown. */
  int block(String parameter) {
    return blocks.getOrDefault(layer(parameter), 0);
  }

  /** The block of a key of the evaluation that is not logits, 1 for B1. */
  int blockOf(String key) {
    String map = key.substring(EVAL.length());
    return map.startsWith(OPERATION)
        ? blocks.getOrDefault(operation(key), 0)
        : Integer.parseInt(map.split("\\.")[1]);
  }

  /** The layer of a key of the evaluation that is one of an operation; empty for others. */
  static String operation(String key) {
    String start = EVAL + OPERATION;
    return key.startsWith(start) ? key.substring(start.length(), key.lastIndexOf(".t")) : "";
  }

  /** The last iteration of the keys that start so; 1 if there are none. */
  int last(String start) {
    return iterations.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(start))
        .mapToInt(Map.Entry::getValue)
        .max()
        .orElse(1);
  }

  /** The iteration of a key of the evaluation that is not logits. */
  int iteration(String key) {
    return iterations.get(key);
  }

  /** The iterations in which a layer runs; empty if unknown. */
  List<Integer> iterations(String layer) {
    return Stream.ofNullable(layers.get(layer)).flatMap(SortedSet::stream).toList();
  }
}
