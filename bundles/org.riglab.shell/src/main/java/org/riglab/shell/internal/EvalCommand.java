package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
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
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.data.ClassTable;

/** Evaluates a network. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=eval"
    })
public final class EvalCommand extends Command {
  private final Evaluator evaluator;

  /**
   * @param evaluator evaluates
   */
  @Activate
  public EvalCommand(@Reference Evaluator evaluator) {
    super("eval");
    this.evaluator = evaluator;
  }

  /**
   * @param session writes to it
   * @param dataset as in {@link Parts}
   * @param data its directory
   * @param split of the data set
   * @param limit number of images
   * @param resize of images and labels
   * @param metrics names
   * @param threads of the native library
   * @param device where to compute
   * @param confusion a file
   * @param json whether to print JSON
   * @param name of the network
   */
  @Descriptor(
      "evaluates a network: mIoU, pAcc, mAcc and the IoU of every class, per iteration. --json"
          + " prints an object: network, networkSpec, dataset, data, split, fingerprint, images,"
          + " imagesPerSecond, classes, mIoU, pAcc, mAcc (of the last iteration, 0 to 1; null if not"
          + " defined), iterations (one object as score --json prints it per iteration), parts")
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
      @Descriptor("HxW: size that every image and label is brought to")
          @Parameter(
              names = {"-r", "--resize"},
              absentValue = "")
          Optional<String> resize,
      @Descriptor("NAME,...: names of metrics")
          @Parameter(
              names = {"-m", "--metrics"},
              absentValue = "")
          Optional<String> metrics,
      @Descriptor("N: threads of the native library")
          @Parameter(
              names = {"-t", "--threads"},
              absentValue = "")
          Optional<String> threads,
      @Descriptor("DEVICE: auto, cpu, gpu0, gpu1, ...")
          @Parameter(
              names = {"-e", "--device"},
              absentValue = "")
          Optional<String> device,
      @Descriptor("FILE.csv: writes the confusion matrix of every iteration")
          @Parameter(
              names = {"-c", "--confusion"},
              absentValue = "")
          Optional<Path> confusion,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("of the network") String name) {
    Map<String, Object> options = new LinkedHashMap<>();
    dataset.ifPresent(v -> options.put("dataset", v));
    data.ifPresent(v -> options.put("data", v.toString()));
    split.ifPresent(v -> options.put("split", v));
    limit.ifPresent(v -> options.put("limit", v));
    resize.ifPresent(v -> options.put("resize", Specs.size(v)));
    metrics.ifPresent(v -> options.put("metrics", v));
    threads.ifPresent(v -> options.put("threads", v));
    device.ifPresent(v -> options.put("device", v));
    Terminal terminal = Terminal.of(session);
    EvalSpec spec = evaluator.plan(name, options);
    Evaluation evaluation;
    try (Progress progress = new Progress(json ? terminal.silent() : terminal, "")) {
      evaluation = evaluator.evaluate(spec, progress);
    }
    List<String> classes =
        evaluation.classes().entries().stream().map(ClassTable.Entry::name).toList();
    confusion.ifPresent(
        file -> Output.write(file, ScoreTables.confusionCsv(classes, evaluation.iterations())));
    if (json) {
      terminal.out().print(Json.text(json(evaluation, classes)));
      return;
    }
    terminal.out().println(title(evaluation));
    terminal.out().println();
    terminal.out().print(ScoreTables.summary(evaluation.iterations()));
    terminal.out().println();
    terminal.out().print(ScoreTables.perClass(classes, evaluation.iterations()));
    terminal.out().println();
    terminal.out().println(ScoreTables.POLICY);
    confusion.ifPresent(file -> terminal.out().println("confusion matrix: " + file));
  }

  private static String title(Evaluation evaluation) {
    EvalSpec spec = evaluation.spec();
    return Text.format(
        "%s on %s%s: %s images%s, %.1f images/s",
        spec.network(),
        Parts.text(spec.dataset()),
        spec.split().isEmpty() ? "" : " " + spec.split(),
        Text.count(evaluation.images()),
        spec.resize().isEmpty() ? "" : " at " + Text.size(spec.resize()),
        evaluation.imagesPerSecond());
  }

  private static JsonObject json(Evaluation evaluation, List<String> classes) {
    JsonObject object = new JsonObject();
    object.addProperty("network", evaluation.spec().network());
    object.add("networkSpec", Json.of(evaluation.networkSpec()));
    object.addProperty("dataset", Parts.text(evaluation.spec().dataset()));
    object.addProperty("data", evaluation.spec().data());
    object.addProperty("split", evaluation.spec().split());
    object.addProperty("fingerprint", evaluation.fingerprint());
    object.addProperty("images", evaluation.images());
    object.addProperty("imagesPerSecond", evaluation.imagesPerSecond());
    object.add("classes", Json.of(classes));
    evaluation.answer().values().forEach((name, value) -> object.add(name, Json.of(value)));
    JsonArray iterations = new JsonArray();
    evaluation.iterations().forEach(scores -> iterations.add(ScoreTables.json(scores)));
    object.add("iterations", iterations);
    object.add("parts", Json.of(evaluation.parts()));
    return object;
  }
}
