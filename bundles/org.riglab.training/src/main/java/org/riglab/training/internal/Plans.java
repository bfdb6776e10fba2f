package org.riglab.training.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.TrainSpec;
import org.riglab.base.Names;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.data.ClassWeights;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.RecordOptions;

/** Completes and checks the specs of trainings. */
final class Plans {
  /** For {@link TrainSpec#valSplit}: no evaluations. */
  static final String NO_SPLIT = "none";

  private static final String WHAT = "training";
  private static final List<String> OPTIMIZERS = List.of("sgd", "adamw");
  private static final List<String> SCHEDULES = List.of("poly", "constant");

  /** ONNX Runtime is for evaluation. */
  private static final List<String> EXECUTIONS = List.of("eager", "compiled");

  private final Recipes recipes;

  Plans(Recipes recipes) {
    this.recipes = recipes;
  }

  /**
   * @return see {@link org.riglab.api.bench.Trainer#options()}
   */
  List<OptionInfo> options() {
    List<OptionInfo> options = new ArrayList<>();
    Map<String, Object> defaults = new LinkedHashMap<>(recipes.read(Recipes.DEFAULT));
    defaults.put("recipe", Recipes.DEFAULT);
    for (OptionInfo option : RecordOptions.describe(TrainSpec.class, defaults)) {
      List<String> choices =
          switch (option.name()) {
            case "recipe" -> recipes.names();
            case "optimizer" -> OPTIMIZERS;
            case "schedule" -> SCHEDULES;
            case "execution" -> EXECUTIONS;
            default -> List.of();
          };
      if (!option.name().equals("network")) {
        options.add(
            choices.isEmpty()
                ? option
                : new OptionInfo(option.name(), "choice", option.defaultValue(), choices));
      }
    }
    return options;
  }

  /**
   * @param network name of the network
   * @param options as given
   * @param weights what pixels the network's weights want; holds unless recipe or options say
   *     another
   * @return see {@link org.riglab.api.bench.Trainer#plan}
   */
  TrainSpec plan(String network, Map<String, ?> options, Normalization weights) {
    Map<String, Object> given = written(options);
    Object recipe = given.getOrDefault("recipe", Recipes.DEFAULT);
    if (!(recipe instanceof String text)) {
      throw new RigException(
          WHAT + ": option 'recipe' must be one of " + String.join(", ", recipes.names()));
    }
    String name = Recipes.absolute(text);
    given.put("recipe", name);
    Map<String, Object> own = recipes.own(name);
    Map<String, Object> defaults = recipes.read(name);
    Map<String, Object> pixels = pixels(weights);
    if (pixels.keySet().stream().noneMatch(own::containsKey)) {
      defaults.putAll(pixels);
    }
    adoptLength(defaults, given);
    TrainSpec spec = complete(network, name, given, defaults);
    requireWholePixels(spec, given, defaults);
    return spec;
  }

  private static Map<String, Object> written(Map<String, ?> options) {
    Map<String, Object> written = new LinkedHashMap<>();
    options.forEach(
        (name, value) -> {
          if (written.put(Names.writtenOption(name), value) != null) {
            throw new RigException(
                "%s: option '%s' is given twice".formatted(WHAT, Names.writtenOption(name)));
          }
        });
    return written;
  }

  private static Map<String, Object> pixels(Normalization weights) {
    Map<String, Object> pixels = new LinkedHashMap<>();
    pixels.put("channels", weights.channels());
    pixels.put("pixel_range", (long) weights.range());
    pixels.put("mean", weights.mean());
    pixels.put("std", weights.std());
    return pixels;
  }

