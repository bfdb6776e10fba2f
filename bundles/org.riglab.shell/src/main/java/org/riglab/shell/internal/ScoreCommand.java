package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.data.Dataset;
import org.riglab.api.metric.Scores;
import org.riglab.base.Json;

/** Scores label maps. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=score"
    })
public final class ScoreCommand extends Command {
  private final Evaluator evaluator;

  /**
   * @param evaluator scores
   */
  @Activate
  public ScoreCommand(@Reference Evaluator evaluator) {
    super("score");
    this.evaluator = evaluator;
  }

  /**
   * @param session writes to it
   * @param predictions directory
   * @param labels directory
   * @param classes number of classes
   * @param voidLabel does not count
   * @param metrics as in {@link Parts}
   * @param json whether to print JSON
   */
  @Descriptor(
      "computes scores of label maps of any origin: PNG files with the same names in two"
          + " directories, pixel value = class. --json prints an object: mIoU, mAcc, pAcc (0 to 1;"
          + " null if not defined), perClass (IoU, Acc: one number per class), confusion (row ="
          + " label)")
  public void score(
      CommandSession session,
      @Descriptor("DIR: directory of the predicted maps")
          @Parameter(
              names = {"-p", "--predictions"},
              absentValue = "")
          Optional<Path> predictions,
      @Descriptor("DIR: directory of the ground truth")
          @Parameter(
              names = {"-l", "--labels"},
              absentValue = "")
          Optional<Path> labels,
      @Descriptor("N: number of classes; labels 0 to N-1 are counted")
          @Parameter(
              names = {"-c", "--classes"},
              absentValue = "")
          Optional<Integer> classes,
      @Descriptor("V: label that is ignored")
          @Parameter(
              names = {"-v", "--void"},
              absentValue = "" + Dataset.VOID)
          int voidLabel,
      @Descriptor("PART,...: metrics, for example confusion,boundary:tolerance=0.01")
          @Parameter(
              names = {"-m", "--metrics"},
              absentValue = "confusion")
          String metrics,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    Scores scores =
        evaluator.score(
            needed("--predictions DIR", predictions),
            needed("--labels DIR", labels),
            needed("--classes N", classes),
            voidLabel,
            Parts.list(metrics));
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(ScoreTables.json(scores)));
      return;
    }
    List<String> names =
        IntStream.range(0, needed("--classes N", classes)).mapToObj(i -> "class " + i).toList();
    terminal.print(ScoreTables.summary(List.of(scores)));
    boolean confusion = !scores.confusion().isEmpty();
    if (confusion) {
      terminal.out().println();
      terminal.print(ScoreTables.perClass(names, List.of(scores)));
    }
    if (!metrics.equals(ScoreTables.CONFUSION)) {
      terminal.out().println();
      terminal.print(ScoreTables.allPerClass(names, List.of(scores)));
    }
    if (confusion) {
      terminal.out().println();
      terminal.out().println(ScoreTables.POLICY);
    }
  }

  private static <T> T needed(String option, Optional<T> value) {
    return value.orElseThrow(
        () ->
            Usage.wrong(
                option + " is missing; required are --predictions, --labels and --classes"));
  }
}
