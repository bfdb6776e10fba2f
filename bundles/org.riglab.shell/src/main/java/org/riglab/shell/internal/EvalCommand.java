package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Report;
import org.riglab.api.data.ClassTable;
import org.riglab.base.Json;

/** Evaluates networks. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=eval",
      Role.PROPERTY + "=operator"
    })
public final class EvalCommand extends Command {
  private final Evaluator evaluator;
  private final Report report;

  /**
   * @param evaluator evaluates
   * @param report draws
   */
  @Activate
  public EvalCommand(@Reference Evaluator evaluator, @Reference Report report) {
    super("eval");
    this.evaluator = evaluator;
    this.report = report;
  }

  /**
   * The arguments of {@code eval}.
   *
   * @param images the images of the evaluation
   * @param scoring original or warped
   * @param scales of several passes
   * @param flip whether every pass is repeated mirrored
   * @param window that slides
   * @param overlap of windows
   * @param inputScales of the network's own input
   * @param stopping when the iterations end
   * @param curve a file
   * @param metrics as in {@link Parts}
   * @param threads of the native library
   * @param execution compiled, eager or onnx
   * @param precision of compiled passes
   * @param device where to compute
   * @param extraOutputs of the network
   * @param confusion a file
   * @param perClass whether to print every score of every class
   * @param summary whether to print the mean over the networks only
   * @param json whether to print JSON
   * @param name of the networks
   */
  record Arguments(
      ImageOptions images,
      @Descriptor(
              "original|warped: labels that resized images are compared with: original ones (PASCAL"
                  + " VOC) or resized ones (COCO-Stuff); default: warped")
          @Parameter(
              names = {"-S", "--scoring"},
              absentValue = "")
          Optional<String> scoring,
      @Descriptor(
              "S,...: averages the probabilities over these scales of the image, for example"
                  + " 0.5,0.75,1,1.25,1.5")
          @Parameter(
              names = {"-x", "--scales"},
              absentValue = "")
          Optional<String> scales,
      @Descriptor("also averages over the mirrored image")
          @Parameter(
              names = {"-f", "--flip"},
              presentValue = "true",
              absentValue = "false")
          boolean flip,
      @Descriptor("HxW: sliding window; overlapping predictions are averaged")
          @Parameter(
              names = {"-w", "--window"},
              absentValue = "")
          Optional<String> window,
      @Descriptor(
              "SHARE: overlap of adjacent windows, as a share of the window; default: one third")
          @Parameter(
              names = {"-o", "-v", "--overlap"},
              absentValue = "")
          Optional<String> overlap,
      @Descriptor(
              "S,...: multi-scale input, the maximum of the logits is used (DeepLabV2: 1,0.75,0.5);"
                  + " default: that of the training")
          @Parameter(
              names = {"-i", "--input-scales"},
              absentValue = "")
          Optional<String> inputScales,
      StoppingOptions stopping,
      @Descriptor(
              "FILE: measures the cost of each prediction, one image at a time, and plots mIoU over"
                  + " multiply-adds of all networks (.svg) or writes the numbers (.json)")
          @Parameter(
              names = {"-C", "--curve"},
              absentValue = "")
          Optional<Path> curve,
      @Descriptor("PART,...: metrics, for example confusion,boundary:tolerance=0.01,change-rate")
          @Parameter(
              names = {"-m", "--metrics"},
              absentValue = "")
          Optional<String> metrics,
      @Descriptor("N: number of threads of the native library")
          @Parameter(
              names = {"-t", "--threads"},
              absentValue = "")
          Optional<String> threads,
      @Descriptor(
              "compiled|eager|onnx: how passes are executed; onnx: by ONNX Runtime on the CPU in"
                  + " fp32; default: compiled")
          @Parameter(
              names = {"-E", "--execution"},
              absentValue = "")
          Optional<String> execution,
      @Descriptor("fp32|bf16|fp16|auto: precision of compiled passes; default: fp32")
          @Parameter(
              names = {"-P", "--precision"},
              absentValue = "")
          Optional<String> precision,
      @Descriptor("DEVICE: auto, cpu, gpu0, gpu1, ...")
          @Parameter(
              names = {"-e", "--device"},
              absentValue = "")
          Optional<String> device,
      @Descriptor(
              "error|ignore|wrong: outputs of the network beyond the classes of the data set: an"
                  + " error, left out of the comparison of logits, or wrong predictions; default:"
                  + " error")
          @Parameter(
              names = {"-X", "--extra-outputs"},
              absentValue = "")
          Optional<String> extraOutputs,
      @Descriptor(
              "FILE: writes the confusion matrix, as .csv (all iterations) or .png (last"
                  + " iteration)")
          @Parameter(
              names = {"-c", "--confusion"},
              absentValue = "")
          Optional<Path> confusion,
      @Descriptor("prints all scores of each class")
          @Parameter(
              names = {"-p", "--per-class"},
              presentValue = "true",
              absentValue = "false")
          boolean perClass,
      @Descriptor("prints the mean over the networks; the default for more than one")
          @Parameter(
              names = {"-u", "--summary"},
              presentValue = "true",
              absentValue = "false")
          boolean summary,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("names of the networks") List<String> name) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "evaluates networks: mIoU, pAcc, mAcc and the IoU of each class, per iteration. For several"
          + " networks, for example one per seed, prints the scores of the last iteration, their"
          + " mean and its 95 % confidence interval (Student's t). --json prints an object:"
          + " network, networkSpec, dataset, data, split, fingerprint, images, imagesPerSecond,"
          + " settings, classes, mIoU, pAcc, mAcc (of the last iteration, 0 to 1; null if not"
          + " defined), iterations (one object as score --json prints it per iteration), parts; for"
          + " several networks networks (a list of these) and summary (per score n, mean, std,"
          + " halfWidth)")
  public void eval(CommandSession session, Arguments given) {
    Map<String, Object> options =
        EvalOptions.of(given.images(), given.threads(), given.execution(), given.device());
    given.scoring().ifPresent(v -> options.put("scoring", v));
    given.scales().ifPresent(v -> options.put("scales", v));
    if (given.flip()) {
      options.put("flip", true);
    }
    given.window().ifPresent(v -> options.put("window", Specs.size(v)));
    given.overlap().ifPresent(v -> options.put("overlap", v));
    given.inputScales().ifPresent(v -> options.put("input_scales", v));
    given.metrics().ifPresent(v -> options.put("metrics", v));
    given.extraOutputs().ifPresent(v -> options.put("extra_outputs", v));
    given.stopping().into(options);
    given.curve().ifPresent(file -> options.put("cost", CostCurve.checked(file)));
    given.precision().ifPresent(v -> options.put("precision", v));
    if (given.name().stream().distinct().count() < given.name().size()) {
      throw Usage.wrong("a network is named twice: each counts once for the mean");
    }
    boolean many = given.summary() || given.name().size() > 1;
    boolean picture = given.confusion().map(EvalCommand::picture).orElse(false);
    if (many && given.confusion().isPresent()) {
      throw Usage.wrong("--confusion is for one network without --summary");
    }
    List<EvalSpec> specs = given.name().stream().map(n -> evaluator.plan(n, options)).toList();
    Terminal terminal = Terminal.of(session);
    List<Evaluation> evaluations = evaluations(specs, given.json() ? terminal.silent() : terminal);
    if (given.curve().isPresent()) {
      CostCurve.write(given.curve().get(), evaluations, report);
      (given.json() ? terminal.silent() : terminal).out().println("curve: " + given.curve().get());
    }
    if (many) {
      print(terminal, evaluations, given.perClass(), given.json());
      return;
    }
    Evaluation evaluation = evaluations.get(0);
    List<String> classes = EvaluationText.names(evaluation);
    if (given.json()) {
      terminal.out().print(Json.text(EvaluationText.json(evaluation, classes)));
    } else {
      print(terminal, evaluation, classes, given.perClass());
    }
    // Last, so that a file that cannot be written does not cost the scores.
    if (given.confusion().isPresent()) {
      Path file = given.confusion().get();
      if (evaluation.answer().confusion().isEmpty()) {
        throw new RigException(
            "there is no confusion matrix for " + file + ": no metric of --metrics computes one");
      }
      if (picture) {
        report.confusion(
            file,
            evaluation.answer().confusion(),
            evaluation.classes(),
            EvaluationText.confusionTitle(evaluation));
      } else {
        Output.write(file, ScoreTables.confusionCsv(classes, evaluation.iterations()));
      }
      if (!given.json()) {
        terminal.out().println("confusion matrix: " + file);
      }
    }
  }

  private static void print(
      Terminal terminal, Evaluation evaluation, List<String> classes, boolean perClass) {
    terminal.out().println(EvaluationText.title(terminal, evaluation));
    terminal.out().println();
    terminal.print(ScoreTables.summary(evaluation.iterations()));
    CostCurve.print(terminal, evaluation);
    if (!evaluation.answer().confusion().isEmpty()) {
      terminal.out().println();
      terminal.print(ScoreTables.perClass(classes, evaluation.iterations()));
    }
    if (perClass) {
      terminal.out().println();
      terminal.print(ScoreTables.allPerClass(classes, evaluation.iterations()));
    }
    policy(terminal, evaluation);
  }

  private static boolean picture(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (!name.endsWith(".png") && !name.endsWith(".csv")) {
      throw Usage.wrong("--confusion " + file + ": the name must end in .csv or .png");
    }
    Output.checkFile("--confusion", file);
    return name.endsWith(".png");
  }

  private List<Evaluation> evaluations(List<EvalSpec> specs, Terminal terminal) {
    List<Evaluation> evaluations = new ArrayList<>();
    for (EvalSpec spec : specs) {
      try (Progress progress = new Progress(terminal, "")) {
        evaluations.add(evaluator.evaluate(spec, progress));
      }
      Evaluation first = evaluations.get(0);
      Evaluation last = evaluations.get(evaluations.size() - 1);
      if (!first.fingerprint().equals(last.fingerprint()) || first.images() != last.images()) {
        throw new RigException(
            Text.format(
                "%s was evaluated on %s, %s on %s: the mean requires the same data; select it"
                    + " with --dataset, --data and --split",
                first.spec().network(),
                EvaluationText.where(first.spec()),
                last.spec().network(),
                EvaluationText.where(last.spec())));
      }
    }
    return evaluations;
  }

  private static void print(
      Terminal terminal, List<Evaluation> evaluations, boolean perClass, boolean json) {
    if (json) {
      JsonObject object = new JsonObject();
      JsonArray networks = new JsonArray();
      evaluations.forEach(e -> networks.add(EvaluationText.json(e, EvaluationText.names(e))));
      object.add("networks", networks);
      object.add("summary", Json.tree(SummaryTables.spreads(evaluations)));
      terminal.out().print(Json.text(object));
      return;
    }
    evaluations.forEach(e -> terminal.out().println(EvaluationText.title(terminal, e)));
    terminal.out().println();
    terminal.print(SummaryTables.table(evaluations));
    if (perClass) {
      terminal.out().println();
      terminal.print(SummaryTables.perClass(evaluations));
    }
    terminal.out().println();
    terminal.out().println(SummaryTables.NOTE);
    policy(terminal, evaluations.get(0));
  }

  private static void policy(Terminal terminal, Evaluation evaluation) {
    terminal.out().println();
    terminal.out().print(ScoreTables.policy(terminal, evaluation.parts()));
    List<String> classes =
        evaluation.classes().entries().stream().map(ClassTable.Entry::name).toList();
    ScoreTables.absent(classes, evaluation.answer())
        .ifPresent(line -> terminal.out().println(terminal.wrap(line, 0)));
  }
}
