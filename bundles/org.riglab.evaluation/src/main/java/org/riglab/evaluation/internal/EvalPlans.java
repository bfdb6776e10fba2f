package org.riglab.evaluation.internal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.EvalSpec.Scoring;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.Stopping;
import org.riglab.base.Names;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Sessions;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.AnytimePasses;
import org.riglab.networks.inference.Segmenter;
import org.riglab.parts.PartSpecs;
import org.riglab.parts.RecordOptions;

/** Turns options of an evaluation into its spec. */
final class EvalPlans {
  private static final String WHAT = "evaluation";
  private static final String CONFUSION = "confusion";

  private EvalPlans() {}

  static List<OptionInfo> options() {
    return RecordOptions.describe(EvalSpec.class, defaults()).stream()
        .filter(option -> !option.name().equals("network"))
        .toList();
  }

  static EvalSpec plan(Map<String, ?> options) {
    EvalSpec spec = RecordOptions.record(WHAT, EvalSpec.class, given("", options), defaults());
    check(spec);
    return spec;
  }

  private static Map<String, Object> given(String network, Map<String, ?> options) {
    Map<String, Object> given = new LinkedHashMap<>(options);
    given.put("network", network);
    if (given.get("data") instanceof String data && !data.isEmpty()) {
      given.put("data", Path.of(data).toAbsolutePath().normalize().toString());
    }
    return given;
  }

  private static Map<String, Object> defaults() {
    Map<String, Object> defaults = new LinkedHashMap<>();
    defaults.put("dataset", PartSpec.of(""));
    defaults.put("data", "");
    defaults.put("split", "");
    defaults.put("limit", 0);
    defaults.put("resize", List.of());
    defaults.put("scoring", Scoring.WARPED);
    defaults.put("extra_outputs", EvalSpec.ExtraOutputs.ERROR);
    defaults.put("scales", Inference.PLAIN.scales());
    defaults.put("flip", false);
    defaults.put("window", List.of());
    defaults.put("overlap", Inference.OVERLAP);
    defaults.put("input_scales", List.of());
    defaults.put("iterations", 0);
    defaults.put("budget_ms", 0.0);
    defaults.put("budget_gmac", 0.0);
    defaults.put("until", "");
    defaults.put("cost", false);
    defaults.put("per_image", false);
    defaults.put("metrics", List.of(CONFUSION));
    defaults.put("threads", 0);
    defaults.put("execution", Execution.COMPILED);
    defaults.put("precision", Precision.FP32);
    defaults.put("device", "auto");
    return defaults;
  }

  static EvalSpec plan(Sessions sessions, String network, Map<String, ?> options) {
    Map<String, Object> given = given(network, options);
    Map<String, Object> defaults = defaults();
    EvalSpec asked = RecordOptions.record(WHAT, EvalSpec.class, given, defaults);
    Torch.device(asked.device());
    TrainedOn trainedOn = sessions.trainedOn(network);
    PartSpec before = trainedOn.dataset();
    if (!given.containsKey("dataset") && before.name().isEmpty()) {
      throw new RigException(
          "network '%s' has not been trained yet; state the data set to evaluate it on"
              .formatted(network));
    }
    if (!before.name().isEmpty()) {
      defaults.put("dataset", before);
      defaults.put("resize", trainedOn.resize());
      defaults.put("input_scales", trainedOn.inputs().scales());
      if (!given.containsKey("dataset") || asked.dataset().name().equals(before.name())) {
        defaults.put("data", trainedOn.data());
      }
    }
    EvalSpec spec = RecordOptions.record(WHAT, EvalSpec.class, given, defaults);
    check(spec);
    return spec;
  }

  /** Refuses what cannot be, naming the option. */
  static void check(EvalSpec spec) {
    require("limit", spec.limit(), spec.limit() >= 0, "0 or more");
    require(
        "resize",
        spec.resize(),
        List.of(0, 2).contains(spec.resize().size())
            && spec.resize().stream().allMatch(side -> side > 0),
        "HxW");
    try {
      new Segmenter(spec.inference());
      MultiScaleInputs inputs = MultiScaleInputs.of(spec.inputScales());
      new AnytimePasses(spec.inference(), inputs, spec.cost());
    } catch (RigException e) {
      throw new RigException(WHAT + ": " + e.getMessage(), e);
    }
    require(
        "metrics",
        spec.metrics().stream().map(PartSpecs::write).toList(),
        !spec.metrics().isEmpty() && Set.copyOf(spec.metrics()).size() == spec.metrics().size(),
        "one metric or more, each once");
    require("threads", spec.threads(), spec.threads() >= 0 && spec.threads() <= 1024, "0 to 1024");
    if (spec.execution() == Execution.ONNX) {
      require(
          "execution",
          "onnx",
          spec.stopping().equals(Stopping.NONE) && !spec.cost(),
          "compiled or eager with 'iterations', a budget, 'until' or 'cost'");
      require(
          "precision",
          Names.writtenChoice(spec.precision().name()),
          List.of(Precision.FP32, Precision.AUTO).contains(spec.precision()),
          "fp32 where execution is onnx");
      require(
          "device",
          spec.device(),
          List.of("auto", "cpu").contains(spec.device()),
          "cpu where execution is onnx");
    }
  }

  /** Refuses a value that does not hold. */
  static void require(String option, Object value, boolean holds, String right) {
    if (!holds) {
      throw new RigException(
          "%s: option '%s' is %s; it must be %s".formatted(WHAT, option, value, right));
    }
  }
}
