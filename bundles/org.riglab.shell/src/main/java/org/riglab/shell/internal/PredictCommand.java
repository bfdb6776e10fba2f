package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
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
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.access.Role;
import org.riglab.api.bench.BulkPredictor;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.ClassTable;

/** Predicts the labels of images. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=predict",
      Role.PROPERTY + "=operator"
    })
public final class PredictCommand extends Command {
  private final Networks networks;
  private final Predictions predictions;
  private final Report report;
  private final List<BulkPredictor> engines;

  /**
   * @param networks knows the classes
   * @param predictions predicts
   * @param report draws
   * @param engines label many images
   */
  @Activate
  public PredictCommand(
      @Reference Networks networks,
      @Reference Predictions predictions,
      @Reference Report report,
      @Reference(policyOption = ReferencePolicyOption.GREEDY) List<BulkPredictor> engines) {
    super("predict");
    this.networks = networks;
    this.predictions = predictions;
    this.report = report;
    this.engines = List.copyOf(engines);
  }

  /**
   * The arguments of {@code predict}.
   *
   * @param output directory
   * @param maps names of maps
   * @param scales of several passes
   * @param flip whether every pass is repeated mirrored
   * @param window that slides
   * @param overlap of windows
   * @param inputScales of the network's own input
   * @param stopping when the iterations end
   * @param upright whether images are turned
   * @param bulk for many images
   * @param name of the network
   * @param image files or directories
   */
  record Arguments(
      @Descriptor("DIR: output directory")
          @Parameter(
              names = {"-o", "--output"},
              absentValue = "predictions")
          Path output,
      @Descriptor(
              "NAME,...: feature maps to add to the strips, for example 'gate.*.t2' (quoted) or"
                  + " block.5.t1")
          @Parameter(
              names = {"-m", "--maps"},
              absentValue = "")
          String maps,
      @Descriptor(
              "S,...: averages the probabilities over these scales of the image, for example"
                  + " 0.5,1,1.5")
          @Parameter(
              names = {"-x", "--scales"},
              absentValue = "1")
          String scales,
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
              names = {"-v", "--overlap"},
              absentValue = "")
          Optional<String> overlap,
      @Descriptor(
              "S,...: multi-scale input, the maximum of the logits is used; default: that of the"
                  + " training")
          @Parameter(
              names = {"-i", "--input-scales"},
              absentValue = "")
          Optional<String> inputScales,
      StoppingOptions stopping,
      @Descriptor(
              "turns images as their EXIF orientation says; they are taken as stored without it")
          @Parameter(
              names = {"-u", "--upright"},
              presentValue = "true",
              absentValue = "false")
          boolean upright,
      BulkOptions bulk,
      @Descriptor("name of the network") String name,
      @Descriptor(
              "PNG, JPEG, TIFF, BMP, GIF or WebP files, directories of such files, or - for an"
                  + " image from standard input, which is named stdin")
          Collection<Path> image) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   * @throws InterruptedException between two images
   */
  @Descriptor(
      "predicts the labels of images of any size. Writes labels/IMAGE.png (pixel value = label),"
          + " overlays/IMAGE.png (labels over the image) and strips/IMAGE.png (all iterations)."
          + " With --input, writes labels/IMAGE.png, scores.csv and failed.csv for many images:"
          + " images that cannot be labelled are left out, and the same command continues what was"
          + " interrupted")
  public void predict(CommandSession session, Arguments given) throws InterruptedException {
    Terminal terminal = Terminal.of(session);
    List<String> wanted =
        given.maps().isEmpty()
            ? List.of()
            : Arrays.stream(given.maps().split(",")).map(String::strip).toList();
    Inference inference =
        new Inference(
            Specs.numbers("--scales", given.scales()),
            given.flip(),
            given.window().map(Specs::size).orElse(List.of()),
            given.overlap().map(o -> Specs.number("--overlap", o)).orElse(Inference.OVERLAP),
            given.inputScales().map(i -> Specs.numbers("--input-scales", i)).orElse(List.of()),
            given.stopping().rule());
    Output.checkDirectory("--output", given.output());
    List<Path> images = List.copyOf(given.image());
    BulkPrediction bulk = new BulkPrediction(engines, given.bulk());
    if (bulk.asked()) {
      bulk.requireAlone(images, wanted);
      bulk.predict(session, given.name(), given.output(), inference, given.upright());
      return;
    }
    bulk.requireLocal();
    if (images.isEmpty()) {
      throw Usage.wrong("predict needs images, or --input");
    }
    ClassTable classes = networks.get(given.name()).classes();
    try (PredictInputs inputs = new PredictInputs(session)) {
      Map<String, Path> files = inputs.files(images);
      for (Map.Entry<String, Path> file : files.entrySet()) {
        if (Thread.interrupted()) {
          throw new InterruptedException("before " + file.getValue());
        }
        RgbImage pixels = report.read(file.getValue(), given.upright());
        Prediction prediction = predictions.predict(given.name(), pixels, wanted, inference);
        Path labelMap = write(given.output(), file.getKey(), pixels, prediction, classes);
        terminal
            .out()
            .println(
                inference.stopping().adaptive()
                    ? labelMap + ": " + Text.count(prediction.labels().size(), "iteration")
                    : labelMap.toString());
      }
      terminal.out().println(Text.count(files.size(), "image") + " in " + given.output());
    }
  }

  /** Returns the label map's file. */
  private Path write(
      Path output, String name, RgbImage pixels, Prediction prediction, ClassTable classes) {
    String png = name + ".png";
    byte[] labels = prediction.answer();
    Path labelMap = output.resolve("labels").resolve(png);
    report.labelMap(labelMap, labels, prediction.height(), prediction.width(), classes);
    report.overlay(output.resolve("overlays").resolve(png), pixels, labels, classes);
    report.strip(
        output.resolve("strips").resolve(png),
        List.of(
            new Report.Row(name, pixels, Optional.empty(), prediction.labels(), prediction.maps())),
        classes);
    return labelMap;
  }
}
