package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;
import org.riglab.base.Visible;

/** The lab at a glance: workers, running and waiting runs, and which of them is selected. */
final class Top {
  private static final int RUNS = 200;
  private static final int POINTS = 16;
  private static final int BAR = 12;
  private static final long GIB = 1L << 30;
  private static final String LOSS = "loss";

  private final Lab lab;
  private final boolean colour;
  private final Map<Long, Curve> curves = new HashMap<>();
  private Health health;
  private List<Run> runs = List.of();
  private long selected;
  private String message = "";

  /**
   * @param lab read at every refresh
   * @param colour whether to use colours
   */
  Top(Lab lab, boolean colour) {
    this.lab = lab;
    this.colour = colour;
    refresh();
  }

  /** Reads the state of the lab. */
  void refresh() {
    health = lab.health();
    List<Run> now = new ArrayList<>(of(Run.State.RUNNING));
    now.addAll(of(Run.State.QUEUED));
    now.addAll(of(Run.State.PAUSED));
    for (Run run : now) {
      if (run.state() == Run.State.RUNNING && run.metrics().containsKey(LOSS)) {
        curves.put(run.id(), lab.curve(run.id(), LOSS, POINTS));
      }
    }
    curves.keySet().retainAll(now.stream().map(Run::id).collect(Collectors.toSet()));
    int place = place();
    runs = now;
    if (place() < 0 && !runs.isEmpty()) {
      selected = runs.get(Math.max(0, Math.min(runs.size() - 1, place))).id();
    }
  }

  private List<Run> of(Run.State state) {
    return lab.list(new Lab.Query(Set.of(state), Set.of(), "", 0, 0, RUNS)).runs();
  }

  private int place() {
    for (int i = 0; i < runs.size(); i++) {
      if (runs.get(i).id() == selected) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Selects another run.
   *
   * @param by how many lines further down
   */
  void move(int by) {
    if (!runs.isEmpty()) {
      selected = runs.get(Math.max(0, Math.min(runs.size() - 1, place() + by))).id();
    }
  }

  /**
   * @return the selected run; empty if there is none
   */
  Optional<Run> selected() {
    int place = place();
    return place < 0 ? Optional.empty() : Optional.of(runs.get(place));
  }

  /**
   * @param text one line for the user, until the next one
   */
  void say(String text) {
    message = Visible.line(text);
  }

  /**
   * @param columns of the terminal
   * @param rows of the terminal, 4 or more
   * @return lines that fit
   */
  List<String> lines(int columns, int rows) {
    List<String> lines = new ArrayList<>();
    lines.add(styled(Style.TITLE, Text.cut(title(), columns)));
    String workers =
        health.workers().stream()
            .map(w -> w.device() + " " + (w.run() == 0 ? "idle" : "run " + w.run()))
            .collect(Collectors.joining("   "));
    if (!workers.isEmpty()) {
      lines.add(Text.cut(workers, columns));
    }
    for (Health.Check check : health.checks()) {
      if (check.status() != Health.Status.OK) {
        String text = check.name() + ": " + Visible.line(check.text());
        lines.add(styled(Style.of(check.status().name()), Text.cut(text, columns)));
      }
    }
    List<String> table = table(columns);
    int room = Math.max(1, rows - lines.size() - 4);
    int first = Math.max(0, Math.min(place() - room / 2, table.size() - 1 - room));
    lines.add("");
    lines.add(table.get(0));
    lines.addAll(table.subList(1 + first, Math.min(table.size(), 1 + first + room)));
    while (lines.size() < rows - 2) {
      lines.add("");
    }
    List<String> shown = new ArrayList<>(lines.subList(0, Math.max(0, rows - 2)));
    shown.add(Text.cut(message, columns));
    shown.add(
        styled(
            Style.FAINT,
            Text.cut(
                "up/down select  p pause  r resume  c cancel  +/- priority  q quit", columns)));
    return shown;
  }

  /**
   * Prints the current state once.
   *
   * @param terminal where to
   */
  void print(Terminal terminal) {
    terminal.out().println(title());
    table(terminal.columns()).forEach(terminal.screen()::println);
  }

  private String title() {
    long more = health.runs().getOrDefault(Run.State.QUEUED, 0L);
    return Text.format(
        "%s   %d running, %d queued, %d paused   %.1f GiB free%s",
        health.owner().map(owner -> "server " + owner).orElse("no server"),
        health.runs().getOrDefault(Run.State.RUNNING, 0L),
        more,
        health.runs().getOrDefault(Run.State.PAUSED, 0L),
        (double) health.freeDiskBytes() / GIB,
        health.residentBytes() == 0
            ? ""
            : Text.format(", %.1f GiB used", (double) health.residentBytes() / GIB));
  }

  /** The header, and a line per run. */
  private List<String> table(int columns) {
    Table table =
        new Table("", "id", "name", "state", "progress", "%", LOSS, "curve", "mIoU %", "left")
            .elided("name")
            .states("state")
            .optional("curve", "mIoU %", "left");
    for (Run run : runs) {
      long total = run.progress().total();
      double share = total == 0 ? 0 : (double) run.progress().done() / total;
      table.row(
          run.id() == selected ? ">" : "",
          String.valueOf(run.id()),
          Visible.line(run.name()),
          Names.writtenChoice(run.state()),
          bar(share),
          total == 0 ? "-" : Text.format("%.0f", 100 * share),
          run.metrics().containsKey(LOSS) ? RunTables.number(run.metrics().get(LOSS)) : "-",
          curves.containsKey(run.id()) ? RunTables.spark(curves.get(run.id())) : "",
          Text.percent(RunTables.answer(run.metrics())),
          run.state() == Run.State.RUNNING
              ? Text.duration(run.progress().secondsLeft())
              : run.priority() == 0 ? "" : "priority " + run.priority());
    }
    List<String> lines = new ArrayList<>(table.text(columns, colour).lines().toList());
    if (runs.isEmpty()) {
      lines.add("no runs; submit and sweep add some");
    }
    return lines;
  }

  private static String bar(double share) {
    int full = (int) Math.max(0, Math.min(BAR, Math.round(BAR * share)));
    return "\u2588".repeat(full) + "\u2591".repeat(BAR - full);
  }

  private String styled(Style style, String text) {
    return colour ? style.on(text) : text;
  }
}
