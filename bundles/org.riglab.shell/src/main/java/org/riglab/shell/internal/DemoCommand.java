package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.Trainer;
import org.riglab.base.Feature;
import org.riglab.base.Spread;

/** Shows the whole bench at work. */
@Feature(Feature.TRAINING)
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=demo",
      Role.PROPERTY + "=operator"
    })
public final class DemoCommand extends Command {
  private final Networks networks;
  private final Predictions predictions;
  private final Trainer trainer;
  private final Evaluator evaluator;
  private final Registry registry;
  private final Report report;

  /**
   * @param networks assembles and swaps
   * @param predictions predicts
   * @param trainer trains
   * @param evaluator evaluates
   * @param registry of data sets
   * @param report draws
   */
  @Activate
  public DemoCommand(
      @Reference Networks networks,
      @Reference Predictions predictions,
      @Reference Trainer trainer,
      @Reference Evaluator evaluator,
      @Reference Registry registry,
      @Reference Report report) {
    super("demo");
    this.networks = networks;
    this.predictions = predictions;
    this.trainer = trainer;
    this.evaluator = evaluator;
    this.registry = registry;
    this.report = report;
  }

  /**
   * @param session writes to it
   * @param quick whether one minute must do
   * @param output directory
   * @param seed of the first run
   * @param seeds how many runs
   * @param steps of the first trainings
   */
  @Descriptor(
      "demonstrates Riglab on the embedded data set: assembles a feed-forward network and a RIGNet"
          + " with the same backbone, trains both for the same number of steps, evaluates them,"
          + " swaps the gate of the RIGNet, continues its training, evaluates it again, and writes"
          + " a report with tables, curves and pictures")
  public void demo(
      CommandSession session,
      @Descriptor("uses smaller images and fewer steps; takes less than a minute")
          @Parameter(
              names = {"-q", "--quick"},
              presentValue = "true",
              absentValue = "false")
          boolean quick,
      @Descriptor("DIR: directory of the report; default: reports/demo in the home")
          @Parameter(
              names = {"-o", "--output"},
              absentValue = "")
          Optional<Path> output,
      @Descriptor("N: seed of the weights and the trainings")
          @Parameter(
              names = {"-s", "--seed"},
              absentValue = "0")
          long seed,
      @Descriptor("N: number of seeds; prints the means with their 95 % confidence intervals")
          @Parameter(
              names = {"-r", "-x", "--seeds"},
              absentValue = "1")
          int seeds,
      @Descriptor("N: number of steps of the first trainings")
          @Parameter(
              names = {"-n", "--steps"},
              absentValue = "")
          Optional<Long> steps) {
    if (seeds < 1 || steps.orElse(1L) < 1) {
      throw Usage.wrong("--seeds and --steps must be 1 or more");
    }
    DemoPlan standard = quick ? DemoPlan.QUICK : DemoPlan.FULL;
    DemoPlan plan = steps.map(standard::withSteps).orElse(standard);
    Path directory = output.orElse(networks.home().resolve("reports").resolve("demo"));
    Terminal terminal = Terminal.of(session);
    List<DemoRun.Outcome> outcomes = new ArrayList<>();
    for (long s = seed; s < seed + seeds; s++) {
      if (seeds > 1) {
        terminal.out().println("seed " + s);
      }
      DemoRun run =
          new DemoRun(
              networks, predictions, trainer, evaluator, registry, report, terminal, plan, s);
      outcomes.add(run.run(seeds == 1 ? directory : directory.resolve("seed-" + s)));
    }
    if (seeds > 1) {
      terminal.out().println();
      terminal.print(comparison(outcomes));
    }
  }

  static Table comparison(List<DemoRun.Outcome> outcomes) {
    Table table = new Table("seed", "feed-forward mIoU %", "RIGNet mIoU %", "difference");
    for (DemoRun.Outcome outcome : outcomes) {
      row(table, String.valueOf(outcome.seed()), outcome.feedForward(), outcome.rigNet());
    }
    Spread feedForward = Spread.of(outcomes.stream().map(DemoRun.Outcome::feedForward).toList());
    Spread rigNet = Spread.of(outcomes.stream().map(DemoRun.Outcome::rigNet).toList());
    row(table, "mean", feedForward.mean(), rigNet.mean());
    Spread difference =
        Spread.of(outcomes.stream().map(o -> o.rigNet() - o.feedForward()).toList());
    table.row(
        SummaryTables.HALF_WIDTH,
        Text.percent(feedForward.halfWidth()),
        Text.percent(rigNet.halfWidth()),
        Text.percent(difference.halfWidth()));
    return table;
  }

  private static void row(Table table, String seed, double feedForward, double rigNet) {
    table.row(
        seed,
        Text.percent(feedForward),
        Text.percent(rigNet),
        Text.format("%+.2f", 100 * (rigNet - feedForward)));
  }
}
