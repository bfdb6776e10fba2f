package org.riglab.shell.internal;

import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Networks;

/** Discards a network. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=discard",
      Role.PROPERTY + "=operator"
    })
public final class DiscardCommand extends Command {
  private final Networks networks;

  /**
   * @param networks the network store
   */
  @Activate
  public DiscardCommand(@Reference Networks networks) {
    super("discard");
    this.networks = networks;
  }

  /**
   * @param session writes to it
   * @param name of the network
   */
  @Descriptor("deletes a network and its weights")
  public void discard(CommandSession session, @Descriptor("name of the network") String name) {
    networks.discard(name);
    Terminal.of(session).out().println(name + " is gone");
  }
}
