package org.riglab.training.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.TrainSpec.Budget;
import org.riglab.api.bench.TrainSpec.Data;
import org.riglab.base.FileContents;
import org.riglab.base.Names;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.RecordOptions;

/** Completes and checks the specs of trainings. */
final class Plans {
  /** For {@link TrainSpec.Data#valSplit}: no evaluations. */
  static final String NO_SPLIT = "none";

  /** For {@link TrainSpec.Engine#engine}: steps are executed in this process. */
  static final String HERE = "libtorch";

  private static final String WHAT = "training";
  private final Recipes recipes;

  Plans(Recipes recipes) {
    this.recipes = recipes;
  }

  /**
   * @return see {@link org.riglab.api.bench.Trainer#options()}
   */
  List<OptionInfo> options() {
    Map<String, Object> defaults = new LinkedHashMap<>(recipes.read(Recipes.DEFAULT));
    defaults.put("recipe", Recipes.DEFAULT);
    List<OptionInfo> options = new ArrayList<>();
    for (OptionInfo option : RecordOptions.describe(TrainSpec.class, defaults)) {
      if (option.name().equals("recipe")) {
        options.add(
            new OptionInfo(
                option.name(), "choice", option.defaultValue(), recipes.names(), option.about()));
      } else if (!option.name().equals("network")) {
        options.add(option);
      }
    }
    return Spelling.described(options, defaults);
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
    TrainSpec spec =
        Recipes.isFile(name)
            ? FileContents.read(Path.of(name), () -> complete(network, name, given, defaults))
            : complete(network, name, given, defaults);
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
   * @param spec of a run
   * @param options given when it is resumed, see {@link #plan}; {@link Resumption#EXTEND} allows
   *     another length
   * @return how the run continues
   * @throws RigException CONFLICT if an option differs that may not
   */
  Resumption agree(TrainSpec spec, Map<String, ?> options) {
    Map<String, Object> given = new LinkedHashMap<>(options);
    boolean extend = Boolean.parseBoolean("" + given.remove(Resumption.EXTEND));
    TrainSpec now =
        complete(spec.network(), spec.recipe(), written(given), RecordOptions.values(spec));
    return Resumption.of(spec, now, extend);
  }

  /**
   * @param spec of a training
   * @return its flat form, as files have it
   */
  static Map<String, Object> json(TrainSpec spec) {
    return Spelling.shortened(RecordOptions.values(spec));
  }

  /**
   * @param file where it comes from, for messages
   * @param json the flat form, perhaps of an older version
   * @return the spec
   */
  static TrainSpec read(Path file, Map<String, Object> json) {
    Map<String, Object> before = RecordOptions.before(TrainSpec.class);
    return RecordOptions.record(
        file.toString(), TrainSpec.class, Spelling.over(before, json), Map.of());
  }

  /** Steps and epochs limit the same thing: setting one removes the default of the other. */
  static void adoptLength(Map<String, Object> defaults, Map<String, ?> given) {
    if (given.containsKey("steps") != given.containsKey("epochs")) {
      defaults.put(given.containsKey("steps") ? "epochs" : "steps", 0L);
    }
  }

  private static TrainSpec complete(
      String network, String recipe, Map<String, Object> given, Map<String, Object> defaults) {
    given.put("network", network);
    given.put("recipe", given.get("recipe") instanceof String r ? Recipes.absolute(r) : recipe);
    if (given.get("data") instanceof String data && !data.isEmpty()) {
      given.put("data", Path.of(data).toAbsolutePath().normalize().toString());
    }
    Map<String, Object> values = Spelling.over(defaults, given);
    TrainSpec spec = RecordOptions.record(WHAT, TrainSpec.class, values, Map.of());
    check(spec);
    if (spec.engine().precision() == Precision.AUTO) {
      // another machine may like another one, and would then not repeat the run
      values.put("precision", Torch.precision(Torch.device(spec.engine().device())));
      spec = RecordOptions.record(WHAT, TrainSpec.class, values, Map.of());
    }
    return spec;
  }

  /**
   * Checks what the settings have to do with each other, and each of them.
   *
   * @param spec a spec
   * @throws RigException if a value is out of range
   */
  static void check(TrainSpec spec) {
    RecordOptions.check(WHAT, spec);
    Budget budget = spec.budget();
    if ((budget.epochs() > 0) == (budget.steps() > 0)) {
      throw new RigException(
          "%s: option 'epochs' is %d and option 'steps' is %d; one of them must be more than 0, not both"
              .formatted(WHAT, budget.epochs(), budget.steps()));
    }
    Data data = spec.data();
    require(
        "mean",
        data.mean(),
        data.mean().size() == 3
            && data.mean().stream().allMatch(v -> Math.abs(v) <= data.pixelRange()),
        "three numbers of 0 to pixel_range, which is " + data.pixelRange());
    require(
        "input_scales",
        data.inputScales(),
        MultiScaleInputs.valid(data.inputScales()),
        MultiScaleInputs.VALID);
    List<Double> weights = spec.objective().iterationWeights();
    require(
        "iteration_weights",
        weights,
        weights.isEmpty() || weights.stream().anyMatch(w -> w > 0),
        "0 or more each, and not all 0");
    boolean random = RandomIterations.parse(spec.objective().randomIterations()).random();
    require(
        "random_iterations",
        spec.objective().randomIterations(),
        !random || weights.isEmpty() && !spec.objective().loss().name().equals("coarse-to-fine"),
        "fixed with iteration_weights or the loss coarse-to-fine, which need a fixed number");
    checkGradient(spec);
    require(
        "recompute",
        spec.engine().recompute(),
        !spec.engine().recompute() || spec.engine().execution() == Execution.COMPILED,
        "false where execution is eager");
    boolean here = spec.engine().engine().equals(HERE);
    String one = "1 where the engine is " + HERE;
    require("nodes", spec.engine().nodes(), !here || spec.engine().nodes() == 1, one);
    require("per_node", spec.engine().perNode(), !here || spec.engine().perNode() == 1, one);
    require(
        "warmup",
        spec.schedule().warmup(),
        budget.steps() == 0 || spec.schedule().warmup() <= budget.steps(),
        "at most the number of steps, " + budget.steps());
    require(
        "patience",
        budget.patience(),
        budget.patience() == 0 || !data.valSplit().equals(NO_SPLIT),
        "0 where there is no split to validate on");
  }

  private static void checkGradient(TrainSpec spec) {
    if (!GradientRule.parse(spec.objective().gradient()).fixedPoint()) {
      return;
    }
    boolean last =
        spec.objective().iterationWeights().isEmpty()
            && !spec.objective().loss().name().equals("coarse-to-fine")
            && !spec.objective().halting()
            && spec.objective().truncate() == 0
            && !RandomIterations.parse(spec.objective().randomIterations()).random();
    require(
        "gradient",
        spec.objective().gradient(),
        last && spec.data().inputScales().size() < 2,
        "unrolled with iteration_weights, coarse-to-fine, halting, truncate, random_iterations or"
            + " several input_scales");
    require(
        "execution",
        spec.engine().execution().name().toLowerCase(Locale.ROOT),
        spec.engine().execution() == Execution.EAGER,
        "eager where gradient is not unrolled");
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
