package org.riglab.shell.internal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Trainer;
import org.riglab.base.FileFailures;

/** Turns the cells of a table into networks, trainings and evaluations without creating any. */
final class AblationPlans {
  private static final String DATASET = "dataset";

  private final Networks networks;
  private final Trainer trainer;
  private final Evaluator evaluator;
  private final Registry registry;

  AblationPlans(Networks networks, Trainer trainer, Evaluator evaluator, Registry registry) {
    this.networks = networks;
    this.trainer = trainer;
    this.evaluator = evaluator;
    this.registry = registry;
  }

  /** Every cell and seed, checked as far as can be before anything is made. */
  List<Plan> plans(
      Ablation ablation,
      Optional<String> only,
      List<Long> seeds,
      Optional<Path> weights,
      Map<String, String> typed,
      Path file) {
    Set<String> there = Set.copyOf(networks.names());
    List<Plan> plans = new ArrayList<>();
    for (Ablation.Row row : ablation.rows()) {
      if (only.isEmpty()
          || row.where().contains(only.get())
          || row.network().contains(only.get())) {
        for (long seed : seeds) {
          plans.add(plan(row, there, file, seed, weights, typed));
        }
      }
    }
    if (plans.isEmpty()) {
      throw Usage.wrong("no row of " + file + " contains '" + only.orElse("") + "'");
    }
    // what was mistyped shows before the first network is made
    plans.forEach(plan -> check(plan, there, file));
    return plans;
  }

  /**
   * The table for the data set that was typed: names of splits are those of the data set itself,
   * and so is the number of classes.
   */
  Ablation fitted(Ablation ablation, Map<String, String> typed) {
    String dataset = typed.get(DATASET);
    if (dataset == null) {
      return ablation;
    }
    Optional<Path> data =
        Optional.ofNullable(typed.get("data")).filter(d -> !d.isEmpty()).map(Path::of);
    int classes;
    try (OpenDataset open = OpenDataset.open(registry, Parts.parse(dataset), data, "ablate")) {
      classes = open.images().classes().size();
    }
    List<Ablation.Row> rows = new ArrayList<>();
    for (Ablation.Row row : ablation.rows()) {
      Map<String, Object> spec = new LinkedHashMap<>(row.spec());
      spec.put("classes", classes);
      Map<String, Object> train = new LinkedHashMap<>(row.train());
      Map<String, Object> eval = new LinkedHashMap<>(row.eval());
      if (!dataset.equals(String.valueOf(train.get(DATASET)))) {
        train.keySet().removeAll(List.of("train_split", "val_split"));
        eval.keySet().removeAll(List.of("split", DATASET, "data"));
      }
      rows.add(
          new Ablation.Row(
              row.title(),
              row.column(),
              row.network(),
              spec,
              train,
              eval,
              row.weights(),
              row.published(),
              row.baseline()));
    }
    return new Ablation(ablation.title(), rows, ablation.baseline(), ablation.small());
  }

  /** A cell and a seed. */
  record Plan(
      Ablation.Row row,
      long seed,
      String name,
      NetworkSpec spec,
      Map<String, Object> train,
      Optional<Path> weights) {}

  private Plan plan(
      Ablation.Row row,
      Set<String> there,
      Path file,
      long seed,
      Optional<Path> weights,
      Map<String, String> typed) {
    String name = seed == 0 ? row.network() : row.network() + "-s" + seed;
    Map<String, Object> json = new LinkedHashMap<>(row.spec());
    json.put("seed", seed);
    NetworkSpec spec = networks.spec(json, file + ", row " + row.where());
    if (there.contains(name)) {
      NetworkSpec found = networks.get(name).spec();
      if (!found.equals(spec)) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            Text.format(
                "network %s already exists with another spec (%s; the row requires %s):"
                    + " discard it, or use another --home",
                name, Specs.line(found), Specs.line(spec)));
      }
    }
    Map<String, Object> train = new LinkedHashMap<>(row.train());
    train.putAll(typed);
    train.put("seed", seed);
    return new Plan(
        row,
        seed,
        name,
        spec,
        train,
        weights.filter(d -> !row.weights().isEmpty()).map(d -> pretrained(d, row.weights())));
  }

  /** Checks the network of a row if it is to be made, and how it is trained and evaluated. */
  private void check(Plan plan, Set<String> there, Path file) {
    Ablation.Row row = plan.row();
    try {
      if (!there.contains(plan.name())) {
        networks.check(plan.spec());
      }
      TrainSpec training = trainer.plan(plan.train());
      Map<String, Object> options = new LinkedHashMap<>(row.eval());
      options.putIfAbsent("dataset", Parts.text(training.data().dataset()));
      evaluator.plan(options);
    } catch (RigException e) {
      throw new RigException(e.kind(), file + ", row " + row.where() + ": " + e.getMessage(), e);
    }
  }

  private static Path pretrained(Path directory, String beginning) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            directory, f -> f.getFileName().toString().matches("\\Q" + beginning + "\\E[-._].*"))) {
      files.forEach(found::add);
    } catch (IOException e) {
      throw FileFailures.reading(directory, e);
    }
    if (found.size() != 1) {
      throw new RigException(
          Text.format(
              "%s contains %s with names that start with %s; expected exactly one",
              directory, Text.count(found.size(), "file"), beginning));
    }
    return found.get(0);
  }
}
