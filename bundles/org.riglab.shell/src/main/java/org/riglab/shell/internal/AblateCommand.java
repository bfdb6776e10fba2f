package org.riglab.shell.internal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;
import org.riglab.api.bench.Weights;
import org.riglab.api.metric.Scores;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.base.Names;

/** Assembles, trains and evaluates the networks of a table. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=ablate",
      Role.PROPERTY + "=operator"
    })
public final class AblateCommand extends Command {
  private static final List<String> USUAL = List.of("mIoU");

  private final Networks networks;
  private final Weights weights;
  private final Trainer trainer;
  private final Evaluator evaluator;

  /**
   * @param networks assembles
   * @param weights reads the weights that networks start from
   * @param trainer trains
   * @param evaluator evaluates
   */
  @Activate
  public AblateCommand(
      @Reference Networks networks,
      @Reference Weights weights,
      @Reference Trainer trainer,
      @Reference Evaluator evaluator) {
    super("ablate");
    this.networks = networks;
    this.weights = weights;
    this.trainer = trainer;
    this.evaluator = evaluator;
  }

  /**
   * What came of a row.
   *
   * @param row its title
   * @param network name of its network
   * @param spec one line
   * @param parameters trainable ones
   * @param published percentages by metric
   * @param scores per iteration, 0 to 1; empty if it was not trained
   * @param firstLoss loss of the first step; NaN if it was not trained
   * @param lastLoss loss of the last step
   */
  private record Result(
      String row,
      String network,
      String spec,
      long parameters,
      Map<String, Double> published,
      List<Scores> scores,
      double firstLoss,
      double lastLoss) {
    double score(String metric) {
      return scores.isEmpty()
          ? Double.NaN
          : scores.get(scores.size() - 1).values().getOrDefault(metric, Double.NaN);
    }
  }

  @Override
  List<Option> settings() {
    // a network has one seed for its weights and its training
    return trainer.options().stream()
        .filter(info -> !info.name().equals("seed"))
        .map(info -> TrainCommand.setting(info, ""))
        .toList();
  }

  /**
   * @param session writes to it
   * @param assemble whether to stop after that
   * @param only what the title or the network's name must contain
   * @param seed of weights and trainings
   * @param weights directory of pretrained weights
   * @param json whether to print JSON
   * @param settings as {@link Trainer#options} lists them
   * @param file see {@link Ablation}
   */
  @Descriptor(
      "assembles, trains and evaluates the networks of a table and prints the results next to the"
          + " published ones. An interrupted table is continued: finished trainings are kept, an"
          + " unfinished one is resumed. --json prints an array of objects: row, network, spec,"
          + " parameters, published (by metric, in per cent), scores (per iteration, as score"
          + " --json prints them), firstLoss, lastLoss")
  public void ablate(
      CommandSession session,
      @Descriptor("only assembles the networks")
          @Parameter(
              names = {"-a", "--assemble"},
              presentValue = "true",
              absentValue = "false")
          boolean assemble,
      @Descriptor("TEXT: only rows whose title or network contains it")
          @Parameter(
              names = {"-o", "--only"},
              absentValue = "")
          Optional<String> only,
      @Descriptor(
              "N: seed of the weights and the trainings; a seed other than 0 is appended to the"
                  + " names of the networks: NAME-sN")
          @Parameter(
              names = {"-s", "--seed"},
              absentValue = "0")
          long seed,
      @Descriptor(
              "DIR: directory with pretrained weights, for example resnet50-0676ba61.pth; without"
                  + " it, networks are trained from scratch")
          @Parameter(
              names = {"-w", "--weights"},
              absentValue = "")
          Optional<Path> weights,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      Map<String, String> settings,
      @Descriptor("the table, a JSON file") Path file) {
    Ablation ablation = Ablation.read(file);
    List<Ablation.Row> rows =
        ablation.rows().stream()
            .filter(
                row ->
                    only.isEmpty()
                        || row.title().contains(only.get())
                        || row.network().contains(only.get()))
            .toList();
    if (rows.isEmpty()) {
      throw Usage.wrong("no row of " + file + " contains '" + only.orElse("") + "'");
    }
    Terminal terminal = Terminal.of(session);
    Terminal told = json ? terminal.silent() : terminal;
    List<Plan> plans = rows.stream().map(row -> plan(row, file, seed, weights)).toList();
    List<Map<String, Object>> options = new ArrayList<>();
    Map<String, String> typed = TrainCommand.resolved(session, settings);
    for (Plan plan : plans) {
      Map<String, Object> own = new LinkedHashMap<>(plan.row().train());
      own.putAll(typed);
      own.put("seed", seed);
      // what was mistyped shows before the first network is made
      check(plan.row(), trainer.plan(own));
      options.add(own);
    }
    List<Result> results = new ArrayList<>();
    for (Plan plan : plans) {
      make(plan, told);
    }
    if (assemble) {
      plans.forEach(plan -> results.add(untrained(plan)));
    } else {
      for (int i = 0; i < plans.size(); i++) {
        results.add(trained(plans.get(i), options.get(i), told));
      }
    }
    if (json) {
      terminal.out().print(Json.text(results));
    } else {
      terminal.out().println(ablation.title());
      terminal.print(table(results, assemble));
    }
  }

  /** A row, checked as far as it can be before anything is made. */
  private record Plan(Ablation.Row row, String name, NetworkSpec spec, Optional<Path> weights) {}

  private Plan plan(Ablation.Row row, Path file, long seed, Optional<Path> weights) {
    String name = seed == 0 ? row.network() : row.network() + "-s" + seed;
    Map<String, Object> json = new LinkedHashMap<>(row.spec());
    json.put("seed", seed);
    NetworkSpec spec = networks.spec(json, file + ", row " + row.title());
    if (networks.names().contains(name)) {
      NetworkSpec there = networks.get(name).spec();
      if (!there.equals(spec)) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            Text.format(
                "there is a network %s already, and it is another one (%s; the row wants %s):"
                    + " discard it, or use another --home",
                name, Specs.line(there), Specs.line(spec)));
      }
    }
    return new Plan(
        row,
        name,
        spec,
        weights.filter(d -> !row.weights().isEmpty()).map(d -> pretrained(d, row.weights())));
  }

  /** Checks how a row is evaluated, as if it were trained. */
  private void check(Ablation.Row row, TrainSpec training) {
    Map<String, Object> options = new LinkedHashMap<>(row.eval());
    options.putIfAbsent("dataset", Parts.text(training.data().dataset()));
    evaluator.plan(options);
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
              "%s has %s whose name begins with %s; right would be one",
              directory, Text.count(found.size(), "file"), beginning));
    }
    return found.get(0);
  }

  private void make(Plan plan, Terminal terminal) {
    if (networks.names().contains(plan.name())) {
      plan.weights()
          .ifPresent(
              file ->
                  terminal
                      .out()
                      .println(plan.name() + " is there already; " + file + " is not read"));
      return;
    }
    networks.assemble(plan.name(), plan.spec(), false);
    boolean complete = false;
    try {
      plan.weights().ifPresent(file -> weights.read(plan.name(), file, ImportSpec.LENIENT));
      complete = true;
    } finally {
      if (!complete) {
        networks.discard(plan.name());
      }
    }
    terminal
        .out()
        .println(
            terminal.wrap(
                plan.name()
                    + ": "
                    + Specs.line(plan.spec())
                    + plan.weights().map(file -> ", weights of " + file.getFileName()).orElse(""),
                4));
  }

  private Result untrained(Plan plan) {
    return new Result(
        plan.row().title(),
        plan.name(),
        Specs.line(plan.spec()),
        parameters(plan.name()),
        plan.row().published(),
        List.of(),
        Double.NaN,
        Double.NaN);
  }

  private Result trained(Plan plan, Map<String, Object> options, Terminal terminal) {
    Training training;
    Evaluation evaluation;
    terminal.out().println(plan.row().title() + " (" + plan.name() + ")");
    try (Progress progress = new Progress(terminal, "  ")) {
      training = trainer.resume(plan.name(), options, progress);
      if (training.end() == Training.End.STOPPED || training.end() == Training.End.PAUSED) {
        throw new RigException(
            RigException.Kind.PART_FAILED,
            Text.format(
                "%s is %s; the same command goes on from there",
                training.run(), Names.writtenChoice(training.end())));
      }
      evaluation = evaluator.evaluate(evaluator.plan(plan.name(), plan.row().eval()), progress);
    }
    List<Training.Point> points = training.points();
    return new Result(
        plan.row().title(),
        plan.name(),
        Specs.line(plan.spec()),
        parameters(plan.name()),
        plan.row().published(),
        evaluation.iterations(),
        points.isEmpty() ? Double.NaN : points.get(0).loss(),
        points.isEmpty() ? Double.NaN : points.get(points.size() - 1).loss());
  }

  private long parameters(String name) {
    return networks.get(name).blocks(64, 64).stream()
        .mapToLong(block -> block.parameters() + Math.max(0, block.gateParameters()))
        .sum();
  }

  private static Table table(List<Result> results, boolean untrained) {
    Set<String> metrics = new LinkedHashSet<>();
    results.forEach(result -> metrics.addAll(result.published().keySet()));
    if (metrics.isEmpty()) {
      metrics.addAll(USUAL);
    }
    List<String> header = new ArrayList<>(List.of("row", "network", "parameters"));
    for (String metric : metrics) {
      header.add("published " + metric + " %");
      if (!untrained) {
        header.add(metric + " %");
      }
    }
    if (!untrained) {
      header.add("loss");
    }
    Table table = new Table(header);
    for (Result result : results) {
      List<String> row =
          new ArrayList<>(List.of(result.row(), result.network(), Text.count(result.parameters())));
      for (String metric : metrics) {
        double published = result.published().getOrDefault(metric, Double.NaN);
        row.add(Double.isNaN(published) ? "-" : Text.format("%.1f", published));
        if (!untrained) {
          row.add(Text.percent(result.score(metric)));
        }
      }
      if (!untrained) {
        row.add(Text.format("%.3f to %.3f", result.firstLoss(), result.lastLoss()));
      }
      table.row(row);
    }
    return table;
  }
}
