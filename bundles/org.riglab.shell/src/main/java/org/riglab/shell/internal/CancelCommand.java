package org.riglab.shell.internal;

import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Lab;

/** Ends runs. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=cancel",
      Role.PROPERTY + "=operator"
    })
public final class CancelCommand extends Command {
  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public CancelCommand(@Reference Lab lab) {
    super("cancel");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param ids of runs
   */
  @Descriptor("cancels runs. Their checkpoints are kept; retry continues from them")
  public void cancel(CommandSession session, @Descriptor("ids of the runs") List<Long> ids) {
    for (Long id : ids) {
      RunTables.told(session, lab.cancel(id));
    }
  }
}
