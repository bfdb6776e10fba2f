package org.riglab.shell.internal;

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
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;

/** Repeats a run. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=replay",
      Role.PROPERTY + "=operator"
    })
public final class ReplayCommand extends Command {
  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public ReplayCommand(@Reference Lab lab) {
    super("replay");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param queue whether not to wait
   * @param json whether to print JSON
   * @param id of a run
   */
  @Descriptor(
      "repeats a run with the same initial weights in a separate network, and prints the difference"
          + " of each metric, which is zero on the same machine. If a server executes the queue,"
          + " waits for it; otherwise runs in this process. --json prints what compare --json"
          + " prints")
  public void replay(
      CommandSession session,
      @Descriptor("adds it to the queue without waiting; compare shows the difference later")
          @Parameter(
              names = {"-q", "--queue"},
              presentValue = "true",
              absentValue = "false")
          boolean queue,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("id of the run") long id) {
    Run run = lab.replay(id);
    if (queue) {
      RunTables.told(session, run);
      return;
    }
    Terminal terminal = Terminal.of(session);
    Run end;
    try (Waiting waiting = new Waiting(json ? terminal.silent() : terminal)) {
      end = lab.await(run.id(), waiting);
    }
    if (end.state() != Run.State.DONE) {
      throw new RigException(
          Waiting.failure(end),
          Text.format(
              "the replay, run %d, is %s%s",
              end.id(),
              Names.writtenChoice(end.state()),
              end.error().isEmpty() ? "" : ": " + end.error()));
    }
    RunTables.compared(terminal, lab.compare(id, end.id()), json);
  }
}
