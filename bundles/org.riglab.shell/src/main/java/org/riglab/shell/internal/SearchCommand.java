package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Weights;
import org.riglab.api.lab.Lab;
import org.riglab.base.Feature;
import org.riglab.base.Json;
import org.riglab.base.ProcessLock;

/** Searches for the best values of fields of a network and its training. */
@Feature(Feature.TRAINING)
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=search",
      Role.PROPERTY + "=operator"
    })
public final class SearchCommand extends Command {
  private final Networks networks;
  private final Weights weights;
  private final Trainer trainer;
  private final Lab lab;

  /**
   * @param networks assembles
   * @param weights reads the weights that networks start from
   * @param trainer knows the options
   * @param lab keeps the runs
   */
  @Activate
  public SearchCommand(
      @Reference Networks networks,
      @Reference Weights weights,
      @Reference Trainer trainer,
      @Reference Lab lab) {
    super("search");
    this.networks = networks;
    this.weights = weights;
    this.trainer = trainer;
    this.lab = lab;
  }

  @Override
  List<Option> settings() {
    // the seed is that of the search, --seeds those of weights and trainings
    return trainer.options().stream()
        .filter(info -> !info.name().equals("seed"))
        .map(info -> TrainCommand.setting(info, ""))
        .toList();
  }

  /**
   * @param session writes to it
   * @param over fields and values
   * @param name of the search
   * @param method random or evolution
   * @param runs largest number of trials
   * @param metric see {@link SearchPlan}
   * @param asha see {@link SearchPlan}
   * @param population see {@link SearchPlan}
   * @param seed of the proposals
   * @param seeds of weights and trainings
   * @param weights a file
   * @param dryRun whether to list the first trials only
   * @param json whether to print JSON
   * @param settings as {@link Trainer#options} lists them
   * @param what a file or the name of a network
   */
  @SuppressWarnings("try") // the lock is held, not used
  @Descriptor(
      "searches for the best values of training options and fields of a network's spec, with runs"
          + " in the queue. FILE is JSON: spec or network, train, space, method, runs, metric,"
          + " asha, population, seed, seeds, weights, name; options replace what it says. An"
          + " interrupted search is continued. --json prints an object: name, method, metric, seed,"
          + " space, trials (the best first: trial, state, score, step, values, rungs, runs,"
          + " networks), importance (by field), importanceMethod; with --dry-run name, method,"
          + " metric, seed, space, trials (trial, values, networks, train)")
  public void search(
      CommandSession session,
      @Descriptor(
              "FIELD=VALUES: a training option, network.FIELD of the spec, or with a dot an option"
                  + " of a part (network.gate.init); LOW..HIGH, log:LOW..HIGH, int:LOW..HIGH,"
                  + " int:log:LOW..HIGH or A/B/C; can be repeated")
          @Parameter(
              names = {"-o", "--over"},
              absentValue = "")
          List<String> over,
      @Descriptor(
              "NAME: of the search, with which the names of its networks begin; default: name of"
                  + " the file, or NETWORK-search")
          @Parameter(
              names = {"-N", "--name"},
              absentValue = "")
          Optional<String> name,
      @Descriptor("random|evolution: how values are chosen; default random")
          @Parameter(
              names = {"-m", "--method"},
              absentValue = "")
          Optional<String> method,
      @Descriptor("N: largest number of trials; default 20")
          @Parameter(
              names = {"-r", "--runs"},
              absentValue = "")
          Optional<Integer> runs,
      @Descriptor(
              "METRIC[:class][:iteration]: the score, for example mIoU, mIoU:1 or IoU:car; with -"
                  + " in front smaller is better; default mIoU")
          @Parameter(
              names = {"-M", "--metric"},
              absentValue = "")
          Optional<String> metric,
      @Descriptor(
              "STEPS[:ETA]: stops trials that are not among the best 1/ETA at STEPS, STEPS*ETA,"
                  + " STEPS*ETA*ETA, ... steps; ETA is 3 by default")
          @Parameter(
              names = {"-a", "--asha"},
              absentValue = "")
          Optional<String> asha,
      @Descriptor("N: trials of a generation of the evolution; default 8")
          @Parameter(
              names = {"-p", "--population"},
              absentValue = "")
          Optional<Integer> population,
      @Descriptor("N: seed of the search; default 0")
          @Parameter(
              names = {"-s", "--seed"},
              absentValue = "")
          Optional<Long> seed,
      @Descriptor(
              "N,...: seeds of weights and training; a trial has a run for each, and its score is"
                  + " their mean; default 0")
          @Parameter(
              names = {"-x", "--seeds"},
              absentValue = "")
          Optional<String> seeds,
      @Descriptor("FILE: weights that the networks start from")
          @Parameter(
              names = {"-w", "--weights"},
              absentValue = "")
          Optional<Path> weights,
      @Descriptor("only lists the trials that are known in advance")
          @Parameter(
              names = {"-n", "--dry-run"},
              presentValue = "true",
              absentValue = "false")
          boolean dryRun,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      Map<String, String> settings,
      @Descriptor("FILE.json, or name of the network whose spec is searched") String what) {
    Map<String, Object> typed = new LinkedHashMap<>();
    name.ifPresent(value -> typed.put("name", value));
    method.ifPresent(value -> typed.put("method", value));
    runs.ifPresent(value -> typed.put("runs", (long) value));
    metric.ifPresent(value -> typed.put("metric", value));
    asha.ifPresent(value -> typed.put("asha", value));
    population.ifPresent(value -> typed.put("population", (long) value));
    seed.ifPresent(value -> typed.put("seed", value));
    seeds.ifPresent(value -> typed.put("seeds", Submissions.ids(Optional.of(value))));
    weights.ifPresent(value -> typed.put("weights", value.toString()));
    SearchPlan plan =
        new SearchFile(networks)
            .plan(session, what, typed, over, TrainCommand.resolved(session, settings));
    Terminal terminal = Terminal.of(session);
    Optional<Asha> halving = plan.halving(trainer);
    if (dryRun) {
      list(plan, terminal, json);
      return;
    }
    Path file = plan.file(networks.home());
    try (ProcessLock lock = lock(file, plan.name())) {
      SearchState state = SearchState.open(plan, networks.home());
      check(plan, plan.proposals().next(List.of(), Math.max(1, plan.population())));
      Terminal shown = json ? terminal.silent() : terminal;
      new SearchRuns(
              lab, networks, this.weights, plan, state, halving, line -> shown.out().println(line))
          .go();
      if (json) {
        terminal.out().print(Json.text(SearchTables.json(plan, state.trials)));
      } else {
        SearchTables.print(plan, state.trials, terminal);
      }
    }
  }

