package org.riglab.shell.internal;

import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.base.Json;
import org.riglab.base.Names;

/** Shows how the lab is. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=status",
      Role.PROPERTY + "=viewer"
    })
public final class StatusCommand extends Command {
  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public StatusCommand(@Reference Lab lab) {
    super("status");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   */
  @Descriptor(
      "shows the state of the lab: server, disk, memory, store, and warnings of the watchdog."
          + " --json prints an object: server, owner, checks (name, status, text), runs (by state),"
          + " workers (device, run), freeDiskBytes, residentBytes")
  public void status(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    Health health = lab.health();
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(health));
      return;
    }
    terminal
        .out()
        .println(
            health.owner().map(owner -> "server: " + owner).orElse("no server executes the queue"));
    health.workers().stream()
        .filter(worker -> worker.run() > 0)
        .forEach(worker -> terminal.out().println(worker.device() + ": run " + worker.run()));
    Table table = new Table("check", "status", "").states("status");
    for (Health.Check check : health.checks()) {
      table.row(check.name(), Names.writtenChoice(check.status()), check.text());
    }
    terminal.print(table);
    health
        .runs()
        .forEach(
            (state, count) -> terminal.out().println(Names.writtenChoice(state) + ": " + count));
  }
}
