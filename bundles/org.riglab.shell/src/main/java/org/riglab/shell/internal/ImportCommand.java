package org.riglab.shell.internal;

import java.nio.file.Path;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.bench.Bench;

/** Reads weights. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=import"
    })
public final class ImportCommand extends Command {
  private final Bench bench;

  /**
   * @param bench keeps networks
   */
  @Activate
  public ImportCommand(@Reference Bench bench) {
    super("import");
    this.bench = bench;
  }

  /**
   * @param session writes to it
   * @param strict whether every tensor must match
   * @param json whether to print JSON
   * @param name of the network
   * @param file safetensors
   */
  @Descriptor(
      "reads weights into a network, by name. --json prints an object: matched, initialised,"
          + " leftOver")
  public void _import(
      CommandSession session,
      @Descriptor("a missing, left over or misshapen tensor is an error")
          @Parameter(
              names = {"-s", "--strict"},
              presentValue = "true",
              absentValue = "false")
          boolean strict,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("of the network") String name,
      @Descriptor("the weights, as safetensors") Path file) {
    Bench.Transfer transfer = bench.importWeights(name, file, strict);
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(Json.of(transfer)));
    } else {
      Transfers.print(terminal, transfer, "read");
    }
  }
}
