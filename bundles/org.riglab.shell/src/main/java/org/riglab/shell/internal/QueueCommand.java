package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;

/** Shows the queue. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=queue",
      Role.PROPERTY + "=viewer"
    })
public final class QueueCommand extends Command {
  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public QueueCommand(@Reference Lab lab) {
    super("queue");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   */
  @Descriptor(
      "lists the running and the queued runs in the order of execution. submit and sweep add runs;"
          + " a server ('rig server') executes them. --json prints an array of objects as run"
          + " --json prints them")
  public void queue(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    List<Run> runs = new ArrayList<>(lab.list(Lab.Query.of(Run.State.RUNNING)).runs());
    runs.addAll(lab.list(Lab.Query.of(Run.State.QUEUED)).runs());
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(runs));
    } else if (runs.isEmpty()) {
      terminal.out().println("the queue is empty");
    } else {
      terminal.print(RunTables.table(runs));
    }
    if (!json && !runs.isEmpty() && lab.health().owner().isEmpty()) {
      terminal.out().println("no server executes the queue; 'rig server' starts one");
    }
  }
}
