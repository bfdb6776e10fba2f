package org.riglab.shell.internal;

import com.google.gson.JsonObject;
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
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.base.Json;

/** Exchanges parts of a network. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=swap",
      Role.PROPERTY + "=operator"
    })
public final class SwapCommand extends Command {
  private final Networks networks;

  /**
   * @param networks the network store
   */
  @Activate
  public SwapCommand(@Reference Networks networks) {
    super("swap");
    this.networks = networks;
  }

  /**
   * @param session writes to it
   * @param backbone as in {@link Parts}
   * @param head as in {@link Parts}
   * @param gate as in {@link Parts}
   * @param unroll as in {@link Parts}
   * @param feedback as in {@link Specs#feedback}
   * @param iterations u
   * @param batchNorm as in {@link Specs#batchNorm}
   * @param json whether to print JSON
   * @param name of the network
   */
  @Descriptor(
      "replaces parts of a network. Weights whose names and shapes match are kept; a part that was"
          + " used before gets its weights back; other weights are initialized. A network that"
          + " becomes feed-forward loses its gates; a feed-forward network that becomes recurrent"
          + " gets feedback 6..4 and 2 iterations. --json prints an object: name, spec, matched,"
          + " initialised, leftOver, restored")
  public void swap(
      CommandSession session,
      @Descriptor("PART: new backbone")
          @Parameter(
              names = {"-b", "--backbone"},
              absentValue = "")
          Optional<String> backbone,
      @Descriptor("PART: new head, for example fcn8s; default with --backbone: the backbone's own")
          @Parameter(
              names = {"-H", "--head"},
              absentValue = "")
          Optional<String> head,
      @Descriptor("PART: new gate, for example mul-tanh")
          @Parameter(
              names = {"-g", "--gate"},
              absentValue = "")
          Optional<String> gate,
      @Descriptor("PART: new unroll strategy")
          @Parameter(
              names = {"-u", "--unroll"},
              absentValue = "")
          Optional<String> unroll,
      @Descriptor("BLOCKS: new gated blocks: 6..4, 4,5,6, 6, none, or '<<6 4>>'")
          @Parameter(
              names = {"-f", "--feedback"},
              absentValue = "")
          Optional<String> feedback,
      @Descriptor("N: number of iterations")
          @Parameter(
              names = {"-i", "--iterations"},
              absentValue = "")
          Optional<Integer> iterations,
      @Descriptor("per-iteration|shared|frozen: batch norm statistics")
          @Parameter(
              names = {"-n", "--batch-norm"},
              absentValue = "")
          Optional<String> batchNorm,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("name of the network") String name) {
    Specs.Changes changes =
        new Specs.Changes(backbone, head, gate, unroll, feedback, iterations, batchNorm);
    if (changes.none()) {
      throw Usage.wrong(
          "nothing to swap; use --backbone, --head, --gate, --unroll, --feedback, --iterations or"
              + " --batch-norm");
    }
    WeightTransfer transfer =
        networks.swap(name, changes.applied(networks.get(name).spec(), networks));
    NetworkSpec spec = networks.get(name).spec();
    Terminal terminal = Terminal.of(session);
    if (json) {
      JsonObject object = Json.tree(transfer).getAsJsonObject();
      object.addProperty("name", name);
      object.add("spec", Json.tree(spec));
      terminal.out().print(Json.text(object));
    } else {
      terminal.out().println(terminal.wrap(name + ": " + Specs.line(spec), 4));
      Transfers.print(terminal, transfer, "stayed");
    }
  }
}
