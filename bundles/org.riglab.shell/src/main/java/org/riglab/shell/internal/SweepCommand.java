package org.riglab.shell.internal;

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
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.base.Feature;
import org.riglab.base.Json;

/** Puts a grid of runs into the queue. */
@Feature(Feature.TRAINING)
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=sweep",
      Role.PROPERTY + "=operator"
    })
public final class SweepCommand extends Command {
  private final Lab lab;
  private final Trainer trainer;

  /**
   * @param lab the store of runs
   * @param trainer knows the options
   */
  @Activate
  public SweepCommand(@Reference Lab lab, @Reference Trainer trainer) {
    super("sweep");
    this.lab = lab;
    this.trainer = trainer;
  }

  @Override
  List<Option> settings() {
    // with their long names only: the short ones are this command's
    return trainer.options().stream().map(info -> TrainCommand.setting(info, "")).toList();
  }

  /**
   * The arguments of {@code sweep}.
   *
   * @param grid axes
   * @param seeds with commas
   * @param queued spec, priority, order and title
   * @param placement where the runs are executed
   * @param json whether to print JSON
   * @param settings as {@link Trainer#options} lists them
   * @param network its name
   */
  record Arguments(
      @Descriptor(
              "OPTION=A/B/C: values of a training option, or of network.FIELD of the network's"
                  + " spec; can be repeated")
          @Parameter(
              names = {"-g", "--grid"},
              absentValue = "")
          List<String> grid,
      @Descriptor("N,...: seeds; each combination is trained once per seed")
          @Parameter(
              names = {"-x", "--seeds"},
              absentValue = "")
          Optional<String> seeds,
      QueueOptions queued,
      PlacementOptions placement,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      Map<String, String> settings,
      @Descriptor("name of the network") String network) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "adds a training for each combination of option values to the queue. Each trains a separate"
          + " network NETWORK-1, NETWORK-2, ...: a copy of the network, or assembled from --spec."
          + " --json prints an array of objects as run --json prints them")
  public void sweep(CommandSession session, Arguments given) {
    Map<String, Object> options =
        new LinkedHashMap<>(TrainCommand.resolved(session, given.settings()));
    options.putAll(given.placement().options());
    Request request =
        new Request(
            Run.Kind.TRAIN,
            given.queued().title().orElse(""),
            given.network(),
            Submissions.spec(given.queued().spec()),
            options,
            Submissions.grid(session, given.grid()),
            Submissions.ids(given.seeds()),
            given.queued().priority(),
            Submissions.ids(given.queued().after()));
    if (request.grid().isEmpty() && request.seeds().isEmpty()) {
      throw Usage.wrong(
          "a sweep requires --grid OPTION=A/B/C or --seeds N,N; submit queues one run");
    }
    List<Run> runs = lab.submit(request);
    Terminal terminal = Terminal.of(session);
    terminal.out().print(given.json() ? Json.text(runs) : RunTables.table(runs).toString());
  }
}
