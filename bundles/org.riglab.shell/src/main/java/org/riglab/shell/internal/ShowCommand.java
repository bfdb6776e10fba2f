package org.riglab.shell.internal;

import com.google.gson.JsonObject;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.bench.Bench;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.Part;

/** Shows a network. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=show"
    })
public final class ShowCommand extends Command {
  private final Bench bench;

  /**
   * @param bench keeps networks
   */
  @Activate
  public ShowCommand(@Reference Bench bench) {
    super("show");
    this.bench = bench;
  }

  /**
   * @param session writes to it
   * @param size of the image
   * @param json whether to print JSON
   * @param name of the network
   */
  @Descriptor(
      "shows a network: spec, blocks with output shapes and parameters, and where each part comes"
          + " from. --json prints an object: name, spec, size, blocks (block, name, outputShape,"
          + " parameters, gateParameters, applications), parameters, parts (as list --json)")
  public void show(
      CommandSession session,
      @Descriptor("HxW: size of the image whose way through the network is shown")
          @Parameter(
              names = {"-s", "--size"},
              absentValue = "321x321")
          String size,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("of the network") String name) {
    Terminal terminal = Terminal.of(session);
    List<Integer> pixels = Specs.size(size);
    Network network = bench.network(name);
    List<Network.BlockRow> blocks = network.blocks(pixels.get(0), pixels.get(1));
    long parameters =
        blocks.stream().mapToLong(b -> b.parameters() + Math.max(0, b.gateParameters())).sum();
    if (json) {
      JsonObject object = new JsonObject();
      object.addProperty("name", network.name());
      object.add("spec", Json.of(network.spec()));
      object.add("size", Json.of(pixels));
      object.add("blocks", Json.of(blocks));
      object.addProperty("parameters", parameters);
      object.add("parts", Json.of(network.parts()));
      terminal.out().print(Json.text(object));
      return;
    }
    terminal.out().println(Text.wrap(network.name() + ": " + Specs.line(network.spec()), 4));
    terminal
        .out()
        .println(
            Text.format(
                "batch norm %s, seed %d, image %s",
                Json.word(network.spec().batchNorm()), network.spec().seed(), Text.size(pixels)));
    terminal.out().println();
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
    terminal.out().print(table);
    terminal.out().println("total " + Text.count(parameters) + " parameters");
    terminal.out().println();
    Table parts = new Table("part", "name", "bundle", "version", "sha-256");
    for (Part part : network.parts()) {
      parts.row(
          part.kind(), part.name(), part.bundle(), part.version(), Text.digest(part.sha256()));
    }
    terminal.out().print(parts);
  }

  private static String shape(List<Long> shape) {
    return String.join(" x ", shape.stream().map(String::valueOf).toList());
  }
}
