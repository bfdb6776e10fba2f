package org.riglab.shell.internal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Report;
import org.riglab.base.Json;

/** Shows and checks data sets. */
@Descriptor("checks data sets, computes statistics and shows images")
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=data",
      Role.PROPERTY + "=check=operator",
      Role.PROPERTY + "=frequencies=operator",
      Role.PROPERTY + "=weights=operator",
      Role.PROPERTY + "=pixels=operator",
      Role.PROPERTY + "=show=operator"
    })
public final class DataCommand extends Command {
  private final Evaluator evaluator;
  private final Registry registry;
  private final Report report;

  /**
   * @param evaluator checks
   * @param registry of data sets
   * @param report draws
   */
  @Activate
  public DataCommand(
      @Reference Evaluator evaluator, @Reference Registry registry, @Reference Report report) {
    super("data");
    this.evaluator = evaluator;
    this.registry = registry;
    this.report = report;
  }

  /**
   * @param session writes to it
   * @param data its directory
   * @param json whether to print JSON
   * @param dataset as in {@link Parts}
   */
  @Descriptor(
      "reads all images and labels of a data set and reports errors. --json prints an object:"
          + " splits (name, images, pixels of each class and then of void, fingerprint), errors"
          + " (the first few), errorCount, warnings (the first few), warningCount")
  public void check(
      CommandSession session,
      @Descriptor("DIR: directory of the data set; generated data sets have none")
          @Parameter(
              names = {"-D", "--data"},
              absentValue = "")
          Optional<Path> data,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("data set, for example camvid or shapes:size=64") String dataset) {
    PartSpec part = Parts.parse(dataset);
    Terminal terminal = Terminal.of(session);
    Evaluator.DataReport found;
    try (Progress progress = new Progress(json ? terminal.silent() : terminal, "")) {
      found = evaluator.check(part, data.map(Path::toString).orElse(""), progress);
    }
    if (json) {
      terminal.out().print(Json.text(found));
    } else {
      CheckText.print(terminal, found, classes(part, data));
    }
    if (found.errorCount() > 0) {
      throw new RigException(
          RigException.Kind.PART_FAILED,
          part.name() + " has " + Text.count(found.errorCount(), "error"));
    }
  }

  /**
   * @param session writes to it
   * @param labels directory, split and size
   * @param json whether to print JSON
   * @param dataset as in {@link Parts}
   */
  @Descriptor(
      "counts the pixels and the images of each class. --json prints an object: split, images,"
          + " classes (name, pixels, share of all pixels that count, images), voidPixels, weights"
          + " (as data weights)")
  public void frequencies(
      CommandSession session,
      LabelOptions labels,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("data set, for example camvid or shapes:size=64") String dataset) {
    Terminal terminal = Terminal.of(session);
    Evaluator.ClassFrequencies found = count(terminal, json, dataset, labels);
    if (json) {
      terminal.out().print(Json.text(found));
      return;
    }
    Table table = new Table("class", "pixels", "%", "images");
    for (Evaluator.ClassFrequency c : found.classes()) {
      table.row(c.name(), Text.count(c.pixels()), Text.percent(c.share()), Text.count(c.images()));
    }
    terminal.print(table);
    terminal
        .out()
        .println(
            "%s of %s, %s of void"
                .formatted(
                    Text.count(found.images(), "image"),
                    found.split(),
                    Text.count(found.voidPixels(), "pixel")));
  }

