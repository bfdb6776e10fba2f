package org.riglab.shell.internal;

import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Analysis;
import org.riglab.api.bench.Analyst;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Precision;
import org.riglab.base.Json;
import org.riglab.base.Names;

/** Shows a network. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=show",
      Role.PROPERTY + "=viewer"
    })
public final class ShowCommand extends Command {
  private static final double MEBIBYTE = 1 << 20;

  private final Networks networks;
  private final Analyst analyst;

  /**
   * @param networks the network store
   * @param analyst counts on them; null where that bundle was left out
   */
  @Activate
  public ShowCommand(
      @Reference Networks networks,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Analyst analyst) {
    super("show");
    this.networks = networks;
    this.analyst = analyst;
  }

  /**
   * The arguments of {@code show}.
   *
   * @param size of the image
   * @param batch images per training step
   * @param svg file for a picture
   * @param operations file for the operations
   * @param graph whether to print the compiled graph instead
   * @param training whether that is the graph of a training step
   * @param precision of that graph
   * @param json whether to print JSON
   * @param name of the network
   */
  record Arguments(
      @Descriptor("HxW: size of the input image")
          @Parameter(
              names = {"-s", "-z", "--size"},
              absentValue = "321x321")
          String size,
      @Descriptor("N: images per training step, for the activation memory")
          @Parameter(
              names = {"-b", "--batch"},
              absentValue = "1")
          int batch,
      @Descriptor("FILE: writes a diagram of the unrolled network as SVG")
          @Parameter(
              names = {"-p", "--svg"},
              absentValue = "")
          Optional<Path> svg,
      @Descriptor("FILE: writes the operations of an evaluation pass, one per line")
          @Parameter(
              names = {"-o", "--operations"},
              absentValue = "")
          Optional<Path> operations,
      @Descriptor(
              "prints the compiled graph of an evaluation pass instead: the operations with type,"
                  + " shape and layout of their results, by block, gate and iteration")
          @Parameter(
              names = {"-g", "--graph"},
              presentValue = "true",
              absentValue = "false")
          boolean graph,
      @Descriptor(
              "with --graph: prints the graph of a training step, forward and backward, with the"
                  + " bytes stored between both")
          @Parameter(
              names = {"-t", "--training"},
              presentValue = "true",
              absentValue = "false")
          boolean training,
      @Descriptor("fp32|bf16|fp16: with --graph: precision of the graph")
          @Parameter(
              names = {"-x", "--precision"},
              absentValue = "fp32")
          String precision,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("name of the network") String name) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "shows a network: spec; blocks and gates with shapes, parameters, multiply-adds per image and"
          + " activation memory of a training step; effective depth, receptive field, and the"
          + " bundle of each part. --json prints an object: name, spec, size, blocks (block, name,"
          + " outputShape, parameters, gateParameters, applications), parameters, analysis"
          + " (docs/reference/analysis.md; null if the network cannot be traced), parts (as list"
          + " --json)")
  public void show(CommandSession session, Arguments given) {
    Terminal terminal = Terminal.of(session);
    List<Integer> pixels = Specs.size(given.size());
    if (given.batch() < 1) {
      throw Usage.wrong("--batch must be 1 or more, not " + given.batch());
    }
    if (given.graph()) {
      Precision type = Specs.constant(Precision.class, "precision", given.precision());
      if (type == Precision.AUTO) {
        throw Usage.wrong("--precision of a graph must be fp32, bf16 or fp16, not auto");
      }
      terminal.out().print(graph(given.name(), given.batch(), pixels, given.training(), type));
      return;
    } else if (given.training()) {
      throw Usage.wrong("--training requires --graph");
    }
    Network network = networks.get(given.name());
    Analysis analysis = null;
    String why = "";
    if (analyst == null) {
      why = "bundle org.riglab.graph, which counts, is not there";
    } else {
      try {
        analysis = analyst.analyse(given.name(), given.batch(), pixels.get(0), pixels.get(1));
      } catch (RigException e) {
        why = e.getMessage();
      }
    }
    if (analysis == null && (given.svg().isPresent() || given.operations().isPresent())) {
      throw new RigException("nothing to write: " + why);
    }
    List<Network.BlockRow> blocks = network.blocks(pixels.get(0), pixels.get(1));
    long parameters =
        blocks.stream().mapToLong(b -> b.parameters() + Math.max(0, b.gateParameters())).sum();
    if (given.json()) {
      JsonObject object = new JsonObject();
      object.addProperty("name", network.name());
      object.add("spec", Json.tree(network.spec()));
      object.add("size", Json.tree(pixels));
      object.add("blocks", Json.tree(blocks));
      object.addProperty("parameters", parameters);
      object.add("analysis", Json.tree(analysis));
      object.add("parts", Json.tree(network.parts()));
      terminal.out().print(Json.text(object));
    } else {
      print(terminal, network, pixels, blocks, parameters, analysis, why);
    }
    if (given.svg().isPresent()) {
      Output.write(given.svg().get(), analyst.picture(analysis));
    }
    if (given.operations().isPresent()) {
      Output.write(
          given.operations().get(),
          analyst.listing(given.name(), given.batch(), pixels.get(0), pixels.get(1)));
    }
  }

  private String graph(
      String name, int batch, List<Integer> pixels, boolean training, Precision precision) {
    if (analyst == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "compilation requires the bundle org.riglab.graph, which is not installed");
    }
    return analyst.graph(
        name,
        batch,
        pixels.get(0),
        pixels.get(1),
        new Compiler.Options(training, precision, false, false));
  }

  private static void print(
      Terminal terminal,
      Network network,
      List<Integer> pixels,
      List<Network.BlockRow> blocks,
      long parameters,
      Analysis analysis,
      String why) {
    PrintStream out = terminal.out();
    out.println(terminal.wrap(network.name() + ": " + Specs.line(network.spec()), 4));
    out.println(
        Text.format(
            "batch norm %s, seed %d, image %s",
            Names.writtenChoice(network.spec().batchNorm()),
            network.spec().seed(),
            Text.size(pixels)));
    out.println();
    if (analysis == null) {
      terminal.print(plain(blocks));
      out.println("total " + Text.count(parameters) + " parameters");
      out.println(terminal.wrap("not counted: " + why, 4));
    } else {
      print(terminal, analysis);
    }
    out.println();
    Table parts = new Table("part", "name", "bundle", "version", "sha-256").optional("sha-256");
    for (PartInfo part : network.parts()) {
      parts.row(
          part.kind(), part.name(), part.bundle(), part.version(), Text.digest(part.sha256()));
    }
    terminal.print(parts);
  }

  private static Table plain(List<Network.BlockRow> blocks) {
    Table table = new Table("block", "name", "output (C,H,W)", "parameters", "gate", "runs");
    for (Network.BlockRow block : blocks) {
      table.row(
          "B" + block.block(),
          block.name(),
          shape(block.outputShape()),
          Text.count(block.parameters()),
          block.gateParameters() < 0 ? "-" : Text.count(block.gateParameters()),
          String.valueOf(block.applications()));
    }
    return table;
  }

  private static void print(Terminal terminal, Analysis analysis) {
    PrintStream out = terminal.out();
    MacUnit unit = MacUnit.of(analysis.multiplyAdds());
    terminal.print(blocks(analysis, unit));
    if (!analysis.gates().isEmpty()) {
      out.println();
      terminal.print(gates(analysis, unit));
    }
    out.println();
    printTotals(out, analysis, unit);
  }

  private static Table blocks(Analysis analysis, MacUnit unit) {
    Table table =
        new Table(
            "block",
            "name",
            "output (C,H,W)",
            "parameters",
            "convs",
            "runs",
            unit.label() + "/run",
            unit.label(),
            "MiB kept");
    for (Analysis.BlockFigures block : analysis.blocks()) {
      table.row(
          "B" + block.block(),
          block.name(),
          shape(block.outputShape()),
          Text.count(block.parameters()),
          String.valueOf(block.convolutions()),
          String.valueOf(block.runs()),
          unit.text(block.runs() == 0 ? 0 : block.multiplyAdds().get(0)),
          unit.text(block.totalMultiplyAdds()),
          mebibytes(block.memory().kept()));
    }
    return table;
  }

  private static Table gates(Analysis analysis, MacUnit unit) {
    Table table =
        new Table(
            "gate",
            "fed by",
            "feedback (C,H,W)",
            "gates (C,H,W)",
            "parameters",
            "runs",
            unit.label() + "/run",
            unit.label(),
            "MiB kept");
    for (Analysis.GateFigures gate : analysis.gates()) {
      table.row(
          "G" + gate.block(),
          gate.feedback().stream()
              .map(block -> block == 0 ? "image" : "B" + block)
              .collect(Collectors.joining(" ")),
          gate.feedbackShapes().stream().map(ShowCommand::narrow).collect(Collectors.joining(", ")),
          narrow(gate.outputShape()),
          Text.count(gate.parameters()),
          String.valueOf(gate.runs()),
          unit.text(gate.multiplyAdds()),
          unit.text(gate.totalMultiplyAdds()),
          mebibytes(gate.memory().kept()));
    }
    return table;
  }

  private static void printTotals(PrintStream out, Analysis analysis, MacUnit unit) {
    out.println(
        Text.format(
            "total %s parameters, %s %s per image",
            Text.count(analysis.parameters()), unit.text(analysis.multiplyAdds()), unit.label()));
    out.println(
        Text.format(
            "activations, batch %d: %s MiB kept for back-propagation, %s MiB held by the engine",
            analysis.batch(),
            mebibytes(analysis.memory().kept()),
            mebibytes(analysis.memory().held())));
    Analysis.Depth depth = analysis.depth();
    out.println(
        Text.format(
            "effective depth %s by the paper's formula, %d by the longest path (%d without gates)",
            depth.paper().map(String::valueOf).orElse("-"),
            depth.longestPath(),
            depth.longestPathWithoutGates()));
    out.println(
        Text.format(
            "receptive field %s in iteration 1, %s in the last",
            field(analysis.fields().first()), field(analysis.fields().last())));
  }

  private static String field(Analysis.Field field) {
    return field.height() + "x" + field.width();
  }

  private static String mebibytes(long bytes) {
    return Text.format("%,.1f", bytes / MEBIBYTE);
  }

  private static String narrow(List<Long> shape) {
    return String.join("x", shape.stream().map(String::valueOf).toList());
  }

  private static String shape(List<Long> shape) {
    return String.join(" x ", shape.stream().map(String::valueOf).toList());
  }
}
