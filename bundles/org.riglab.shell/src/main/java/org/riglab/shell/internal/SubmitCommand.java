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
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Trainer;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.base.Names;

/** Puts a run into the queue. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=submit",
      Role.PROPERTY + "=operator"
    })
public final class SubmitCommand extends Command {
  private final Lab lab;
  private final Optional<Trainer> trainer;

  /**
   * @param lab the store of runs
   * @param trainer knows the options; null where there is none
   */
  @Activate
  public SubmitCommand(
      @Reference Lab lab,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Trainer trainer) {
    super("submit");
    this.lab = lab;
    this.trainer = Optional.ofNullable(trainer);
  }

  @Override
  List<Option> settings() {
    // with their long names only: the short ones are this command's
    return trainer
        .map(t -> t.options().stream().map(info -> TrainCommand.setting(info, "")).toList())
        .orElse(List.of());
  }

  /**
   * @param session writes to it
   * @param eval whether to evaluate
   * @param wait whether to wait for the end
   * @param spec a file
   * @param priority see {@link Request}
   * @param after ids with commas
   * @param title for display
   * @param set options of an evaluation
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
      "adds a training, or with --eval an evaluation, to the queue. A server ('rig server')"
          + " executes it, or with --wait this process. Trainings have the options of train. --json"
          + " prints an object as run --json prints it")
  public void submit(
      CommandSession session,
      @Descriptor("adds an evaluation; its options are given with --set")
          @Parameter(
              names = {"-e", "--eval"},
              presentValue = "true",
              absentValue = "false")
          boolean eval,
      @Descriptor("waits until the run has ended")
          @Parameter(
              names = {"-w", "--wait"},
              presentValue = "true",
              absentValue = "false")
          boolean wait,
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
      @Descriptor(
              "OPTION=VALUE: option of the training or the evaluation, for example split=test; can"
                  + " be repeated")
          @Parameter(
              names = {"-s", "--set"},
              absentValue = "")
          List<String> set,
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
    options.putAll(Submissions.assignments(session, set));
    options.putAll(Submissions.placement(on, partition, gres, time, cluster));
    Request request =
        new Request(
            eval ? Run.Kind.EVAL : Run.Kind.TRAIN,
            title.orElse(""),
            network,
            Submissions.spec(spec),
            options,
            Map.of(),
            List.of(),
            priority,
            Submissions.ids(after));
    Run run =
        spec.map(file -> FileContents.read(file, () -> lab.submit(request)))
            .orElseGet(() -> lab.submit(request))
            .get(0);
    Terminal terminal = Terminal.of(session);
    if (wait) {
      try (Waiting waiting = new Waiting(json ? terminal.silent() : terminal)) {
        run = lab.await(run.id(), waiting);
      }
    }
    if (json) {
      terminal.out().print(Json.text(run));
    } else {
      RunTables.told(session, run);
    }
    if (wait && run.state() != Run.State.DONE) {
      throw new RigException(
          Waiting.failure(run),
          Text.format(
              "run %d is %s%s",
              run.id(),
              Names.writtenChoice(run.state()),
              run.error().isEmpty() ? "" : ": " + run.error()));
    }
  }
}
