package org.riglab.shell.internal;

import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
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

/** Lists runs; tags, archives and deletes them. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=runs",
      Role.PROPERTY + "=viewer",
      Role.PROPERTY + "=tag=operator",
      Role.PROPERTY + "=note=operator",
      Role.PROPERTY + "=delete=operator",
      Role.PROPERTY + "=archive=operator",
      Role.PROPERTY + "=restore=operator"
    })
public final class RunsCommand extends Command {
  private final Lab lab;

  /**
   * @param lab the store of runs
   */
  @Activate
  public RunsCommand(@Reference Lab lab) {
    super("runs");
    this.lab = lab;
  }

  /**
   * The arguments of {@code runs}.
   *
   * @param state of the runs
   * @param filter text in name, network or tags
   * @param sweep of the runs
   * @param where conditions
   * @param sort keys
   * @param columns to print
   * @param offset how many to skip
   * @param limit how many
   * @param fields whether to list the names for conditions
   * @param json whether to print JSON
   */
  record Arguments(
      @Descriptor("STATE,...: queued, running, paused, done, failed, cancelled")
          @Parameter(
              names = {"-s", "--state"},
              absentValue = "")
          Optional<String> state,
      @Descriptor("TEXT: only runs with this text in id, name, network, spec or error")
          @Parameter(
              names = {"-f", "--filter"},
              absentValue = "")
          Optional<String> filter,
      @Descriptor("ID: only runs of this sweep")
          @Parameter(
              names = {"-w", "--sweep"},
              absentValue = "0")
          long sweep,
      @Descriptor(
              "CONDITIONS: only runs that meet all conditions, for example"
                  + " 'network.gate=mul-tanh and mIoU>40 tag:paper name~tiny'. Operators: = : != <"
                  + " <= > >= ~ (contains) !~; a=x,y for either; scores in percent")
          @Parameter(
              names = {"-W", "--where"},
              absentValue = "")
          String where,
      @Descriptor(
              "FIELD,...: sorts by these fields, descending with a leading -: -mIoU, lr, -started")
          @Parameter(
              names = {"-S", "--sort"},
              absentValue = "")
          Optional<String> sort,
      @Descriptor("FIELD,...: columns to print, instead of the default ones")
          @Parameter(
              names = {"-c", "--columns"},
              absentValue = "")
          Optional<String> columns,
      @Descriptor("N: number of runs to skip")
          @Parameter(
              names = {"-o", "--offset"},
              absentValue = "0")
          int offset,
      @Descriptor("N: maximum number of runs")
          @Parameter(
              names = {"-l", "--limit"},
              absentValue = "50")
          int limit,
      @Descriptor("lists the fields for --where, --sort and --columns instead of runs")
          @Parameter(
              names = {"-F", "--fields"},
              presentValue = "true",
              absentValue = "false")
          boolean fields,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   */
  @Descriptor(
      "lists runs, newest first. --json prints an object: runs (objects as run --json prints them)"
          + " and total")
  public void runs(CommandSession session, Arguments given) {
    requireNotNegative("--limit", given.limit());
    requireNotNegative("--offset", given.offset());
    Terminal terminal = Terminal.of(session);
    if (given.fields()) {
      terminal.out().print(given.json() ? Json.text(lab.fields()) : lines(lab.fields()));
      return;
    }
    Lab.Page page =
        lab.list(
            new Lab.Query(
                states(given.state()),
                Set.of(),
                given.filter().orElse(""),
                given.sweep(),
                given.offset(),
                given.limit(),
                given.where(),
                words(given.sort())));
    if (given.json()) {
      terminal.out().print(Json.text(page));
    } else if (page.total() == 0) {
      terminal.out().println("no matching runs; 'train' and 'submit' create runs");
    } else {
      terminal.page(
          given.columns().isEmpty()
              ? RunTables.table(page.runs())
              : RunColumns.table(page.runs(), words(given.columns())),
          page.total() > page.runs().size()
              ? Text.format(
                  "%d of %s; --limit, --offset and --filter show others\n",
                  page.runs().size(), Text.count(page.total(), "run"))
              : "");
    }
  }

  /**
   * @param session writes to it
   * @param tags to add or remove
   * @param ids of runs
   */
  @Descriptor("tags runs, which 'runs --where tag:paper' lists")
  public void tag(
      CommandSession session,
      @Descriptor("TAG,...: tags to add, or with a leading - to remove: paper,-draft") String tags,
      @Descriptor("ids of the runs") List<Long> ids) {
    Set<String> add = new LinkedHashSet<>();
    Set<String> remove = new LinkedHashSet<>();
    for (String tag : tags.split(",")) {
      if (tag.startsWith("-")) {
        remove.add(tag.substring(1));
      } else {
        add.add(tag);
      }
    }
    for (long id : ids) {
      Run run = lab.tag(id, add, remove);
      Terminal.of(session)
          .out()
          .println(
              "run " + id + ": " + (run.tags().isEmpty() ? "-" : String.join(" ", run.tags())));
    }
  }

  /**
   * @param session writes to it
   * @param id of a run
   * @param text of the note
   */
  @Descriptor("sets the note of a run")
  public void note(
      CommandSession session,
      @Descriptor("id of the run") long id,
      @Descriptor("text of the note; without it, the note is removed") Collection<String> text) {
    Run run = lab.note(id, String.join(" ", text));
    Terminal.of(session)
        .out()
        .println("run " + id + ": " + (run.note().isEmpty() ? "-" : run.note()));
  }

  /**
   * @param session writes to it
   * @param selection the runs if there are no ids, and whether to change anything
   * @param ids of runs
   */
  @Descriptor(
      "deletes runs with their files, curves and events; networks are kept. Without IDs, deletes"
          + " the ended runs that --where, --older-than and --keep-best select")
  public void delete(
      CommandSession session,
      SelectionOptions selection,
      @Descriptor("ids of the runs") Collection<Long> ids) {
    remove(session, selection.choice(ids).runs(lab, ""), selection.dry(), "deleted", lab::delete);
  }

  /**
   * @param session writes to it
   * @param selection the runs if there are no ids, and whether to change anything
   * @param ids of runs
   */
  @Descriptor(
      "packs the files of ended runs into HOME/archive and removes their folders and checkpoints;"
          + " the weights of the best checkpoint are kept. Without IDs, archives the runs that"
          + " --where, --older-than and --keep-best select")
  public void archive(
      CommandSession session,
      SelectionOptions selection,
      @Descriptor("ids of the runs") Collection<Long> ids) {
    remove(
        session,
        selection.choice(ids).runs(lab, "files=present"),
        selection.dry(),
        "archived",
        lab::archive);
  }

  /**
   * @param session writes to it
   * @param ids of runs
   */
  @Descriptor("restores the files of archived runs")
  public void restore(CommandSession session, @Descriptor("ids of the runs") List<Long> ids) {
    for (Run run : lab.restore(ids)) {
      Terminal.of(session).out().println("run " + run.id() + ": " + run.folder());
    }
  }

  private static void remove(
      CommandSession session,
      List<Run> runs,
      boolean dry,
      String done,
      java.util.function.Function<List<Long>, Lab.Removal> action) {
    Terminal terminal = Terminal.of(session);
    if (runs.isEmpty()) {
      terminal.out().println("no such runs");
      return;
    }
    if (dry) {
      terminal.print(RunColumns.table(runs, List.of("id", "name", "state", "mIoU", "age", "size")));
      terminal.out().println(Text.count(runs.size(), "run") + " would be " + done);
      return;
    }
    Lab.Removal removal = action.apply(runs.stream().map(Run::id).toList());
    terminal
        .out()
        .println(
            Text.format(
                "%s %s, %s freed",
                Text.count(removal.runs().size(), "run"), done, RunTables.size(removal.bytes())));
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
                + "' is not a state; states are queued, running, paused, done, failed and"
                + " cancelled");
      }
    }
    return states;
  }
}
