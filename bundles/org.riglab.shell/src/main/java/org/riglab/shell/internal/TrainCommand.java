package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Feature;
import org.riglab.base.Json;
import org.riglab.base.Names;

/** Trains a network. */
@Feature(Feature.TRAINING)
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=train",
      Role.PROPERTY + "=operator"
    })
public final class TrainCommand extends Command {
  private static final String DATA = "data";
  private static final Map<String, String> SHORT_NAMES =
      Map.ofEntries(
          Map.entry("dataset", "d"),
          Map.entry(DATA, "D"),
          Map.entry("recipe", "p"),
          Map.entry("epochs", "e"),
          Map.entry("steps", "n"),
          Map.entry("batch", "b"),
          Map.entry("lr", "l"),
          Map.entry("size", "z"),
          Map.entry("seed", "s"),
          Map.entry("optimizer", "o"),
          Map.entry("threads", "t"));

  private final Trainer trainer;
  private final Lab lab;

  /**
   * @param trainer trains
   * @param lab records the training; null if there is none
   */
  @Activate
  public TrainCommand(
      @Reference Trainer trainer,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Lab lab) {
    super("train");
    this.trainer = trainer;
    this.lab = lab;
  }

  @Override
  List<Option> settings() {
    return trainer.options().stream()
        .map(info -> setting(info, SHORT_NAMES.getOrDefault(info.name(), "")))
        .toList();
  }

  /**
   * @param info an option of trainings
   * @param shortName one letter; empty for none
   * @return the option as it is typed
   */
  static Option setting(OptionInfo info, String shortName) {
    return Option.of(info, shortName, info.about());
  }

  /**
   * @param session has a directory
   * @param settings of a training
   * @return the same, files relative to that directory: a run is resumed from anywhere
   */
  static Map<String, String> resolved(CommandSession session, Map<String, String> settings) {
    Map<String, String> resolved = new HashMap<>(settings);
    resolved.replaceAll((option, value) -> NamedFiles.option(session, option, value));
    return resolved;
  }

  /**
   * @param session writes to it
   * @param resume whether to continue the last run
   * @param extend whether it may become longer
   * @param json whether to print JSON
   * @param settings as {@link Trainer#options} lists them
   * @param name of the network
   */
  @Descriptor(
      "trains a network. Ctrl-C stops it after the current step and writes a checkpoint. --json"
          + " prints an object: id, run, directory, end (finished, early, stopped, paused), spec,"
          + " points (step, loss, learningRate), evaluations (step, mIoU per iteration), bestMIoU,"
          + " bestStep, imagesPerSecond, waiting")
  public void train(
      CommandSession session,
      @Descriptor(
              "continues the last run of the network, with the same results as without the"
                  + " interruption")
          @Parameter(
              names = {"-r", "--resume"},
              presentValue = "true",
              absentValue = "false")
          boolean resume,
      @Descriptor(
              "with --resume: allows larger --steps, --epochs and --patience than before, and"
                  + " continues a finished run")
          @Parameter(
              names = {"-E", "--extend"},
              presentValue = "true",
              absentValue = "false")
          boolean extend,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      Map<String, String> settings,
      @Descriptor("name of the network") String name) {
    Map<String, String> given = resolved(session, settings);
    if (extend && !resume) {
      throw Usage.wrong("--extend requires --resume");
    }
    if (extend) {
      given.put("extend", "true");
    }
    Terminal terminal = Terminal.of(session);
    Training training;
    OptionalLong id;
    try (Progress progress = new Progress(json ? terminal.silent() : terminal, "")) {
      training =
          resume
              ? trainer.resume(name, given, progress)
              : trainer.train(trainer.plan(name, given), progress);
      id = indexed(training, progress);
    }
    String run = called(training, id);
    if (json) {
      terminal.out().print(Json.text(TrainingJson.of(training, id)));
    } else {
      print(terminal, training, run);
    }
    if (training.end() == Training.End.STOPPED || training.end() == Training.End.PAUSED) {
      throw new RigException(
          RigException.Kind.PART_FAILED,
          Text.format(
              "%s is %s after step %d; 'train %s --resume' continues",
              run, Names.writtenChoice(training.end()), steps(training), name));
    }
  }

  /**
   * Makes a finished training known as a run, with its pictures; it is finished also if this fails.
   *
   * @return the id of the run; empty if there is none
   */
  private OptionalLong indexed(Training training, Progress progress) {
    if (lab == null) {
      return OptionalLong.empty();
    }
    try {
      if (training.end() == Training.End.FINISHED || training.end() == Training.End.EARLY) {
        lab.index(training.directory());
      }
    } catch (RigException e) {
      progress.message("no pictures are stored: " + e.getMessage());
    }
    String folder = "runs/" + training.directory().getFileName();
    return lab.list(Lab.Query.where("folder=\"" + folder + "\"", List.of(), 0, 1)).runs().stream()
        .filter(run -> run.folder().equals(folder))
        .mapToLong(Run::id)
        .findFirst();
  }

  private static String called(Training training, OptionalLong id) {
    return id.isPresent() ? "run " + id.getAsLong() + " (" + training.run() + ")" : training.run();
  }

  private static void print(Terminal terminal, Training training, String run) {
    if (!training.evaluations().isEmpty()) {
      int iterations =
          training.evaluations().stream().mapToInt(e -> e.mIoU().size()).max().orElse(0);
      List<String> header = new ArrayList<>(List.of("step"));
      for (int t = 1; t <= iterations; t++) {
        header.add(iterations == 1 ? "mIoU %" : "mIoU % t" + t);
      }
      Table table = new Table(header);
      for (Training.Validation evaluation : training.evaluations()) {
        List<String> row = new ArrayList<>(List.of(String.valueOf(evaluation.step())));
        evaluation.mIoU().forEach(v -> row.add(Text.percent(v)));
        table.row(row);
      }
      terminal.print(table);
    }
    List<Training.Point> points = training.points();
    terminal
        .out()
        .println(
            terminal.wrap(
                Text.format(
                    "%s %s: %d steps%s, %.1f images/s, %.1f%% of the time waiting for data",
                    run,
                    Names.writtenChoice(training.end()),
                    steps(training),
                    points.isEmpty()
                        ? ""
                        : Text.format(", last loss %.4f", points.get(points.size() - 1).loss()),
                    training.imagesPerSecond(),
                    100 * training.waiting()),
                4));
    if (!Double.isNaN(training.bestMIoU())) {
      terminal
          .out()
          .println(
              Text.format(
                  "best mIoU %s at step %d",
                  Text.percent(training.bestMIoU()), training.bestStep()));
    }
    terminal.out().println(training.directory());
  }

  private static long steps(Training training) {
    List<Training.Point> points = training.points();
    return points.isEmpty() ? 0 : points.get(points.size() - 1).step();
  }
}
