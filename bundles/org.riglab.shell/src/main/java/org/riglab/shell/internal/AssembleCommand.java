package org.riglab.shell.internal;

import java.nio.file.Path;
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
import org.riglab.api.bench.Network;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Registry;

/** Assembles a network. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=assemble",
      Role.PROPERTY + "=operator"
    })
public final class AssembleCommand extends Command {
  private final Networks networks;
  private final Registry registry;

  /**
   * @param networks assembles
   * @param registry of parts
   */
  @Activate
  public AssembleCommand(@Reference Networks networks, @Reference Registry registry) {
    super("assemble");
    this.networks = networks;
    this.registry = registry;
  }

  /**
   * The arguments of {@code assemble}.
   *
   * @param backbone as in {@link Parts}
   * @param head as in {@link Parts}
   * @param gate as in {@link Parts}
   * @param unroll as in {@link Parts}
   * @param feedback as in {@link Specs#feedback}
   * @param iterations u
   * @param classes number of classes
   * @param dataset from which the number of classes is taken instead
   * @param data its directory
   * @param batchNorm as in {@link Specs#batchNorm}
   * @param seed of the initial weights
   * @param spec a file to start from
   * @param replace whether to replace a network of that name
   * @param name of the network
   */
  record Arguments(
      @Descriptor("PART: backbone; default: resnet50")
          @Parameter(
              names = {"-b", "--backbone"},
              absentValue = "")
          Optional<String> backbone,
      @Descriptor("PART: head, which computes logits from features; default: the backbone's own")
          @Parameter(
              names = {"-H", "--head"},
              absentValue = "")
          Optional<String> head,
      @Descriptor("PART: gate; default: mul-sigmoid")
          @Parameter(
              names = {"-g", "--gate"},
              absentValue = "")
          Optional<String> gate,
      @Descriptor("PART: unroll strategy; default: parallel")
          @Parameter(
              names = {"-u", "--unroll"},
              absentValue = "")
          Optional<String> unroll,
      @Descriptor(
              "BLOCKS: gated blocks: 6..4, 4,5,6, 6, none, or '<<6 4>>'; default: 6..4, none for"
                  + " feed-forward and network-wide")
          @Parameter(
              names = {"-f", "--feedback"},
              absentValue = "")
          Optional<String> feedback,
      @Descriptor("N: number of iterations; default: 2, 1 for feed-forward")
          @Parameter(
              names = {"-i", "--iterations"},
              absentValue = "")
          Optional<Integer> iterations,
      @Descriptor("N: number of classes; required unless --dataset or --spec determines it")
          @Parameter(
              names = {"-c", "--classes"},
              absentValue = "")
          Optional<Integer> classes,
      @Descriptor("PART: data set that determines the number of classes")
          @Parameter(
              names = {"-d", "--dataset"},
              absentValue = "")
          Optional<String> dataset,
      @Descriptor("DIR: directory of the data set")
          @Parameter(
              names = {"-D", "--data"},
              absentValue = "")
          Optional<Path> data,
      @Descriptor("per-iteration|shared|frozen: batch norm statistics; default: per-iteration")
          @Parameter(
              names = {"-n", "--batch-norm"},
              absentValue = "")
          Optional<String> batchNorm,
      @Descriptor("N: seed of the initial weights; default: 0")
          @Parameter(
              names = {"-s", "--seed"},
              absentValue = "")
          Optional<Long> seed,
      @Descriptor(
              "FILE: JSON spec of the network: a Riglab spec, the case.json of a parity case, or"
                  + " its spec object")
          @Parameter(
              names = {"-S", "--spec"},
              absentValue = "")
          Optional<Path> spec,
      @Descriptor("replaces an existing network of that name")
          @Parameter(
              names = {"-r", "--replace"},
              presentValue = "true",
              absentValue = "false")
          boolean replace,
      @Descriptor("name of the network: letters, digits, dots, dashes and underscores")
          String name) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "assembles a network and stores it under a name. A part with options is written as"
          + " resnet:width=16:layers=2,2,2,2. Options override the file given with --spec")
  public void assemble(CommandSession session, Arguments given) {
    if (given.classes().isPresent() && given.dataset().isPresent()) {
      throw Usage.wrong("--classes and --dataset exclude each other");
    }
    Optional<Integer> number =
        given.dataset().isPresent()
            ? Optional.of(count(given.dataset().get(), given.data()))
            : given.classes();
    NetworkSpec base =
        given.spec().isPresent()
            ? Submissions.spec(networks, given.spec().get())
            : Specs.standard(
                number.orElseThrow(
                    () ->
                        Usage.wrong(
                            "the number of classes is missing; use --classes N, --dataset PART"
                                + " [--data DIR] or --spec FILE")),
                0);
    NetworkSpec changed =
        new Specs.Changes(
                given.backbone(),
                given.head(),
                given.gate(),
                given.unroll(),
                given.feedback(),
                given.iterations(),
                given.batchNorm())
            .applied(base, networks);
    Network network =
        networks.assemble(
            given.name(),
            new NetworkSpec(
                changed.backbone(),
                changed.head(),
                changed.gate(),
                changed.unroll(),
                changed.feedback(),
                changed.iterations(),
                number.orElse(changed.classes()),
                changed.batchNorm(),
                given.seed().orElse(changed.seed())),
            given.replace());
    Terminal terminal = Terminal.of(session);
    terminal.out().println(terminal.wrap(given.name() + ": " + Specs.line(network.spec()), 4));
  }

  private int count(String dataset, Optional<Path> data) {
    try (OpenDataset open =
        OpenDataset.open(registry, Parts.parse(dataset), data, "command assemble")) {
      return open.images().classes().size();
    }
  }
}
