package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Networks;
import org.riglab.base.Json;

/** Lists networks. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=networks",
      Role.PROPERTY + "=viewer"
    })
public final class NetworksCommand extends Command {
  private final Networks networks;

  /**
   * @param networks the network store
   */
  @Activate
  public NetworksCommand(@Reference Networks networks) {
    super("networks");
    this.networks = networks;
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   */
  @Descriptor(
      "lists the stored networks. --json prints an array of objects: name, and spec (as show"
          + " --json) or error")
  public void networks(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    Terminal terminal = Terminal.of(session);
    JsonArray array = new JsonArray();
    Table table = new Table("name", "network");
    for (String name : networks.names()) {
      JsonObject object = new JsonObject();
      object.addProperty("name", name);
      try {
        var spec = networks.get(name).spec();
        object.add("spec", Json.tree(spec));
        table.row(name, Specs.line(spec));
      } catch (RigException e) {
        // A network whose plugin is missing is listed with the reason.
        object.addProperty("error", e.getMessage());
        table.row(name, e.getMessage());
      }
      array.add(object);
    }
    if (json) {
      terminal.out().print(Json.text(array));
    } else if (array.isEmpty()) {
      terminal.out().println("no networks; 'assemble' creates one");
    } else {
      terminal.print(table);
    }
  }
}
