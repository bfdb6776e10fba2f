package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.List;
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
import org.riglab.api.bench.Benchmark;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Precision;
import org.riglab.base.Feature;
import org.riglab.base.Json;
import org.riglab.base.Names;

/** Times a network. */
@Feature(Feature.TRAINING)
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=bench",
      Role.PROPERTY + "=operator"
    })
public final class BenchCommand extends Command {
  private final Networks networks;
  private final Benchmark benchmark;

  /**
   * @param networks reads specs
   * @param benchmark times
   */
  @Activate
  public BenchCommand(@Reference Networks networks, @Reference Benchmark benchmark) {
    super("bench");
    this.networks = networks;
    this.benchmark = benchmark;
  }

  /**
   * The arguments of {@code bench}.
   *
   * @param spec a file
   * @param network name of a network
   * @param batch images per pass
   * @param size of an image
   * @param execution eager or compiled
   * @param precision of compiled passes
   * @param recompute whether passes keep less and compute it again
   * @param passes how many are timed
   * @param only train or infer
   * @param threads of the native library
   * @param device where to compute
   * @param json whether to print JSON
   */
  record Arguments(
      @Descriptor(
              "FILE: JSON spec of the network: a Riglab spec, the case.json of a parity case, or"
                  + " its spec object")
          @Parameter(
              names = {"-S", "--spec"},
              absentValue = "")
          Optional<Path> spec,
      @Descriptor("NAME: an existing network, instead of --spec")
          @Parameter(
              names = {"-n", "--network"},
              absentValue = "")
          Optional<String> network,
      @Descriptor("N: images per pass")
          @Parameter(
              names = {"-b", "--batch"},
              absentValue = "4")
          int batch,
      @Descriptor("HxW: height and width of the images")
          @Parameter(
              names = {"-z", "--size"},
              absentValue = "321x321")
          String size,
      @Descriptor("eager|compiled|onnx: how passes are executed; onnx: inference only")
          @Parameter(
              names = {"-x", "-E", "--execution"},
              absentValue = "compiled")
          String execution,
      @Descriptor("auto|fp32|bf16|fp16: precision of compiled passes")
          @Parameter(
              names = {"-p", "-P", "--precision"},
              absentValue = "auto")
          String precision,
      @Descriptor("recomputes activations in the backward pass instead of storing them")
          @Parameter(
              names = {"-r", "--recompute"},
              presentValue = "true",
              absentValue = "false")
          boolean recompute,
      @Descriptor("N: number of measured passes")
          @Parameter(
              names = {"-k", "--passes"},
              absentValue = "5")
          int passes,
      @Descriptor("train|infer: measures only this; default: both")
          @Parameter(
              names = {"-o", "--only"},
              absentValue = "")
          Optional<String> only,
      @Descriptor("N: number of threads of the native library")
          @Parameter(
              names = {"-t", "--threads"},
              absentValue = "0")
          int threads,
      @Descriptor("DEVICE: auto, cpu, gpu0, gpu1, ...")
          @Parameter(
              names = {"-e", "--device"},
              absentValue = "auto")
          String device,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "measures the time of training steps (forward, loss, backward, SGD) and of inference with"
          + " random images. --json prints an object: load, trainStepMs, inferMs (medians),"
          + " firstStepMs, peakResidentMiB, deviceMiB (of a GPU, with what other processes use;"
          + " else null), matrixGflops")
  public void bench(CommandSession session, Arguments given) {
    if (given.spec().isPresent() == given.network().isPresent()) {
      throw Usage.wrong("--spec FILE or --network NAME is required");
    }
    if (given.only().isPresent() && !List.of("train", "infer").contains(given.only().get())) {
      throw Usage.wrong("--only is '" + given.only().get() + "': allowed are train, infer");
    }
    NetworkSpec wanted =
        given.spec().isPresent()
            ? Submissions.spec(networks, given.spec().get())
            : networks.get(given.network().orElseThrow()).spec();
    List<Integer> sides = Specs.size(given.size());
    Benchmark.Timing timing =
        benchmark.time(
            wanted,
            new Benchmark.Load(
                given.batch(),
                sides.get(0),
                sides.get(1),
                Specs.constant(Execution.class, "execution", given.execution()),
                Specs.constant(Precision.class, "precision", given.precision()),
                given.recompute(),
                given.passes(),
                !given.only().equals(Optional.of("infer")),
                !given.only().equals(Optional.of("train")),
                given.threads(),
                given.device()));
    Terminal terminal = Terminal.of(session);
    if (given.json()) {
      terminal.out().print(Json.text(timing));
      return;
    }
    terminal.out().println(terminal.wrap(Specs.line(wanted), 4));
    Table table =
        new Table(
            "execution",
            "precision",
            "train step ms",
            "infer ms",
            "first step ms",
            "peak MiB",
            "GPU MiB",
            "matrix GFLOP/s");
    table.row(
        Names.writtenChoice(timing.load().execution()),
        Names.writtenChoice(timing.load().precision()),
        number(timing.trainStepMs()),
        number(timing.inferMs()),
        number(timing.firstStepMs()),
        number(timing.peakResidentMiB()),
        number(timing.deviceMiB()),
        number(timing.matrixGflops()));
    terminal.print(table);
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : Text.format("%.1f", value);
  }
}
