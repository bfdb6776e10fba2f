package org.riglab.shell.internal;

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
   * @param lab the store of runs
   * @param networks the network store
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
   * The arguments of {@code compare}.
   *
   * @param gate two, as in {@link Parts}
   * @param unroll two, as in {@link Parts}
   * @param iterations two numbers
   * @param images the images of the evaluation
   * @param most how many images to name
   * @param threads as in {@link EvalCommand}
   * @param execution as in {@link EvalCommand}
   * @param device as in {@link EvalCommand}
   * @param json whether to print JSON
   * @param what ids of two runs, or one network
   */
  record Arguments(
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
      @Descriptor("N,N: two numbers of iterations")
          @Parameter(
              names = {"-i", "--iterations"},
              absentValue = "")
          Optional<String> iterations,
      ImageOptions images,
      @Descriptor("N: number of listed images with the largest differences; default: 5")
          @Parameter(
              names = {"-m", "--most"},
              absentValue = "")
          Optional<Integer> most,
      @Descriptor("N: number of threads of the native library")
          @Parameter(
              names = {"-t", "--threads"},
              absentValue = "")
          Optional<String> threads,
      @Descriptor("compiled|eager: how passes are executed; default: compiled")
          @Parameter(
              names = {"-e", "-E", "--execution"},
              absentValue = "")
          Optional<String> execution,
      @Descriptor("DEVICE: auto, cpu, gpu0, gpu1, ...")
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
      @Descriptor("ids of two runs, or the name of a network") List<String> what) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "compares two runs, or two variants of a network. For runs, prints the differences of their"
          + " specs, parts and data, and compares each metric step by step. With --gate, --unroll"
          + " or --iterations, evaluates a network with each of two variants, with the weights that"
          + " swap would produce; the network is not changed. --json prints an object: for runs"
          + " first, second, metrics (name, points, unmatched, largest, first, second), spec,"
          + " parts, sameData; for variants network, dataset, split, fingerprint, images,"
          + " differing, most (id, share, first, second), variants (title, spec, weights, seconds,"
          + " iterations)")
  public void compare(CommandSession session, Arguments given) {
    Terminal terminal = Terminal.of(session);
    Map<String, Object> options =
        EvalOptions.of(given.images(), given.threads(), given.execution(), given.device());
    if (Stream.of(given.gate(), given.unroll(), given.iterations()).allMatch(Optional::isEmpty)) {
      if (given.what().size() != 2) {
        throw Usage.wrong(
            "compare requires the ids of two runs, or a network and --gate A,B, --unroll A,B or"
                + " --iterations N,N");
      }
      if (!options.isEmpty() || given.most().isPresent()) {
        throw Usage.wrong("for two runs, only --json is allowed");
      }
      RunTables.compared(
          terminal, lab.compare(id(given.what().get(0)), id(given.what().get(1))), given.json());
      return;
    }
    if (given.what().size() != 1) {
      throw Usage.wrong(
          "--gate, --unroll and --iterations are for one network, not " + given.what());
    }
    String name = given.what().get(0);
    NetworkSpec spec = networks.get(name).spec();
    Variants variants = new Variants(given.gate(), given.unroll(), given.iterations());
    EvalSpec asked = evaluator.plan(name, options);
    SideBySide both;
    try (Progress progress = new Progress(given.json() ? terminal.silent() : terminal, "")) {
      both =
          evaluator.compare(
              asked,
              variants.of(spec, 0, networks),
              variants.of(spec, 1, networks),
              given.most().orElse(MOST),
              progress);
    }
    if (given.json()) {
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
              + "' is not the id of a run; networks are compared with --gate A,B, --unroll A,B or"
              + " --iterations N,N");
    }
  }
}
