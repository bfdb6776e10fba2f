package org.riglab.networks.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.Unroll;
import org.riglab.base.JsonKeys;
import org.riglab.parts.PartSpecs;
import org.riglab.parts.RecordOptions;

/** Reads network specs: Riglab's own, and those of parity cases. */
final class Specs {
  private static final Map<String, Object> DEFAULTS =
      Map.of(
          "backbone",
          "resnet50",
          "head",
          NetworkSpec.OWN_HEAD.name(),
          "gate",
          "mul-sigmoid",
          "unroll",
          "parallel",
          "batch_norm",
          "per-iteration",
          "seed",
          0L);

  private static final Map<String, Object> PARITY_DEFAULTS =
      Map.of(
          "head", "fcn",
          "block", "bottleneck",
          "output_stride", 32L,
          "width", 64L,
          "routing", "own",
          "feedback", List.of(),
          "iterations", 1L,
          "activation", "sigmoid",
          "combine", "mul",
          "pool", "avg");

  private static final Set<String> PAPER =
      Set.of("mul-sigmoid", "mul-tanh", "add-relu"); // the gates that have names of their own

  /** Beside a spec in parity cases, and in what {@code show --json} and the HTTP API print. */
  private static final Set<String> AROUND =
      Set.of(
          "analysis",
          "batch",
          "blocks",
          "classes",
          "expected",
          "name",
          "parameters",
          "parts",
          "size",
          "spec");

  private Specs() {}

  /** Finds what an unroll strategy asks of a spec, by its name. */
  interface Strategies {
    /** Of strategies that are not there. */
    Strategies UNKNOWN = name -> new Strategy(List.of(4, 5, 6), 2);

    /**
     * @param name of a strategy
     * @return what it asks for
     */
    Strategy of(String name);
  }

  /**
   * What an unroll strategy asks of a spec.
   *
   * @param feedback see {@link Unroll#defaultFeedback}
   * @param iterations see {@link Unroll#defaultIterations}
   */
  record Strategy(List<Integer> feedback, int iterations) {}

  /**
   * Reads a requested spec.
   *
   * @param json the spec
   * @param where it comes from
   * @param strategies complete it
   * @return the spec
   * @throws RigException also if parts of it contradict each other
   */
  static NetworkSpec asked(Map<String, ?> json, String where, Strategies strategies) {
    NetworkSpec spec = read(json, where, strategies);
    try {
      check(spec, strategies);
    } catch (RigException e) {
      throw new RigException("network spec " + where + ": " + e.getMessage(), e);
    }
    return spec;
  }

  /**
   * @param spec of a network that is to be made; of those that are there, some are older than this
   * @param strategies say whether they use feedback
   * @throws RigException if it asks for feedback that its unroll strategy would not use
   */
  static void check(NetworkSpec spec, Strategies strategies) {
    if (!spec.feedback().isEmpty() && strategies.of(spec.unroll().name()).feedback().isEmpty()) {
      throw new RigException(
          "unroll %s has no feedback to single blocks: feedback must be none, not %s"
              .formatted(
                  spec.unroll().name(),
                  spec.feedback().stream().map(String::valueOf).collect(Collectors.joining(","))));
    }
  }

  private static Map<String, Object> defaults(Map<String, ?> json, Strategies strategies) {
    Map<String, Object> defaults = new LinkedHashMap<>(DEFAULTS);
    if (!json.containsKey("feedback") || !json.containsKey("iterations")) {
      Object unroll = json.containsKey("unroll") ? json.get("unroll") : DEFAULTS.get("unroll");
      Strategy strategy = strategies.of(PartSpecs.read(unroll).name());
      defaults.put(
          "feedback", strategy.feedback().stream().map(Integer::longValue).sorted().toList());
      defaults.put("iterations", (long) strategy.iterations());
    }
    return defaults;
  }

  /** Reads a spec that says everything. */
  static NetworkSpec read(Map<String, ?> json, String where) {
    return read(json, where, Strategies.UNKNOWN);
  }

  private static NetworkSpec read(Map<String, ?> json, String where, Strategies strategies) {
    if (json.get("spec") instanceof Map<?, ?> nested) {
      Map<String, Object> inner = new LinkedHashMap<>();
      nested.forEach((key, value) -> inner.put(key.toString(), value));
      JsonKeys.check("network spec " + where, json.keySet(), AROUND);
      return read(inner, where, strategies);
    }
    if (json.containsKey("layers")) {
      return parity(json, where);
    }
    NetworkSpec spec =
        RecordOptions.record(
            "network spec " + where, NetworkSpec.class, json, defaults(json, strategies));
    try {
      return HeadSpecs.translated(spec);
    } catch (RigException e) {
      throw new RigException("network spec " + where + ": " + e.getMessage(), e);
    }
  }

  private static NetworkSpec parity(Map<String, ?> json, String where) {
    ParitySpec p =
        RecordOptions.record("parity spec " + where, ParitySpec.class, json, PARITY_DEFAULTS);
    String gate = p.combine + "-" + p.activation;
    return new NetworkSpec(
        new PartSpec(
            "resnet",
            Map.of(
                "layers", p.layers,
                "width", p.width,
                "block", p.block,
                "output_stride", p.outputStride)),
        PartSpec.of(p.head),
        PAPER.contains(gate)
            ? new PartSpec(gate, Map.of("pool", p.pool))
            : new PartSpec(
                "basic", Map.of("activation", p.activation, "combine", p.combine, "pool", p.pool)),
        PartSpec.of(unroll(p, where)),
        p.feedback,
        p.iterations,
        p.classes,
        BatchNormPolicy.SHARED,
        0);
  }

  private static String unroll(ParitySpec p, String where) {
    if (!p.unroll.equals("parallel")) {
      return p.unroll;
    }
    return switch (p.routing) {
      case "own" -> "parallel";
      case "multi-range" -> "parallel-multi-range";
      case "last" -> "rethinking";
      default ->
          throw new RigException(
              "parity spec %s: routing is own, multi-range or last, not %s"
                  .formatted(where, p.routing));
    };
  }

  /** The spec of a parity case; see RIGNET's reference implementation. */
  record ParitySpec(
      List<Integer> layers,
      int width,
      String block,
      int outputStride,
      String head,
      int classes,
      String unroll,
      String routing,
      List<Integer> feedback,
      int iterations,
      String activation,
      String combine,
      String pool) {}
}
