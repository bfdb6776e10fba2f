package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.metric.Scores;
import org.riglab.base.Names;

/** One run of the demo, with one seed. */
final class DemoRun {
  private static final String FEED_FORWARD = "demo-feed-forward";
  private static final String RIGNET = "demo-rignet";
  private static final String MIOU = "mIoU";

  private final Networks networks;
  private final Predictions predictions;
  private final Trainer trainer;
  private final Evaluator evaluator;
  private final Registry registry;
  private final Report report;
  private final Terminal terminal;
  private final DemoPlan plan;
  private final long seed;

  /**
   * @param networks assembles and swaps
   * @param predictions predicts
   * @param trainer trains
   * @param evaluator evaluates
   * @param registry of data sets
   * @param report draws
   * @param terminal where to write
   * @param plan what to do
   * @param seed of weights and training
   */
  DemoRun(
      Networks networks,
      Predictions predictions,
      Trainer trainer,
      Evaluator evaluator,
      Registry registry,
      Report report,
      Terminal terminal,
      DemoPlan plan,
      long seed) {
    this.networks = networks;
    this.predictions = predictions;
    this.trainer = trainer;
    this.evaluator = evaluator;
    this.registry = registry;
    this.report = report;
    this.terminal = terminal;
    this.plan = plan;
    this.seed = seed;
  }

  /**
   * What came of it; mIoU is 0 to 1, of the last iteration, after the trainings of equal length.
   *
   * @param seed of weights and training
   * @param feedForward mIoU of the feed-forward network
   * @param rigNet mIoU of the RIGNet, before the swap
   */
  record Outcome(long seed, double feedForward, double rigNet) {}

  /** A network at one point of the demo. */
  private record Stage(
      String network, String gate, long steps, String remark, Evaluation evaluation) {
    String title() {
      return remark.isEmpty() ? gate : gate + " (" + remark + ")";
    }

    double mIoU() {
      return evaluation.answer().values().getOrDefault(MIOU, Double.NaN);
    }
  }

  /**
   * @param directory for the page
   * @return what came of it
   */
  Outcome run(Path directory) {
    long start = System.nanoTime();
    try (OpenDataset data =
        OpenDataset.open(registry, Parts.parse(plan.dataset()), Optional.empty(), "command demo")) {
      ClassTable classes = data.images().classes();
      Split split = data.split(plan.split());
      NetworkSpec standard = Specs.standard(classes.size(), seed);
      List<Stage> stages = new ArrayList<>();

      assemble(FEED_FORWARD, changes("feed-forward", Optional.empty()).applied(standard, networks));
      Training first = train(FEED_FORWARD, plan.steps(), seed);
      stages.add(evaluate(FEED_FORWARD, "no gate", plan.steps(), ""));
      List<Report.Row> firstRows = rows(FEED_FORWARD, split, "");

      assemble(
          RIGNET, changes("parallel", Optional.of(plan.feedback())).applied(standard, networks));
      Training second = train(RIGNET, plan.steps(), seed);
      stages.add(evaluate(RIGNET, plan.gate(), plan.steps(), ""));
      List<Report.Row> secondRows = rows(RIGNET, split, ", " + plan.gate());

      swap();
      stages.add(evaluate(RIGNET, plan.otherGate(), plan.steps(), "just swapped"));
      Training third = train(RIGNET, plan.moreSteps(), seed + 1);
      stages.add(evaluate(RIGNET, plan.otherGate(), plan.steps() + plan.moreSteps(), ""));
      secondRows.addAll(rows(RIGNET, split, ", " + plan.otherGate()));

      Path page =
          report.page(
              directory,
              new Report.Page(
                  "Riglab demo",
                  summary(stages),
                  List.of(
                      new Report.Entry(
                          "feed-forward",
                          List.of(first),
                          evaluations(stages.subList(0, 1)),
                          firstRows),
                      new Report.Entry(
                          "RIGNet",
                          List.of(second, third),
                          evaluations(stages.subList(1, stages.size())),
                          secondRows)),
                  classes));
      terminal.out().println();
      terminal.print(table(stages));
      terminal.out().println("page: " + page);
      terminal.out().println("took " + Text.duration((System.nanoTime() - start) / 1e9));
      return new Outcome(seed, stages.get(0).mIoU(), stages.get(1).mIoU());
    }
  }

  private Specs.Changes changes(String unroll, Optional<String> feedback) {
    return new Specs.Changes(
        Optional.of(plan.backbone()),
        Optional.empty(),
        Optional.of(plan.gate()),
        Optional.of(unroll),
        feedback,
        feedback.map(f -> plan.iterations()),
        Optional.empty());
  }

  private void assemble(String name, NetworkSpec spec) {
    networks.assemble(name, spec, true);
    terminal.out().println(terminal.wrap(name + ": " + Specs.line(spec), 4));
  }

