package org.riglab.shell.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.api.data.Dataset;
import org.riglab.api.metric.Metric;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Head;
import org.riglab.api.network.Unroll;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Transform;

/**
 * A small network with a plugin's parts, trained for a few steps on the embedded data set. Weights,
 * images and their order depend on fixed seeds, so that differences between two trials are caused
 * by the plugin.
 */
final class PluginTrial implements AutoCloseable {
  private static final String DATASET = "shapes:size=64:train=512:val=32";
  private static final String BACKBONE = "resnet:layers=1,1,1,1:width=8:output_stride=8";
  private static final int CLASSES = 6;
  private static final int SIDE = 64;
  private static final long SEED = 1;

  /** The loss of one step is mostly that of its images. */
  private static final int LAST_STEPS = 10;

  private final Networks networks;
  private final Trainer trainer;
  private final Evaluator evaluator;
  private final Settings settings;
  private String network;

  /** Of the network; null if there is none. */
  private NetworkSpec spec;

  /**
   * What can be chosen.
   *
   * @param network whose spec is used; empty for a small one
   * @param feedback the gated blocks; empty for the spec's
   * @param steps of training; 0 for none
   */
  record Settings(Optional<String> network, Optional<String> feedback, int steps) {}

  PluginTrial(Networks networks, Trainer trainer, Evaluator evaluator, Settings settings) {
    this.networks = networks;
    this.trainer = trainer;
    this.evaluator = evaluator;
    this.settings = settings;
  }

  /**
   * @return whether there is a network from an earlier trial
   */
  boolean made() {
    return spec != null;
  }

  /**
   * Makes the network of the plugin's new parts, with what matches of its weights.
   *
   * @return what became of them
   */
  WeightTransfer carryOver() {
    return networks.swap(network, spec);
  }

  /**
   * Evaluates the network as it is.
   *
   * @return the scores of the last iteration by name
   */
  Map<String, Double> evaluate(List<String> parts) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("dataset", DATASET);
    options.put("split", "val");
    options.put(
        "metrics", named(parts, Metric.KIND).map(m -> "confusion," + m).orElse("confusion"));
    Evaluation evaluation = evaluator.evaluate(evaluator.plan(network, options), Observer.NONE);
    Map<String, Double> scores = new LinkedHashMap<>();
    evaluation
        .answer()
        .values()
        .forEach(
            (name, value) -> {
              // of the scores of the confusion matrix, mIoU only
              if (name.equals("mIoU") || !List.of("mAcc", "pAcc", "fwIoU").contains(name)) {
                scores.put(name, value);
              }
            });
    return scores;
  }

  /**
   * Assembles the network again, trains and evaluates it.
   *
   * @param plugin symbolic name of the plugin
   * @param parts as in {@link org.riglab.api.bench.Plugins.Plugin#parts}
   * @return the results by name; empty if the trial was cancelled
   */
  Optional<Map<String, Double>> run(String plugin, List<String> parts) {
    Optional<String> dataset = named(parts, Dataset.KIND);
    if (dataset.isPresent() && parts.size() == 1) {
      return Optional.of(counted(PartSpec.of(dataset.get())));
    }
    network = "dev-" + plugin;
    spec = networks.assemble(network, spec(parts), true).spec();
    Map<String, Double> numbers = new LinkedHashMap<>();
    String after = "";
    if (settings.steps() > 0) {
      Training training = train(parts);
      if (training.end() != Training.End.FINISHED) {
        return Optional.empty();
      }
      after = " after " + Text.count(settings.steps(), "step");
      List<Training.Point> points = training.points();
      numbers.put(
          "loss" + after,
          points.subList(Math.max(0, points.size() - LAST_STEPS), points.size()).stream()
              .mapToDouble(Training.Point::loss)
              .average()
              .orElse(Double.NaN));
    }
    for (Map.Entry<String, Double> score : evaluate(parts).entrySet()) {
      numbers.put(score.getKey() + after, score.getValue());
    }
    return Optional.of(numbers);
  }

  private NetworkSpec spec(List<String> parts) {
    NetworkSpec base =
        settings
            .network()
            .map(n -> networks.get(n).spec())
            .orElseGet(
                () ->
                    new Specs.Changes(
                            Optional.of(BACKBONE),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty())
                        .applied(Specs.standard(CLASSES, SEED), networks));
    NetworkSpec changed =
        new Specs.Changes(
                named(parts, Backbone.KIND),
                named(parts, Head.KIND),
                named(parts, Gate.KIND),
                named(parts, Unroll.KIND),
                settings.feedback(),
                Optional.empty(),
                Optional.empty())
            .applied(base, networks);
    return new NetworkSpec(
        changed.backbone(),
        changed.head(),
        changed.gate(),
        changed.unroll(),
        changed.feedback(),
        changed.iterations(),
        CLASSES,
        changed.batchNorm(),
        SEED);
  }

  private static Optional<String> named(List<String> parts, String kind) {
    return parts.stream()
        .filter(part -> part.startsWith(kind + " "))
        .map(part -> part.substring(kind.length() + 1))
        .findFirst();
  }

  /** Trains without recording a run. */
  private Training train(List<String> parts) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("dataset", DATASET);
    options.put("size", List.of(SIDE, SIDE));
    options.put("val_split", "none");
    options.put("epochs", 0);
    options.put("steps", settings.steps());
    options.put("seed", SEED);
    named(parts, Loss.KIND).ifPresent(loss -> options.put("loss", loss));
    named(parts, Transform.KIND)
        .ifPresent(transform -> options.put("transforms", "scale," + transform + ",crop,flip"));
    try {
      Path folder = Files.createTempDirectory("riglab-dev");
      try {
        return trainer.resume(network, folder.resolve("run"), options, Observer.NONE);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new RigException("cannot create a temporary directory for the run: " + e, e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  /** A data set without a folder is checked; there is nothing to train. */
  private Map<String, Double> counted(PartSpec dataset) {
    Evaluator.DataReport report = evaluator.check(dataset, "", Observer.NONE);
    if (report.errorCount() > 0) {
      throw new RigException("data set " + dataset.name() + ": " + report.errors().get(0));
    }
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (Evaluator.SplitReport split : report.splits()) {
      numbers.put(split.name() + ": images", (double) split.images());
      List<Long> pixels = new ArrayList<>(split.pixels());
      double voids = pixels.remove(pixels.size() - 1);
      double all = voids + pixels.stream().mapToLong(Long::longValue).sum();
      for (int c = 0; c < pixels.size(); c++) {
        numbers.put(split.name() + ": share of class " + c, pixels.get(c) / all);
      }
      numbers.put(split.name() + ": share of void", voids / all);
    }
    return numbers;
  }

  @Override
  public void close() {
    if (made()) {
      networks.discard(network);
      spec = null;
    }
  }
}
