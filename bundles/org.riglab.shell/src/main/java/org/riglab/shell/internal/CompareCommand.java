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
import org.riglab.api.lab.Lab;

/** Compares runs. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=compare",
      Role.PROPERTY + "=viewer"
    })
public final class CompareCommand extends Command {
  private final Lab lab;

  /**
   * @param lab keeps runs
   */
  @Activate
  public CompareCommand(@Reference Lab lab) {
    super("compare");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   * @param first id of a run
   * @param second id of another
   */
  @Descriptor(
      "compares two runs: what their specs, parts and data differ in, and every metric step by"
          + " step. --json prints an object: first, second, metrics (name, points, unmatched,"
          + " largest, first, second), spec, parts, sameData")
  public void compare(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("id of a run") long first,
      @Descriptor("id of another") long second) {
    RunTables.compared(Terminal.of(session), lab.compare(first, second), json);
  }
}
