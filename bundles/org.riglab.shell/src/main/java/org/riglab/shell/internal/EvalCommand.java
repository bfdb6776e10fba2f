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
   * @param session writes to it
   * @param dataset as in {@link Parts}
   * @param data its directory
   * @param split of the data set
   * @param limit number of images
   * @param resize of images
   * @param scoring original or warped
   * @param scales of several passes
   * @param flip whether every pass is repeated mirrored
   * @param window that slides
   * @param overlap of windows
   * @param inputScales of the network's own input
   * @param iterations number of iterations
   * @param budgetMs milliseconds per image
   * @param budgetGmac multiply-adds per image
   * @param until when a prediction is stable
   * @param curve a file
   * @param metrics as in {@link Parts}
   * @param threads of the native library
   * @param execution compiled, eager or onnx
   * @param precision of compiled passes
   * @param device where to compute
   * @param confusion a file
   * @param perClass whether to print every score of every class
   * @param summary whether to print the mean over the networks only
   * @param json whether to print JSON
   * @param name of the networks
   */
  @Descriptor(
      "evaluates networks: mIoU, pAcc, mAcc and the IoU of every class, per iteration. Of several"
          + " networks, for example one per seed, it prints the last iteration's scores, their mean"
          + " and the 95 % confidence interval of the mean by Student's t. --json prints an object:"
          + " network, networkSpec, dataset, data, split, fingerprint, images, imagesPerSecond,"
          + " settings, classes, mIoU, pAcc, mAcc (of the last iteration, 0 to 1; null if not"
          + " defined), iterations (one object as score --json prints it per iteration), parts; for"
          + " several networks networks (a list of these) and summary (per score n, mean, std,"
          + " halfWidth)")
  public void eval(
      CommandSession session,
      @Descriptor("PART: the data set; the one it was trained on without it")
          @Parameter(
              names = {"-d", "--dataset"},
              absentValue = "")
          Optional<String> dataset,
      @Descriptor("DIR: its directory; that of the training without it")
          @Parameter(
              names = {"-D", "--data"},
              absentValue = "")
          Optional<Path> data,
      @Descriptor("SPLIT: which one; the data set's second without it")
          @Parameter(
              names = {"-s", "--split"},
              absentValue = "")
          Optional<String> split,
      @Descriptor("N: the first so many images only")
          @Parameter(
              names = {"-l", "--limit"},
              absentValue = "")
          Optional<String> limit,
      @Descriptor("HxW: size that every image is brought to")
          @Parameter(
              names = {"-r", "--resize"},
              absentValue = "")
          Optional<String> resize,
      @Descriptor(
              "original|warped: whether resized images are scored at the size of the untouched"
                  + " label (PASCAL VOC) or with the label resized too (COCO-Stuff); warped without"
                  + " it")
          @Parameter(
              names = {"-S", "--scoring"},
              absentValue = "")
          Optional<String> scoring,
      @Descriptor(
              "S,...: runs the image once per scale and averages the probabilities, for example"
                  + " 0.5,0.75,1,1.25,1.5")
          @Parameter(
              names = {"-x", "--scales"},
              absentValue = "")
          Optional<String> scales,
      @Descriptor("averages with the mirrored image, too")
          @Parameter(
              names = {"-f", "--flip"},
              presentValue = "true",
              absentValue = "false")
          boolean flip,
      @Descriptor("HxW: slides a window over the image and averages where windows overlap")
          @Parameter(
              names = {"-w", "--window"},
              absentValue = "")
          Optional<String> window,
      @Descriptor("SHARE: of a window that the next one covers, too; a third without it")
          @Parameter(
              names = {"-o", "-v", "--overlap"},
              absentValue = "")
          Optional<String> overlap,
      @Descriptor(
              "S,...: the network sees the image at these scales and the largest logit wins"
                  + " (DeepLabV2: 1,0.75,0.5); those of the training without it")
          @Parameter(
              names = {"-i", "--input-scales"},
              absentValue = "")
          Optional<String> inputScales,
      @Descriptor(
              "N: number of iterations; those of the network without it. May exceed those of the"
                  + " training")
          @Parameter(
              names = {"-n", "--iterations"},
              absentValue = "")
          Optional<String> iterations,
      @Descriptor("MS: stops before the iteration that would take longer than so many ms per image")
          @Parameter(
              names = {"-b", "--budget-ms"},
              absentValue = "")
          Optional<String> budgetMs,
      @Descriptor("N: stops before the iteration that would need more than N 10^9 multiply-adds")
          @Parameter(
              names = {"-g", "--budget-gmac"},
              absentValue = "")
          Optional<String> budgetGmac,
      @Descriptor(
              "RULE: stops per image when the prediction is stable: change<0.5%, entropy<0.01,"
                  + " kl<0.001 or stable:K (no pixel has changed in K iterations), in quotes")
          @Parameter(
              names = {"-U", "--until"},
              absentValue = "")
          Optional<String> until,
      @Descriptor(
              "FILE: measures the cost of every prediction, one image at a time, and draws mIoU"
                  + " over multiply-adds of all networks as .svg, or writes the numbers as .json")
          @Parameter(
              names = {"-C", "--curve"},
              absentValue = "")
          Optional<Path> curve,
      @Descriptor("PART,...: metrics, for example confusion,boundary:tolerance=0.01,change-rate")
          @Parameter(
              names = {"-m", "--metrics"},
              absentValue = "")
          Optional<String> metrics,
      @Descriptor("N: threads of the native library")
          @Parameter(
              names = {"-t", "--threads"},
              absentValue = "")
          Optional<String> threads,
      @Descriptor(
              "compiled (if nothing says otherwise): one native program per pass; eager; onnx: in"
                  + " ONNX Runtime, on the CPU, fp32")
          @Parameter(
              names = {"-E", "--execution"},
              absentValue = "")
          Optional<String> execution,
      @Descriptor("fp32 (if nothing says otherwise), bf16, fp16 or auto; of compiled passes")
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
              "FILE: writes the confusion matrix: of every iteration as .csv, of the last one as a"
                  + " picture as .png")
          @Parameter(
              names = {"-c", "--confusion"},
              absentValue = "")
          Optional<Path> confusion,
      @Descriptor("prints every score of every class")
          @Parameter(
              names = {"-p", "--per-class"},
              presentValue = "true",
              absentValue = "false")
          boolean perClass,
      @Descriptor("prints the mean over the networks; always so for more than one")
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
      @Descriptor("of the networks") List<String> name) {
    Map<String, Object> options =
        EvalOptions.of(dataset, data, split, limit, resize, threads, execution, device);
    scoring.ifPresent(v -> options.put("scoring", v));
    scales.ifPresent(v -> options.put("scales", v));
    if (flip) {
      options.put("flip", true);
    }
    window.ifPresent(v -> options.put("window", Specs.size(v)));
    overlap.ifPresent(v -> options.put("overlap", v));
    inputScales.ifPresent(v -> options.put("input_scales", v));
    metrics.ifPresent(v -> options.put("metrics", v));
    EvalOptions.stopping(options, iterations, budgetMs, budgetGmac, until);
    curve.ifPresent(file -> options.put("cost", CostCurve.checked(file)));
    precision.ifPresent(v -> options.put("precision", v));
    boolean many = summary || name.size() > 1;
    boolean picture = confusion.map(EvalCommand::picture).orElse(false);
    if (many && confusion.isPresent()) {
      throw Usage.wrong("--confusion is for one network without --summary");
    }
    List<EvalSpec> specs = name.stream().map(n -> evaluator.plan(n, options)).toList();
    Terminal terminal = Terminal.of(session);
    List<Evaluation> evaluations = evaluations(specs, json ? terminal.silent() : terminal);
    if (curve.isPresent()) {
      CostCurve.write(curve.get(), evaluations, report);
      (json ? terminal.silent() : terminal).out().println("curve: " + curve.get());
    }
    if (many) {
      print(terminal, evaluations, perClass, json);
      return;
    }
    Evaluation evaluation = evaluations.get(0);
    List<String> classes = EvaluationText.names(evaluation);
    if (json) {
      terminal.out().print(Json.text(EvaluationText.json(evaluation, classes)));
    } else {
      print(terminal, evaluation, classes, perClass);
    }
    // Last, so that a file that cannot be written does not cost the scores.
    if (confusion.isPresent()) {
      Path file = confusion.get();
      if (evaluation.answer().confusion().isEmpty()) {
        throw new RigException(
            "there is no confusion matrix for " + file + ": --metrics names none that makes one");
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
      if (!json) {
        terminal.out().println("confusion matrix: " + file);
      }
    }
  }

  private static void print(
      Terminal terminal, Evaluation evaluation, List<String> classes, boolean perClass) {
    terminal.out().println(EvaluationText.title(evaluation));
    terminal.out().println();
    terminal.out().print(ScoreTables.summary(evaluation.iterations()));
    CostCurve.print(terminal, evaluation);
    if (!evaluation.answer().confusion().isEmpty()) {
      terminal.out().println();
      terminal.out().print(ScoreTables.perClass(classes, evaluation.iterations()));
    }
    if (perClass) {
      terminal.out().println();
      terminal.out().print(ScoreTables.allPerClass(classes, evaluation.iterations()));
    }
    policy(terminal, evaluation);
  }

  private static boolean picture(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (!name.endsWith(".png") && !name.endsWith(".csv")) {
      throw Usage.wrong("--confusion " + file + ": the name must end in .csv or .png");
    }
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
                "%s was evaluated on %s, %s on %s: there is no mean over different data; say which"
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
    evaluations.forEach(e -> terminal.out().println(EvaluationText.title(e)));
    terminal.out().println();
    terminal.out().print(SummaryTables.table(evaluations));
    if (perClass) {
      terminal.out().println();
      terminal.out().print(SummaryTables.perClass(evaluations));
    }
    terminal.out().println();
    terminal.out().println(SummaryTables.NOTE);
    policy(terminal, evaluations.get(0));
  }

  private static void policy(Terminal terminal, Evaluation evaluation) {
    terminal.out().println();
    terminal.out().print(ScoreTables.policy(evaluation.parts()));
  }
}
