package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.SideBySide;
import org.riglab.api.lab.Lab;
import org.riglab.base.Json;

/** Compares two runs, or two variants of a network. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=compare",
      Role.PROPERTY + "=viewer",
      Role.PROPERTY + "=--gate=operator",
      Role.PROPERTY + "=-g=operator",
      Role.PROPERTY + "=--unroll=operator",
      Role.PROPERTY + "=-u=operator",
      Role.PROPERTY + "=--iterations=operator",
      Role.PROPERTY + "=-i=operator"
    })
public final class CompareCommand extends Command {
  private static final int MOST = 5;

  private final Lab lab;
  private final Networks networks;
  private final Evaluator evaluator;

  /**
   * @param lab keeps runs
   * @param networks keeps networks
   * @param evaluator evaluates them
   */
  @Activate
  public CompareCommand(
      @Reference Lab lab, @Reference Networks networks, @Reference Evaluator evaluator) {
    super("compare");
    this.lab = lab;
    this.networks = networks;
    this.evaluator = evaluator;
  }

  /**
   * @param session writes to it
   * @param gate two, as in {@link Parts}
   * @param unroll two, as in {@link Parts}
   * @param iterations two numbers
   * @param dataset as in {@link EvalCommand}
   * @param data as in {@link EvalCommand}
   * @param split as in {@link EvalCommand}
   * @param limit as in {@link EvalCommand}
   * @param resize as in {@link EvalCommand}
   * @param most how many images to name
   * @param threads as in {@link EvalCommand}
   * @param execution as in {@link EvalCommand}
   * @param device as in {@link EvalCommand}
   * @param json whether to print JSON
   * @param what ids of two runs, or one network
   */
  @Descriptor(
      "compares two runs: what their specs, parts and data differ in, and every metric step by"
          + " step. With --gate, --unroll or --iterations it evaluates a network twice, side by"
          + " side: with one part and with the other, on the weights that swap would give each; the"
          + " network stays as it is. --json prints an object: for runs first, second, metrics"
          + " (name, points, unmatched, largest, first, second), spec, parts, sameData; for"
          + " variants network, dataset, split, fingerprint, images, differing, most (id, share,"
          + " first, second), variants (title, spec, weights, seconds, iterations)")
  public void compare(
      CommandSession session,
      @Descriptor("PART,PART: two gates, for example mul-sigmoid,add-relu")
          @Parameter(
              names = {"-g", "--gate"},
              absentValue = "")
          Optional<String> gate,
      @Descriptor("PART,PART: two unroll strategies")
          @Parameter(
              names = {"-u", "--unroll"},
              absentValue = "")
          Optional<String> unroll,
      @Descriptor("N,N: how often each looks")
          @Parameter(
              names = {"-i", "--iterations"},
              absentValue = "")
          Optional<String> iterations,
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
      @Descriptor("N: how many images to name where the answers differ most; 5 without it")
          @Parameter(
              names = {"-m", "--most"},
              absentValue = "")
          Optional<Integer> most,
      @Descriptor("N: threads of the native library")
          @Parameter(
              names = {"-t", "--threads"},
              absentValue = "")
          Optional<String> threads,
      @Descriptor("compiled|eager: how passes run; compiled without it")
          @Parameter(
              names = {"-e", "-E", "--execution"},
              absentValue = "")
          Optional<String> execution,
      @Descriptor("cpu, gpu0, ...; auto without it")
          @Parameter(
              names = {"-p", "--device"},
              absentValue = "")
          Optional<String> device,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("ids of two runs; or a network") List<String> what) {
    Terminal terminal = Terminal.of(session);
    Map<String, Object> options =
        EvalOptions.of(dataset, data, split, limit, resize, threads, execution, device);
    if (Stream.of(gate, unroll, iterations).allMatch(Optional::isEmpty)) {
      if (what.size() != 2) {
        throw Usage.wrong(
            "compare what? give the ids of two runs, or a network and --gate A,B, --unroll A,B or"
                + " --iterations N,N");
      }
      if (!options.isEmpty() || most.isPresent()) {
        throw Usage.wrong("two runs have been evaluated: only --json goes with them");
      }
      RunTables.compared(terminal, lab.compare(id(what.get(0)), id(what.get(1))), json);
      return;
    }
    if (what.size() != 1) {
      throw Usage.wrong("--gate, --unroll and --iterations are for one network, not " + what);
    }
    String name = what.get(0);
    NetworkSpec spec = networks.get(name).spec();
    Variants variants = new Variants(gate, unroll, iterations);
    EvalSpec asked = evaluator.plan(name, options);
    SideBySide both;
    try (Progress progress = new Progress(json ? terminal.silent() : terminal, "")) {
      both =
          evaluator.compare(
              asked, variants.of(spec, 0), variants.of(spec, 1), most.orElse(MOST), progress);
    }
    if (json) {
      terminal.out().print(Json.text(VariantTables.json(both, variants.titles())));
    } else {
      VariantTables.print(terminal, both, variants.titles());
    }
  }

  private static long id(String word) {
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw Usage.wrong(
          "'"
              + word
              + "' is no id of a run; a network is compared with --gate A,B, --unroll A,B or"
              + " --iterations N,N");
    }
  }
}
