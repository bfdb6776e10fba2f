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
   * The arguments of {@code submit}.
   *
   * @param eval whether to evaluate
   * @param await whether to wait for the end
   * @param queued spec, priority, order and title
   * @param set options of an evaluation
   * @param placement where the runs are executed
   * @param json whether to print JSON
   * @param settings as {@link Trainer#options} lists them
   * @param network its name
   */
  record Arguments(
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
          boolean await,
      QueueOptions queued,
      @Descriptor(
              "OPTION=VALUE: option of the training or the evaluation, for example split=test; can"
                  + " be repeated")
          @Parameter(
              names = {"-s", "--set"},
              absentValue = "")
          List<String> set,
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
      "adds a training, or with --eval an evaluation, to the queue. A server ('rig server')"
          + " executes it, or with --wait this process. Trainings have the options of train. --json"
          + " prints an object as run --json prints it")
  public void submit(CommandSession session, Arguments given) {
    Map<String, Object> options =
        new LinkedHashMap<>(TrainCommand.resolved(session, given.settings()));
    options.putAll(Submissions.assignments(session, given.set()));
    options.putAll(given.placement().options());
    Request request =
        new Request(
            given.eval() ? Run.Kind.EVAL : Run.Kind.TRAIN,
            given.queued().title().orElse(""),
            given.network(),
            Submissions.spec(given.queued().spec()),
            options,
            Map.of(),
            List.of(),
            given.queued().priority(),
            Submissions.ids(given.queued().after()));
    Run run =
        given
            .queued()
            .spec()
            .map(file -> FileContents.read(file, () -> lab.submit(request)))
            .orElseGet(() -> lab.submit(request))
            .get(0);
    Terminal terminal = Terminal.of(session);
    if (given.await()) {
      try (Waiting waiting = new Waiting(given.json() ? terminal.silent() : terminal)) {
        run = lab.await(run.id(), waiting);
      }
    }
    if (given.json()) {
      terminal.out().print(Json.text(run));
    } else {
      RunTables.told(session, run);
    }
    if (given.await() && run.state() != Run.State.DONE) {
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