  private static ProcessLock lock(Path file, String name) {
    return ProcessLock.tryTake(file.getParent(), name, "process " + ProcessHandle.current().pid())
        .orElseThrow(
            () ->
                new RigException(
                    RigException.Kind.CONFLICT,
                    "search "
                        + name
                        + " is being executed by "
                        + ProcessLock.owner(file.getParent(), name, "another process")));
  }

  /** What was mistyped shows before the first network is made. */
  private void check(SearchPlan plan, List<double[]> points) {
    for (double[] point : points) {
      Map<String, Object> values = plan.space().values(point);
      plan.network(values, plan.seeds().get(0), networks);
      trainer.plan(plan.training(values, plan.seeds().get(0)));
    }
  }

  private void list(SearchPlan plan, Terminal terminal, boolean json) {
    List<double[]> points = plan.proposals().next(List.of(), plan.runs());
    check(plan, points);
    Map<String, Object> head = SearchTables.json(plan, List.of());
    List<Map<String, Object>> trials = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("trial"));
    plan.space().fields().forEach(field -> header.add(field.name()));
    Table table = new Table(header);
    for (double[] point : points) {
      Map<String, Object> values = plan.space().values(point);
      SearchTrial trial = new SearchTrial(trials.size() + 1, point, values);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("trial", trial.number);
      row.put("values", values);
      row.put(
          "networks",
          plan.seeds().stream()
              .map(s -> trial.network(plan.name(), s, plan.seeds().size()))
              .toList());
      row.put("train", plan.training(values, plan.seeds().get(0)));
      trials.add(row);
      List<String> cells = new ArrayList<>(List.of(String.valueOf(trial.number)));
      values.values().forEach(value -> cells.add(String.valueOf(value)));
      table.row(cells);
    }
    if (json) {
      head.put("trials", trials);
      head.remove("importance");
      head.remove("importanceMethod");
      terminal.out().print(Json.text(head));
    } else {
      terminal.out().println(plan.name() + ": " + Text.count(plan.runs(), "trial") + " at most");
      terminal.print(table);
    }
  }
}