  /** Mean and standard deviation of another order or range would be silently wrong. */
  private static void requireWholePixels(
      TrainSpec spec, Map<String, Object> given, Map<String, Object> defaults) {
    Map<String, Object> chosen = RecordOptions.values(spec);
    Map<String, Object> none = Map.of("network", spec.network(), "recipe", spec.recipe());
    Map<String, Object> before =
        RecordOptions.values(RecordOptions.record(WHAT, TrainSpec.class, none, defaults));
    for (String option : List.of("channels", "pixel_range")) {
      if (!chosen.get(option).equals(before.get(option))
          && !given.keySet().containsAll(List.of("mean", "std"))) {
        throw bad(
            option,
            chosen.get(option),
            before.get(option) + " unless 'mean' and 'std' are given too, in that order and range");
      }
    }
  }

  /**
   * Checks that options agree with a run.
   *
   * @param spec of the run
   * @param options as given
   * @return the run's spec; the number of workers, on which nothing depends, may be another
   * @throws RigException if they contradict the run
   */
  TrainSpec agree(TrainSpec spec, Map<String, ?> options) {
    TrainSpec given =
        complete(spec.network(), spec.recipe(), written(options), RecordOptions.values(spec));
    Map<String, Object> now = RecordOptions.values(given);
    RecordOptions.values(spec)
        .forEach(
            (name, value) -> {
              if (!name.equals("workers") && !value.equals(now.get(name))) {
                throw new RigException(
                    ("option '%s' is %s, but the run to be resumed was started with %s;"
                            + " start a new training to change it")
                        .formatted(name, now.get(name), value));
              }
            });
    return given;
  }

  /** Steps and epochs say the same thing: whoever sets one takes the other's default away. */
  static void adoptLength(Map<String, Object> defaults, Map<String, ?> given) {
    if (given.containsKey("steps") != given.containsKey("epochs")) {
      defaults.put(given.containsKey("steps") ? "epochs" : "steps", 0L);
    }
  }

  private static TrainSpec complete(
      String network, String recipe, Map<String, Object> given, Map<String, Object> defaults) {
    given.put("network", network);
    given.put("recipe", given.get("recipe") instanceof String r ? Recipes.absolute(r) : recipe);
    if (given.get("coarse") instanceof String coarse) {
      given.put("coarse", Superclasses.absolute(coarse));
    }
    if (given.get("data") instanceof String data && !data.isEmpty()) {
      given.put("data", Path.of(data).toAbsolutePath().normalize().toString());
    }
    TrainSpec spec = RecordOptions.record(WHAT, TrainSpec.class, given, defaults);
    check(spec);
    if (spec.precision() == Precision.AUTO) {
      // another machine may like another one, and would then not repeat the run
      given.put("precision", Torch.precision(Torch.device(spec.device())));
      spec = RecordOptions.record(WHAT, TrainSpec.class, given, defaults);
    }
    return spec;
  }