  /**
   * @param session writes to it
   * @param labels directory, split and size
   * @param method how the weights are made
   * @param json whether to print JSON
   * @param dataset as in {@link Parts}
   */
  @Descriptor(
      "computes class weights for the loss, as train --class-weights METHOD does. --json prints an"
          + " object: split, method, weights by label")
  public void weights(
      CommandSession session,
      LabelOptions labels,
      @Descriptor(
              "median-frequency|log: median-frequency (Eigen and Fergus, 2015), or log (Paszke et"
                  + " al., 2016: 1 / ln(1.02 + share))")
          @Parameter(
              names = {"-m", "--method"},
              absentValue = "median-frequency")
          String method,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("data set, for example camvid or shapes:size=64") String dataset) {
    if (!evaluator.weightings().contains(method)) {
      throw Usage.wrong(
          "'%s' is not a method; expected %s"
              .formatted(method, String.join(" or ", evaluator.weightings())));
    }
    Terminal terminal = Terminal.of(session);
    Evaluator.ClassFrequencies found = count(terminal, json, dataset, labels);
    List<Double> weights = found.weights().get(method);
    if (json) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("split", found.split());
      object.put("method", method);
      object.put("weights", weights);
      terminal.out().print(Json.text(object));
      return;
    }
    Table table = new Table("class", "%", "weight");
    for (int c = 0; c < weights.size(); c++) {
      Evaluator.ClassFrequency frequency = found.classes().get(c);
      table.row(frequency.name(), Text.percent(frequency.share()), significant(weights.get(c)));
    }
    terminal.print(table);
    terminal
        .out()
        .println(
            "--class-weights "
                + weights.stream().map(DataCommand::significant).collect(Collectors.joining(",")));
  }

  /**
   * @param session writes to it
   * @param data its directory
   * @param split of the data set
   * @param limit how many images
   * @param channels order of channels
   * @param pixelRange what white is
   * @param perImage whether images are averaged
   * @param json whether to print JSON
   * @param dataset as in {@link Parts}
   */
  @Descriptor(
      "computes mean and standard deviation of the pixels, per channel, in the form that --mean and"
          + " --std take. --json prints an object: split, images, pixels, channels, pixelRange,"
          + " mean, std")
  public void pixels(
      CommandSession session,
      @Descriptor("DIR: directory of the data set; generated data sets have none")
          @Parameter(
              names = {"-D", "--data"},
              absentValue = "")
          Optional<Path> data,
      @Descriptor("SPLIT: split of the data set; default: its first one")
          @Parameter(
              names = {"-s", "--split"},
              absentValue = "")
          Optional<String> split,
      @Descriptor("N: reads N images, evenly spaced over the split; default: all")
          @Parameter(
              names = {"-l", "--limit"},
              absentValue = "0")
          int limit,
      @Descriptor("rgb|bgr: order of the channels")
          @Parameter(
              names = {"-c", "--channels"},
              absentValue = "rgb")
          String channels,
      @Descriptor("1|255: value of a white pixel")
          @Parameter(
              names = {"-r", "--pixel-range"},
              absentValue = "1")
          int pixelRange,
      @Descriptor("averages means and standard deviations of the images, as some publications do")
          @Parameter(
              names = {"-i", "--per-image"},
              presentValue = "true",
              absentValue = "false")
          boolean perImage,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("data set, for example camvid or shapes:size=64") String dataset) {
    PixelText text = new PixelText(channels, pixelRange, perImage);
    if (limit < 0) {
      throw Usage.wrong("--limit is %d; it must be 1 or more".formatted(limit));
    }
    PartSpec part = Parts.parse(dataset);
    Terminal terminal = Terminal.of(session);
    Evaluator.Pixels found;
    try (Progress progress = new Progress(json ? terminal.silent() : terminal, "")) {
      String directory = data.map(Path::toString).orElse("");
      found = evaluator.pixels(part, directory, split.orElse(""), limit, progress);
    }
    if (json) {
      terminal.out().print(Json.text(text.object(found)));
    } else {
      text.print(terminal, found);
    }
  }

  private Supplier<List<String>> classes(PartSpec part, Optional<Path> data) {
    return () -> {
      try (OpenDataset open = OpenDataset.open(registry, part, data, "command data check")) {
        return open.images().classes().entries().stream().map(c -> c.name()).toList();
      }
    };
  }

  private Evaluator.ClassFrequencies count(
      Terminal terminal, boolean json, String dataset, LabelOptions labels) {
    try (Progress progress = new Progress(json ? terminal.silent() : terminal, "")) {
      return evaluator.frequencies(
          Parts.parse(dataset),
          labels.data().map(Path::toString).orElse(""),
          labels.split().orElse(""),
          labels.resize().map(Specs::size).orElse(List.of()),
          progress);
    }
  }

  /** Six digits that count, without an exponent. */
  static String significant(double value) {
    return new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros().toPlainString();
  }

  /**
   * @param session writes to it
   * @param data its directory
   * @param split of the data set
   * @param count how many images
   * @param output where to
   * @param dataset as in {@link Parts}
   */
  @Descriptor("writes a contact sheet: images of a split with overlaid labels")
  public void show(
      CommandSession session,
      @Descriptor("DIR: directory of the data set; generated data sets have none")
          @Parameter(
              names = {"-D", "--data"},
              absentValue = "")
          Optional<Path> data,
      @Descriptor("SPLIT: split of the data set; default: its first one")
          @Parameter(
              names = {"-s", "--split"},
              absentValue = "")
          Optional<String> split,
      @Descriptor("N: number of images, evenly spaced over the split")
          @Parameter(
              names = {"-n", "--count"},
              absentValue = "16")
          int count,
      @Descriptor("FILE.png: output file; default: DATASET-SPLIT.png in the current directory")
          @Parameter(
              names = {"-o", "--output"},
              absentValue = "")
          Optional<Path> output,
      @Descriptor("data set, for example camvid or shapes:size=64") String dataset) {
    PartSpec part = Parts.parse(dataset);
    try (OpenDataset open = OpenDataset.open(registry, part, data, "command data show")) {
      String chosen = split.orElse(open.images().splits().get(0));
      Path file = output.orElse(session.currentDir().resolve(part.name() + "-" + chosen + ".png"));
      report.contactSheet(file, open.split(chosen), count, open.images().classes());
      Terminal.of(session).out().println(file);
    }
  }
}
