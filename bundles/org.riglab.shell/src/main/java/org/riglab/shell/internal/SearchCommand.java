package org.riglab.shell.internal;

import java.nio.file.Path;
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
import org.riglab.api.access.Role;
import org.riglab.api.bench.Trainer;
import org.riglab.base.Feature;
import org.riglab.base.Json;
import org.riglab.search.Search;
import org.riglab.search.SearchRequest;
import org.riglab.search.SearchResult;
import org.riglab.search.Searches;
import org.riglab.search.Trial;

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
  private final Searches searches;
  private final Trainer trainer;

  /**
   * @param searches plans and executes
   * @param trainer knows the options
   */
  @Activate
  public SearchCommand(@Reference Searches searches, @Reference Trainer trainer) {
    super("search");
    this.searches = searches;
    this.trainer = trainer;
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
   * The arguments of {@code search}.
   *
   * @param over fields and values
   * @param name of the search
   * @param method random or evolution
   * @param runs largest number of trials
   * @param metric see {@link Search#metric}
   * @param asha rungs of successive halving
   * @param population trials of a generation
   * @param seed of the proposals
   * @param seeds of weights and trainings
   * @param weights a file
   * @param dryRun whether to list the first trials only
   * @param json whether to print JSON
   * @param settings as {@link Trainer#options} lists them
   * @param what a file or the name of a network
   */
  record Arguments(
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
      @Descriptor("FILE.json, or name of the network whose spec is searched") String what) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "searches for the best values of training options and fields of a network's spec, with runs"
          + " in the queue. FILE is JSON: spec or network, train, space, method, runs, metric,"
          + " asha, population, seed, seeds, weights, name; options replace what it says. An"
          + " interrupted search is continued. --json prints an object: name, method, metric, seed,"
          + " space, trials (the best first: trial, state, score, step, values, rungs, runs,"
          + " networks), importance (by field), importanceMethod; with --dry-run name, method,"
          + " metric, seed, space, trials (trial, values, networks, train)")
  public void search(CommandSession session, Arguments given) {
    Map<String, Object> typed = new LinkedHashMap<>();
    given.name().ifPresent(value -> typed.put("name", value));
    given.method().ifPresent(value -> typed.put("method", value));
    given.runs().ifPresent(value -> typed.put("runs", (long) value));
    given.metric().ifPresent(value -> typed.put("metric", value));
    given.asha().ifPresent(value -> typed.put("asha", value));
    given.population().ifPresent(value -> typed.put("population", (long) value));
    given.seed().ifPresent(value -> typed.put("seed", value));
    given.seeds().ifPresent(value -> typed.put("seeds", Submissions.ids(Optional.of(value))));
    given.weights().ifPresent(value -> typed.put("weights", value.toString()));
    Search search =
        searches.plan(
            new SearchRequest(
                given.what(),
                typed,
                given.over(),
                TrainCommand.resolved(session, given.settings()),
                files(session)));
    Terminal terminal = Terminal.of(session);
    if (given.dryRun()) {
      List<Trial> trials = search.preview();
      if (given.json()) {
        terminal.out().print(Json.text(SearchTables.json(search, trials)));
      } else {
        SearchTables.print(search, trials, terminal);
      }
      return;
    }
    Terminal shown = given.json() ? terminal.silent() : terminal;
    SearchResult result = search.execute(line -> shown.out().println(line));
    if (given.json()) {
      terminal.out().print(Json.text(SearchTables.json(search, result)));
    } else {
      SearchTables.print(search, result, terminal);
    }
  }

  private static SearchRequest.Files files(CommandSession session) {
    return new SearchRequest.Files() {
      @Override
      public Path file(String name) {
        return NamedFiles.resolve(session, name);
      }

      @Override
      public Object option(String option, Object value) {
        return NamedFiles.written(session, option, value);
      }
    };
  }
}
