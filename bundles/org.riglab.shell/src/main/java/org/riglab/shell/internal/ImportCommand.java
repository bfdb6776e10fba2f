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
import org.riglab.api.bench.ImportReport;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Weights;
import org.riglab.api.data.ClassTable;
import org.riglab.base.Json;

/** Reads weights. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=import",
      Role.PROPERTY + "=operator"
    })
public final class ImportCommand extends Command {
  private final Weights weights;
  private final Registry registry;

  /** What becomes of outputs that are no class of the network. */
  private enum ExtraOutputs {
    ERROR,
    DROP
  }

  /**
   * @param weights reads files
   * @param registry of data sets
   */
  @Activate
  public ImportCommand(@Reference Weights weights, @Reference Registry registry) {
    super("import");
    this.weights = weights;
    this.registry = registry;
  }

  /**
   * The arguments of {@code import}.
   *
   * @param strict whether every tensor must match
   * @param prefix prefix of names, and its replacement
   * @param extraInputs treatment of input channels that an RGB convolution lacks
   * @param pixels preset of the images that the weights expect
   * @param channels order of channels
   * @param pixelRange value of white
   * @param mean of the pixels
   * @param std of the pixels
   * @param classesMap file of {@link ClassesMap}
   * @param extraOutputs treatment of further outputs
   * @param dataset whose classes they are
   * @param data its directory
   * @param nonFinite whether NaN and infinity are accepted
   * @param all whether to list every tensor
   * @param json whether to print JSON
   * @param name of the network
   * @param file of weights
   */
  record Arguments(
      @Descriptor("fails without changes if a tensor is missing, unused, or has a different shape")
          @Parameter(
              names = {"-s", "--strict"},
              presentValue = "true",
              absentValue = "false")
          boolean strict,
      @Descriptor("FROM=TO: replaces the prefix FROM of tensor names by TO; can be repeated")
          @Parameter(
              names = {"-p", "--prefix"},
              absentValue = "")
          List<String> prefix,
      @Descriptor(
              "zero|keep: weights of the feedback channels of a network-wide network if the first"
                  + " convolution of the file has RGB input: set to zero, or kept")
          @Parameter(
              names = {"-x", "--extra-inputs"},
              absentValue = "zero")
          String extraInputs,
      @Descriptor(
              "file|torchvision|caffe: pixel format of the weights: from the metadata of the file;"
                  + " RGB from 0 to 1, normalized with ImageNet's mean and standard deviation; or"
                  + " BGR from 0 to 255 minus ImageNet's mean")
          @Parameter(
              names = {"-P", "--pixels"},
              absentValue = "file")
          String pixels,
      @Descriptor(
              "rgb|bgr: order of the channels that the weights expect; default: rgb; with --mean")
          @Parameter(
              names = {"-c", "--channels"},
              absentValue = "")
          Optional<String> channels,
      @Descriptor(
              "1|255: value of a white pixel that the weights expect, before normalization;"
                  + " default: 1; with --mean")
          @Parameter(
              names = {"-r", "--pixel-range"},
              absentValue = "")
          Optional<Integer> pixelRange,
      @Descriptor(
              "A,B,C: mean of the pixels that the weights expect, in the order of --channels and"
                  + " the unit of --pixel-range; with --std")
          @Parameter(
              names = {"-M", "--mean"},
              absentValue = "")
          Optional<String> mean,
      @Descriptor(
              "A,B,C: divisors of the pixels after the mean is subtracted, in the same order and"
                  + " unit; with --mean")
          @Parameter(
              names = {"-S", "--std"},
              absentValue = "")
          Optional<String> std,
      @Descriptor(
              "FILE: class of each output of the weights, one per line, in their order: a label of"
                  + " the network, a class name of --dataset, or - for an output that is dropped")
          @Parameter(
              names = {"-m", "--classes-map"},
              absentValue = "")
          Optional<Path> classesMap,
      @Descriptor(
              "error|drop: outputs of the weights beyond those of --classes-map, or beyond the"
                  + " classes of the network")
          @Parameter(
              names = {"-X", "--extra-outputs"},
              absentValue = "error")
          String extraOutputs,
      @Descriptor("DATASET: data set whose class names and colours the network gets")
          @Parameter(
              names = {"-d", "--dataset"},
              absentValue = "")
          Optional<String> dataset,
      @Descriptor("DIR: directory of the data set; generated data sets have none")
          @Parameter(
              names = {"-D", "--data"},
              absentValue = "")
          Optional<Path> data,
      @Descriptor("accepts NaN and infinite values, which are an error otherwise")
          @Parameter(
              names = {"-n", "--non-finite"},
              presentValue = "true",
              absentValue = "false")
          boolean nonFinite,
      @Descriptor("lists all tensors")
          @Parameter(
              names = {"-a", "--all"},
              presentValue = "true",
              absentValue = "false")
          boolean all,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("name of the network") String name,
      @Descriptor("file with the weights") Path file) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "imports weights into a network, by name. FILE is a safetensors, npz, or torch.save file"
          + " (.pth, .pt, both formats); code in it is never executed. Common wrappers (state_dict,"
          + " module.) and the names of torchvision are recognized. --json prints an object:"
          + " matched, initialised, leftOver, ignored, format, mapping, trainedOn, pixels, tensors")
  public void _import(CommandSession session, Arguments given) {
    ImportReport done =
        weights.read(
            given.name(),
            given.file(),
            new ImportSpec(
                given.strict(),
                prefixes(given.prefix()),
                Specs.constant(ImportSpec.ExtraInputs.class, "--extra-inputs", given.extraInputs()),
                Specs.constant(ImportSpec.Pixels.class, "--pixels", given.pixels()),
                given.nonFinite(),
                PixelOptions.of(
                    given.pixels(),
                    given.channels(),
                    given.pixelRange(),
                    given.mean(),
                    given.std()),
                outputs(given.classesMap(), given.extraOutputs(), given.dataset(), given.data())));
    Terminal terminal = Terminal.of(session);
    if (given.json()) {
      terminal.out().print(Json.text(done));
    } else {
      Transfers.print(terminal, done, given.all());
    }
  }

  private Optional<ImportSpec.Outputs> outputs(
      Optional<Path> map, String extra, Optional<String> dataset, Optional<Path> data) {
    boolean drop =
        Specs.constant(ExtraOutputs.class, "--extra-outputs", extra) == ExtraOutputs.DROP;
    if (data.isPresent() && dataset.isEmpty()) {
      throw Usage.wrong("--data is the directory of --dataset, which is not given");
    }
    if (map.isEmpty() && !drop && dataset.isEmpty()) {
      return Optional.empty();
    }
    Optional<ClassTable> classes = Optional.empty();
    if (dataset.isPresent()) {
      try (OpenDataset open =
          OpenDataset.open(registry, Parts.parse(dataset.get()), data, "command import")) {
        classes = Optional.of(open.images().classes());
      }
    }
    List<Integer> labels = map.isPresent() ? ClassesMap.read(map.get(), classes) : List.of();
    return Optional.of(new ImportSpec.Outputs(labels, drop, classes));
  }

  private static Map<String, String> prefixes(List<String> given) {
    Map<String, String> prefixes = new LinkedHashMap<>();
    for (String prefix : given) {
      int equals = prefix.indexOf('=');
      if (equals < 0) {
        throw Usage.wrong("--prefix must be FROM=TO, not '" + prefix + "'");
      }
      if (prefixes.put(prefix.substring(0, equals), prefix.substring(equals + 1)) != null) {
        throw Usage.wrong("--prefix has '" + prefix.substring(0, equals) + "' twice");
      }
    }
    return prefixes;
  }
}
