package org.riglab.shell.internal;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
   * @param where conditions
   * @param sort keys
   * @param columns to print
   * @param offset how many to skip
   * @param limit how many
   * @param fields whether to list the names that conditions know
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
      @Descriptor(
              "CONDITIONS: only runs that fulfil all, such as 'network.gate=mul-tanh and mIoU>40"
                  + " tag:paper name~tiny'; with = : != < <= > >= ~ (contains) !~; a=x,y for"
                  + " either; scores in percent")
          @Parameter(
              names = {"-W", "--where"},
              absentValue = "")
          String where,
      @Descriptor("FIELD,...: sorts by them, with - in front descending: -mIoU, lr, -started")
          @Parameter(
              names = {"-S", "--sort"},
              absentValue = "")
          Optional<String> sort,
      @Descriptor("FIELD,...: prints these instead of the usual columns")
          @Parameter(
              names = {"-c", "--columns"},
              absentValue = "")
          Optional<String> columns,
      @Descriptor("N: skips the first so many")
          @Parameter(
              names = {"-o", "--offset"},
              absentValue = "0")
          int offset,
      @Descriptor("N: the first so many")
          @Parameter(
              names = {"-l", "--limit"},
              absentValue = "50")
          int limit,
      @Descriptor("lists the fields that --where, --sort and --columns know, instead of runs")
          @Parameter(
              names = {"--fields"},
              presentValue = "true",
              absentValue = "false")
          boolean fields,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    requireNotNegative("--limit", limit);
    requireNotNegative("--offset", offset);
    Terminal terminal = Terminal.of(session);
    if (fields) {
      terminal.out().print(json ? Json.text(lab.fields()) : lines(lab.fields()));
      return;
    }
    Lab.Page page =
        lab.list(
            new Lab.Query(
                states(state),
                Set.of(),
                filter.orElse(""),
                sweep,
                offset,
                limit,
                where,
                words(sort)));
    if (json) {
      terminal.out().print(Json.text(page));
    } else if (page.total() == 0) {
      terminal.out().println("no such runs; train makes one, submit queues one");
    } else {
      terminal
          .out()
          .print(
              columns.isEmpty()
                  ? RunTables.table(page.runs())
                  : RunColumns.table(page.runs(), words(columns)));
      if (page.total() > page.runs().size()) {
        terminal
            .out()
            .println(
                Text.format(
                    "%d of %s; --limit, --offset and --filter show others",
                    page.runs().size(), Text.count(page.total(), "run")));
      }
    }
  }

  private static void requireNotNegative(String option, int value) {
    if (value < 0) {
      throw Usage.wrong(option + " must be 0 or more, not " + value);
    }
  }

  private static String lines(List<String> names) {
    return names.stream().map(name -> name + "\n").collect(Collectors.joining());
  }

  private static List<String> words(Optional<String> list) {
    return list.stream().flatMap(text -> Stream.of(text.split(","))).map(String::strip).toList();
  }

  private static Set<Run.State> states(Optional<String> state) {
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
    return states;
  }
}
