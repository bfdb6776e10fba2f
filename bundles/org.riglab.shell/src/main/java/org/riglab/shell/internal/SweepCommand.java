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
   * @param session writes to it
   * @param grid axes
   * @param seeds with commas
   * @param spec a file
   * @param priority see {@link Request}
   * @param after ids with commas
   * @param title for display
   * @param on a cluster
   * @param partition of the cluster
   * @param gres of the job
   * @param time of the job
   * @param cluster further options of the cluster
   * @param json whether to print JSON
   * @param settings as {@link Trainer#options} lists them
   * @param network its name
   */
  @Descriptor(
      "adds a training for each combination of option values to the queue. Each trains a separate"
          + " network NETWORK-1, NETWORK-2, ...: a copy of the network, or assembled from --spec."
          + " --json prints an array of objects as run --json prints them")
  public void sweep(
      CommandSession session,
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
      @Descriptor("FILE: assembles the network from this spec first")
          @Parameter(
              names = {"-S", "--spec"},
              absentValue = "")
          Optional<Path> spec,
      @Descriptor("N: priority; runs with a higher priority start first")
          @Parameter(
              names = {"-P", "--priority"},
              absentValue = "0")
          int priority,
      @Descriptor("ID,...: runs that must be done first")
          @Parameter(
              names = {"-a", "--after"},
              absentValue = "")
          Optional<String> after,
      @Descriptor("TEXT: name of the run; default: the name of the network")
          @Parameter(
              names = {"-n", "--title"},
              absentValue = "")
          Optional<String> title,
      @Descriptor("CLUSTER: executes it there, for example slurm; local is this machine")
          @Parameter(
              names = {"-o", "--on"},
              absentValue = "")
          Optional<String> on,
      @Descriptor("P: of a cluster")
          @Parameter(
              names = {"-p", "--partition"},
              absentValue = "")
          Optional<String> partition,
      @Descriptor("NAME:N: devices of a job, for example gpu:1")
          @Parameter(
              names = {"-G", "--gres"},
              absentValue = "")
          Optional<String> gres,
      @Descriptor("LIMIT: of a job, as the cluster writes it, for example 4:00:00")
          @Parameter(
              names = {"-t", "--time"},
              absentValue = "")
          Optional<String> time,
      @Descriptor("NAME=VALUE: another option of a cluster, for example account=vision")
          @Parameter(
              names = {"-c", "--cluster"},
              absentValue = "")
          List<String> cluster,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      Map<String, String> settings,
      @Descriptor("name of the network") String network) {
    Map<String, Object> options = new LinkedHashMap<>(TrainCommand.resolved(session, settings));
    options.putAll(Submissions.placement(on, partition, gres, time, cluster));
    Request request =
        new Request(
            Run.Kind.TRAIN,
            title.orElse(""),
            network,
            Submissions.spec(spec),
            options,
            Submissions.grid(session, grid),
            Submissions.ids(seeds),
            priority,
            Submissions.ids(after));
    if (request.grid().isEmpty() && request.seeds().isEmpty()) {
      throw Usage.wrong(
          "a sweep requires --grid OPTION=A/B/C or --seeds N,N; submit queues one run");
    }
    List<Run> runs = lab.submit(request);
    Terminal terminal = Terminal.of(session);
    terminal.out().print(json ? Json.text(runs) : RunTables.table(runs).toString());
  }
}