  /**
   * @param s a spec
   * @throws RigException if a value is out of range
   */
  static void check(TrainSpec s) {
    if ((s.epochs() > 0) == (s.steps() > 0)) {
      throw new RigException(
          "%s: option 'epochs' is %d and option 'steps' is %d; one of them must be more than 0, not both"
              .formatted(WHAT, s.epochs(), s.steps()));
    }
    require("epochs", s.epochs(), s.epochs() >= 0, "0 or more");
    require("steps", s.steps(), s.steps() >= 0, "0 or more");
    require("val_limit", s.valLimit(), s.valLimit() >= 0, "0 or more");
    boolean sizes = s.resize().stream().allMatch(v -> v > 0);
    require("resize", s.resize(), sizes && List.of(0, 2).contains(s.resize().size()), "HxW");
    sizes = s.size().stream().allMatch(v -> v > 0);
    require("size", s.size(), sizes && s.size().size() == 2, "HxW");
    require(
        "scale",
        s.scale(),
        s.scale().size() == 2 && s.scale().get(0) > 0 && s.scale().get(0) <= s.scale().get(1),
        "the smallest and the largest, more than 0");
    require("pixel_range", s.pixelRange(), List.of(1, 255).contains(s.pixelRange()), "1 or 255");
    require(
        "mean",
        s.mean(),
        s.mean().size() == 3 && s.mean().stream().allMatch(v -> Math.abs(v) <= s.pixelRange()),
        "three numbers of 0 to pixel_range, which is " + s.pixelRange());
    require(
        "std",
        s.std(),
        s.std().size() == 3 && s.std().stream().allMatch(v -> v > 0),
        "three numbers, more than 0");
    require(
        "input_scales",
        s.inputScales(),
        MultiScaleInputs.valid(s.inputScales()),
        MultiScaleInputs.VALID);
    require("batch", s.batch(), s.batch() >= 1, "1 or more");
    require("accumulation", s.accumulation(), s.accumulation() >= 1, "1 or more");
    require("optimizer", s.optimizer(), OPTIMIZERS.contains(s.optimizer()), oneOf(OPTIMIZERS));
    require("lr", s.lr(), s.lr() >= 0, "0 or more");
    require("lr_backbone", s.lrBackbone(), s.lrBackbone() >= 0, "0 or more");
    require("lr_head", s.lrHead(), s.lrHead() >= 0, "0 or more");
    require("lr_bias", s.lrBias(), s.lrBias() >= 0, "0 or more");
    require("momentum", s.momentum(), s.momentum() >= 0 && s.momentum() < 1, "0 to less than 1");
    require("beta1", s.beta1(), s.beta1() >= 0 && s.beta1() < 1, "0 to less than 1");
    require("beta2", s.beta2(), s.beta2() >= 0 && s.beta2() < 1, "0 to less than 1");
    require("weight_decay", s.weightDecay(), s.weightDecay() >= 0, "0 or more");
    require("bias_decay", s.biasDecay(), s.biasDecay() >= 0, "0 or more");
    require("schedule", s.schedule(), SCHEDULES.contains(s.schedule()), oneOf(SCHEDULES));
    require("power", s.power(), s.power() >= 0, "0 or more");
    require("clip_norm", s.clipNorm(), s.clipNorm() >= 0, "0 or more");
    require(
        "class_weights",
        s.classWeights(),
        ClassWeights.valid(s.classWeights()),
        "none, median-frequency, log, or numbers of 0 or more with commas");
    require(
        "iteration_weights",
        s.iterationWeights(),
        s.iterationWeights().isEmpty()
            || s.iterationWeights().stream().allMatch(w -> w >= 0)
                && s.iterationWeights().stream().anyMatch(w -> w > 0),
        "0 or more each, and not all 0");
    require("truncate", s.truncate(), s.truncate() >= 0, "0 or more");
    require("checkpoint_every", s.checkpointEvery(), s.checkpointEvery() >= 0, "0 or more");
    require("keep_every", s.keepEvery(), s.keepEvery() >= 0, "0 or more");
    require("eval_every", s.evalEvery(), s.evalEvery() >= 0, "0 or more");
    require("patience", s.patience(), s.patience() >= 0, "0 or more");
    require("threads", s.threads(), s.threads() >= 0 && s.threads() <= 1024, "0 to 1024");
    require("workers", s.workers(), s.workers() >= 1 && s.workers() <= 256, "1 to 256");
    String execution = Names.writtenChoice(s.execution().name());
    require("execution", execution, EXECUTIONS.contains(execution), oneOf(EXECUTIONS));
    require(
        "recompute",
        s.recompute(),
        !s.recompute() || s.execution() == Execution.COMPILED,
        "false where execution is eager");
    require(
        "device", s.device(), s.device().matches("auto|cpu|gpu\\d{1,3}"), "auto, cpu, gpu0, ...");
    if (s.patience() > 0 && s.valSplit().equals(NO_SPLIT)) {
      throw bad("patience", s.patience(), "0 where there is no split to validate on");
    }
  }

  private static String oneOf(List<String> choices) {
    return "one of " + String.join(", ", choices);
  }

  private static void require(String option, Object value, boolean holds, String right) {
    if (!holds) {
      throw bad(option, value, right);
    }
  }

  private static RigException bad(String option, Object value, String right) {
    return new RigException(
        "%s: option '%s' is %s; it must be %s".formatted(WHAT, option, value, right));
  }
}
