package org.riglab.shell.internal;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Kinds;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;
import org.riglab.base.Json;

/** Lists parts. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=list",
      Role.PROPERTY + "=viewer"
    })
public final class ListCommand extends Command {
  private final Registry registry;

  /**
   * @param registry of parts
   */
  @Activate
  public ListCommand(@Reference Registry registry) {
    super("list");
    this.registry = registry;
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   * @param kind of parts
   */
  @Descriptor(
      "lists the available parts with options, bundle and version. --json prints an array of"
          + " objects: kind, name, about, options (name, type, defaultValue, allowed), bundle,"
          + " version, sha256, bundleId")
  public void list(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("backbone, head, gate, unroll, dataset, metric, loss or transform; default: all")
          Optional<String> kind) {
    String one = kind.map(ListCommand::kind).orElse("");
    List<PartInfo> parts = registry.parts(one);
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(parts));
      return;
    }
    Table table =
        new Table("kind", "name", "bundle", "version", "about").optional("version", "bundle");
    for (PartInfo part : parts) {
      table.row(part.kind(), part.name(), part.bundle(), part.version(), part.about());
    }
    terminal.print(table);
    for (PartInfo part : parts) {
      if (!part.options().isEmpty()) {
        String options =
            part.options().stream().map(ListCommand::option).collect(Collectors.joining(", "));
        terminal.out().println();
        terminal.out().println(part.kind() + " " + part.name());
        terminal.out().println("    " + terminal.wrap(options, 4));
      }
    }
  }

  private static String option(OptionInfo option) {
    String values = option.allowed().isEmpty() ? option.type() : String.join("|", option.allowed());
    return option.name() + "=" + option.defaultValue() + " (" + values + ")";
  }

  private static String kind(String text) {
    return Kinds.ALL.keySet().stream()
        .filter(kind -> Set.of(kind, kind + "s", kind + "es").contains(text))
        .findFirst()
        .orElseThrow(
            () ->
                Usage.wrong(
                    "'%s' is not a kind of part; kinds are %s"
                        .formatted(text, String.join(", ", Kinds.ALL.keySet()))));
  }
}