  private Training train(String name, long steps, long trainingSeed) {
    Map<String, String> options = new HashMap<>(plan.training());
    options.put("dataset", plan.dataset());
    options.put("steps", String.valueOf(steps));
    options.put("seed", String.valueOf(trainingSeed));
    options.put("eval_every", String.valueOf(plan.evalEvery()));
    try (Progress progress = new Progress(terminal, "  ")) {
      Training training = trainer.train(trainer.plan(name, options), progress);
      if (training.end() == Training.End.STOPPED || training.end() == Training.End.PAUSED) {
        throw new RigException(
            RigException.Kind.PART_FAILED,
            "the demo was " + Names.writtenChoice(training.end()) + " while it trained " + name);
      }
      return training;
    }
  }

  private Stage evaluate(String name, String gate, long steps, String remark) {
    try (Progress progress = new Progress(terminal, "  ")) {
      Evaluation evaluation =
          evaluator.evaluate(
              evaluator.plan(name, Map.of("dataset", plan.dataset(), "split", plan.split())),
              progress);
      progress.message(
          Text.format(
              "evaluated on %d images of %s: mIoU %s",
              evaluation.images(),
              plan.split(),
              String.join(" ", evaluation.iterations().stream().map(DemoRun::mIoU).toList())));
      return new Stage(name, gate, steps, remark, evaluation);
    }
  }

  private void swap() {
    NetworkSpec spec =
        new Specs.Changes(
                Optional.empty(),
                Optional.empty(),
                Optional.of(plan.otherGate()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())
            .applied(networks.get(RIGNET).spec(), networks);
    WeightTransfer transfer = networks.swap(RIGNET, spec);
    terminal
        .out()
        .println(
            Text.format(
                "%s: swapped %s for %s: %d tensors stayed, %d initialised",
                RIGNET,
                plan.gate(),
                plan.otherGate(),
                transfer.matched().size(),
                transfer.initialised().size()));
  }

  private List<Report.Row> rows(String name, Split split, String suffix) {
    List<Report.Row> rows = new ArrayList<>();
    int count = Math.min(plan.examples(), split.size());
    for (int i = 0; i < count; i++) {
      Sample sample = split.sample((int) ((long) i * split.size() / count));
      RgbImage image = new RgbImage(sample.height(), sample.width(), sample.image());
      Prediction prediction = predictions.predict(name, image, List.of("gate.*.t*"));
      rows.add(
          new Report.Row(
              sample.id() + suffix,
              image,
              Optional.of(sample.label()),
              prediction.labels(),
              prediction.maps()));
    }
    return rows;
  }

  private static Map<String, Evaluation> evaluations(List<Stage> stages) {
    Map<String, Evaluation> evaluations = new LinkedHashMap<>();
    for (Stage stage : stages) {
      evaluations.put(
          stage.title() + ", " + Text.count(stage.steps()) + " steps", stage.evaluation());
    }
    return evaluations;
  }

  private Table table(List<Stage> stages) {
    List<String> header = new ArrayList<>(List.of("network", "gate", "steps"));
    for (int t = 1; t <= plan.iterations(); t++) {
      header.add("mIoU % t" + t);
    }
    header.addAll(List.of("pAcc %", "mAcc %", "images/s"));
    Table table = new Table(header);
    for (Stage stage : stages) {
      List<String> row =
          new ArrayList<>(List.of(stage.network(), stage.title(), Text.count(stage.steps())));
      for (int t = 0; t < plan.iterations(); t++) {
        List<Scores> iterations = stage.evaluation().iterations();
        row.add(t < iterations.size() ? mIoU(iterations.get(t)) : "");
      }
      Map<String, Double> values = stage.evaluation().answer().values();
      row.add(Text.percent(values.getOrDefault("pAcc", Double.NaN)));
      row.add(Text.percent(values.getOrDefault("mAcc", Double.NaN)));
      row.add(Text.format("%.1f", stage.evaluation().imagesPerSecond()));
      table.row(row);
    }
    return table;
  }

  private static String mIoU(Scores scores) {
    return Text.percent(scores.values().getOrDefault(MIOU, Double.NaN));
  }

  private List<String> summary(List<Stage> stages) {
    Stage flat = stages.get(0);
    Stage before = stages.get(1);
    Stage swapped = stages.get(2);
    Stage after = stages.get(3);
    return List.of(
        Text.format(
            "Two networks of the same backbone, %s, trained for %d steps each on %s with seed %d:"
                + " mIoU on %s is %s %% feed-forward and %s %% with recurrent gates (parallel,"
                + " feedback %s, u=%d).",
            plan.backbone(),
            plan.steps(),
            plan.dataset(),
            seed,
            plan.split(),
            Text.percent(flat.mIoU()),
            Text.percent(before.mIoU()),
            plan.feedback(),
            plan.iterations()),
        Text.format(
            "Then the gate %s was swapped for %s in the running process; every weight whose name"
                + " and shape match stayed. mIoU is %s %% right after the swap, and %s %% after %d"
                + " more steps.",
            plan.gate(),
            plan.otherGate(),
            Text.percent(swapped.mIoU()),
            Text.percent(after.mIoU()),
            plan.moreSteps()));
  }
}
