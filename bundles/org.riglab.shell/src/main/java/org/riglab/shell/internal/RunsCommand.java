package org.riglab.shell.internal;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
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

/** Lists runs. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=runs",
      Role.PROPERTY + "=viewer"
    })
public final class RunsCommand extends Command {
  private final Lab lab;

  /**
   * @param lab keeps runs
   */
  @Activate
  public RunsCommand(@Reference Lab lab) {
    super("runs");
    this.lab = lab;
  }

  /**
   * @param session writes to it
   * @param state of the runs
   * @param filter what they contain
   * @param sweep they belong to
   * @param limit how many
   * @param json whether to print JSON
   */
  @Descriptor(
      "lists runs, the newest first, also those of train. --json prints an object: runs (objects as"
          + " run --json prints them) and total")
  public void runs(
      CommandSession session,
      @Descriptor("STATE,...: queued, running, paused, done, failed, cancelled")
          @Parameter(
              names = {"-s", "--state"},
              absentValue = "")
          Optional<String> state,
      @Descriptor("TEXT: only runs whose id, name, network, spec or error contains it")
          @Parameter(
              names = {"-f", "--filter"},
              absentValue = "")
          Optional<String> filter,
      @Descriptor("ID: only runs of that sweep")
          @Parameter(
              names = {"-w", "--sweep"},
              absentValue = "0")
          long sweep,
      @Descriptor("N: the first so many")
          @Parameter(
              names = {"-l", "--limit"},
              absentValue = "50")
          int limit,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    Set<Run.State> states = EnumSet.noneOf(Run.State.class);
    for (String word : state.map(s -> s.split(",")).orElse(new String[0])) {
      try {
        states.add(Run.State.valueOf(word.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw Usage.wrong(
            "'"
                + word
                + "' is no state; there are queued, running, paused, done, failed and cancelled");
      }
    }
    if (limit < 0) {
      throw Usage.wrong("--limit must be 0 or more, not " + limit);
    }
    Lab.Page page = lab.list(new Lab.Query(states, Set.of(), filter.orElse(""), sweep, 0, limit));
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(page));
    } else if (page.total() == 0) {
      terminal.out().println("no such runs; train makes one, submit queues one");
    } else {
      terminal.out().print(RunTables.table(page.runs()));
      if (page.total() > page.runs().size()) {
        terminal
            .out()
            .println(
                Text.format(
                    "%d of %s; --limit and --filter show others",
                    page.runs().size(), Text.count(page.total(), "run")));
      }
    }
  }
}
