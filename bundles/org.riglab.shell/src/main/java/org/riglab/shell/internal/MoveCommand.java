package org.riglab.shell.internal;

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
import org.riglab.api.lab.Lab;

/** Changes the order of the queue. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=move",
      Role.PROPERTY + "=operator"
    })
public final class MoveCommand extends Command {
  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public MoveCommand(@Reference Lab lab) {
    super("move");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param before a queued run; without it the end
   * @param id of a queued run
   */
  @Descriptor("moves a queued run before another one, or to the end of the queue")
  public void move(
      CommandSession session,
      @Descriptor("ID: queued run before which it is placed; default: the end of the queue")
          @Parameter(
              names = {"-b", "--before"},
              absentValue = "")
          Optional<Long> before,
      @Descriptor("id of a queued run") long id) {
    Terminal.of(session).print(RunTables.table(lab.reorder(id, before.orElse(0L))));
  }
}
