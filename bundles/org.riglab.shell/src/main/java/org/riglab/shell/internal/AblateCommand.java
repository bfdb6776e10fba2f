package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Weights;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Feature;
import org.riglab.base.Json;
import org.riglab.base.RequestText;
import org.riglab.shell.internal.AblationPlans.Plan;

/** Assembles, trains and evaluates the networks of a table. */
@Feature(Feature.TRAINING)
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=ablate",
      Role.PROPERTY + "=operator"
    })
public final class AblateCommand extends Command {
  private final Networks networks;
  private final Weights weights;
  private final Trainer trainer;
  private final AblationPlans makes;
  private final AblationRuns runs;

  /**
   * @param networks assembles
   * @param weights reads the weights that networks start from
   * @param trainer trains
   * @param evaluator evaluates
   * @param registry knows data sets
   * @param lab the store of runs
   */
  @Activate
  public AblateCommand(
      @Reference Networks networks,
      @Reference Weights weights,
      @Reference Trainer trainer,
      @Reference Evaluator evaluator,
      @Reference Registry registry,
      @Reference Lab lab) {
    super("ablate");
    this.networks = networks;
    this.weights = weights;
    this.trainer = trainer;
    this.makes = new AblationPlans(networks, trainer, evaluator, registry);
    this.runs = new AblationRuns(lab);
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
   * The arguments of {@code ablate}.
   *
   * @param assemble whether to stop after that
   * @param dryRun whether to list the cells only
   * @param queue whether to put the runs into the queue only
   * @param results whether to print the results that are there only
   * @param small whether to use the small form
   * @param only what the title or the network's name must contain
   * @param seed of weights and trainings
   * @param seeds the same, several
   * @param weights directory of pretrained weights
   * @param format of the table
   * @param output a file
   * @param json whether to print JSON
   * @param settings as {@link Trainer#options} lists them
   * @param file see {@link Ablation}
   */
  record Arguments(
      @Descriptor("only assembles the networks")
          @Parameter(
              names = {"-a", "--assemble"},
              presentValue = "true",
              absentValue = "false")
          boolean assemble,
      @Descriptor("only lists the cells")
          @Parameter(
              names = {"-n", "--dry-run"},
              presentValue = "true",
              absentValue = "false")
          boolean dryRun,
      @Descriptor("adds the runs to the queue without waiting for them")
          @Parameter(
              names = {"-q", "--queue"},
              presentValue = "true",
              absentValue = "false")
          boolean queue,
      @Descriptor(
              "only prints the results that are there; makes no networks and queues and waits for"
                  + " nothing")
          @Parameter(
              names = {"-r", "--results"},
              presentValue = "true",
              absentValue = "false")
          boolean results,
      @Descriptor("uses the small form of the table, which runs on a CPU")
          @Parameter(
              names = {"-S", "--small"},
              presentValue = "true",
              absentValue = "false")
          boolean small,
      @Descriptor("TEXT: only rows with this text in title or network")
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
      @Descriptor("N,...: seeds")
          @Parameter(
              names = {"-x", "--seeds"},
              absentValue = "")
          Optional<String> seeds,
      @Descriptor(
              "DIR: directory with pretrained weights, for example resnet50-0676ba61.pth; without"
                  + " it, networks are trained from scratch")
          @Parameter(
              names = {"-w", "--weights"},
              absentValue = "")
          Optional<Path> weights,
      @Descriptor("text|markdown|latex|csv|html: format of the table")
          @Parameter(
              names = {"-F", "--format"},
              absentValue = "text")
          String format,
      @Descriptor("FILE: writes the table to this file")
          @Parameter(
              names = {"-O", "--output"},
              absentValue = "")
          Optional<Path> output,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      Map<String, String> settings,
      @Descriptor("the table, a JSON file") Path file) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "assembles, trains and evaluates the networks of a table through the queue and prints the"
          + " results next to the published ones, with the 95 % interval over the seeds and the"
          + " difference to the baseline. An interrupted table is continued. --json prints an array"
          + " of objects, one per cell and seed: row, column, seed, network, spec, parameters,"
          + " published (by metric, in per cent), scores (per iteration, as score --json prints"
          + " them), summary (by metric), firstLoss, lastLoss; with --dry-run table, row, column,"
          + " seed, network, spec, train, eval, weights, published")
  public void ablate(CommandSession session, Arguments given) {
    FormattedTable.Format wanted = FormattedTable.Format.of(given.format());
    Map<String, String> typed = TrainCommand.resolved(session, given.settings());
    Ablation read =
        Ablation.read(given.file()).named(options -> NamedFiles.written(session, options));
    Ablation ablation = makes.fitted(given.small() ? read.small(given.file()) : read, typed);
    List<Long> numbers =
        given.seeds().isPresent() ? Submissions.ids(given.seeds()) : List.of(given.seed());
    List<Plan> plans =
        makes.plans(ablation, given.only(), numbers, given.weights(), typed, given.file());
    Terminal terminal = Terminal.of(session);
    // a table that another program reads stands alone
    boolean alone =
        given.json() || wanted != FormattedTable.Format.TEXT && given.output().isEmpty();
    Terminal told = alone ? terminal.silent() : terminal;
    if (given.dryRun()) {
      list(ablation, plans, terminal, given.json());
      return;
    }
    if (given.results()) {
      print(ablation, plans, ended(plans), terminal, given.json(), wanted, given.output());
      return;
    }
    make(plans, given.file(), told);
    if (given.assemble()) {
      print(ablation, plans, Map.of(), terminal, given.json(), wanted, given.output());
      return;
    }
    Map<Plan, AblationRuns.Pair> pairs = new LinkedHashMap<>();
    for (Plan plan : plans) {
      pairs.put(
          plan,
          runs.queue(
              // Where there is room for the beginning only, it tells the cells apart.
              RequestText.cut(
                  "%s, seed %d: %s".formatted(plan.row().where(), plan.seed(), ablation.title()),
                  RequestText.NAME),
              plan.name(),
              plan.train(),
              plan.row().eval()));
    }
    String recorded = AblationRecord.write(networks.home(), ablation, pairs);
    if (given.queue()) {
      List<Run> queued =
          pairs.values().stream().flatMap(pair -> Stream.of(pair.train(), pair.eval())).toList();
      terminal.out().print(given.json() ? Json.text(queued) : RunTables.table(queued).toString());
      return;
    }
    told.out().println("the page shows it at #/tables/" + recorded);
    pairs.forEach(
        (plan, pair) -> {
          told.out().println(plan.row().where() + " (" + plan.name() + ")");
          runs.await(pair, told);
        });
    print(ablation, plans, pairs, terminal, given.json(), wanted, given.output());
  }

  /** The runs of the networks whose evaluation is done. */
  private Map<Plan, AblationRuns.Pair> ended(List<Plan> plans) {
    Map<Plan, AblationRuns.Pair> pairs = new LinkedHashMap<>();
    plans.forEach(
        plan -> runs.done(plan.name(), plan.train()).ifPresent(pair -> pairs.put(plan, pair)));
    return pairs;
  }

  /** Assembles all networks or, if one of them cannot be assembled, none. */
  private void make(List<Plan> plans, Path file, Terminal terminal) {
    List<String> made = new ArrayList<>();
    boolean complete = false;
    try {
      for (Plan plan : plans) {
        try {
          if (make(plan, terminal)) {
            made.add(plan.name());
          }
        } catch (RigException e) {
          String where = file + ", row " + plan.row().where() + ": ";
          throw new RigException(e.kind(), where + e.getMessage(), e);
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        made.forEach(networks::discard);
      }
    }
  }

  /** Returns whether the network was not there before. */
  private boolean make(Plan plan, Terminal terminal) {
    if (networks.names().contains(plan.name())) {
      plan.weights()
          .ifPresent(
              file ->
                  terminal
                      .out()
                      .println(plan.name() + " already exists; " + file + " is not read"));
      return false;
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
    return true;
  }

  private long parameters(String name) {
    return networks.get(name).blocks(64, 64).stream()
        .mapToLong(block -> block.parameters() + Math.max(0, block.gateParameters()))
        .sum();
  }

  private void list(Ablation ablation, List<Plan> plans, Terminal terminal, boolean json) {
    if (!json) {
      Table table = new Table("row", "column", "seed", "network", "spec", "published");
      for (Plan plan : plans) {
        table.row(
            plan.row().title(),
            plan.row().column(),
            String.valueOf(plan.seed()),
            plan.name(),
            Specs.line(plan.spec()),
            plan.row().published().toString().replaceAll("[{}]", ""));
      }
      terminal.out().println(ablation.title() + ": " + Text.count(plans.size(), "cell"));
      terminal.print(table);
      return;
    }
    List<Map<String, Object>> cells = new ArrayList<>();
    for (Plan plan : plans) {
      Map<String, Object> cell = new LinkedHashMap<>();
      cell.put("table", ablation.title());
      cell.put("row", plan.row().title());
      cell.put("column", plan.row().column());
      cell.put("seed", plan.seed());
      cell.put("network", plan.name());
      cell.put("spec", plan.spec());
      cell.put("train", plan.train());
      cell.put("eval", plan.row().eval());
      cell.put("weights", plan.row().weights());
      cell.put("published", plan.row().published());
      cells.add(cell);
    }
    terminal.out().print(Json.text(cells));
  }

  private void print(
      Ablation ablation,
      List<Plan> plans,
      Map<Plan, AblationRuns.Pair> pairs,
      Terminal terminal,
      boolean json,
      FormattedTable.Format format,
      Optional<Path> output) {
    Map<Ablation.Row, List<AblationCells.Seed>> results = new LinkedHashMap<>();
    for (Plan plan : plans) {
      results
          .computeIfAbsent(plan.row(), row -> new ArrayList<>())
          .add(result(plan, pairs.get(plan)));
    }
    List<AblationCells.Cell> cells = new ArrayList<>();
    results.forEach((row, seeds) -> cells.add(new AblationCells.Cell(row, seeds)));
    AblationTable table = new AblationTable(ablation, cells);
    int columns = output.isPresent() ? Text.COLUMNS : terminal.columns();
    String text = FormattedTable.write(table.tables(), format, columns);
    output.ifPresent(path -> Output.write(path, text));
    if (json) {
      terminal.out().print(Json.text(AblationJson.of(cells, table)));
    } else if (output.isPresent()) {
      terminal.out().println("table: " + output.get());
    } else {
      terminal.out().print(text);
    }
  }

  private AblationCells.Seed result(Plan plan, AblationRuns.Pair pair) {
    AblationRuns.Found found =
        pair == null ? new AblationRuns.Found(List.of(), List.of()) : runs.found(pair);
    double[] losses = pair == null ? new double[] {Double.NaN, Double.NaN} : runs.losses(pair);
    return new AblationCells.Seed(
        plan.seed(),
        plan.name(),
        Specs.line(plan.spec()),
        networks.names().contains(plan.name()) ? parameters(plan.name()) : 0,
        found.iterations(),
        found.images(),
        losses[0],
        losses[1]);
  }
}
