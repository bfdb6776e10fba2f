package org.riglab.shell.internal;

import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Lab;

/** Sets the priority of runs. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=priority",
      Role.PROPERTY + "=operator"
    })
public final class PriorityCommand extends Command {
  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public PriorityCommand(@Reference Lab lab) {
    super("priority");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param id of a run
   * @param priority the new one
   */
  @Descriptor(
      "sets the priority of a queued or paused run. Runs with a higher priority start first")
  public void priority(
      CommandSession session,
      @Descriptor("id of the run") long id,
      @Descriptor("priority; the default of runs is 0") int priority) {
    RunTables.told(session, lab.prioritise(id, priority));
  }
}
