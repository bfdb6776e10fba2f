package org.riglab.shell.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;

/**
 * The state of a watched run. Calls of the lab only record changes, so that they never wait for the
 * terminal.
 */
final class Watch implements LabListener {
  private static final int POINTS = 400;
  private static final int MESSAGES = 5;
  private static final int BAR = 30;
  private static final int LEAST_COLUMNS = 20;

  private final Lab lab;
  private final long id;
  private final Optional<String> asked;
  private final Plot plot = new Plot(POINTS);
  private final Deque<String> messages = new ArrayDeque<>();
  private final Deque<String> unread = new ArrayDeque<>();
  private Run run;
  private Run.Progress progress;
  private String metric = "";
  private boolean changed;
  private boolean live;
  private boolean missed;

  /**
   * @param lab knows the run
   * @param id of the run
   * @param metric whose curve to draw; empty for the loss, or else the first there is
   * @throws org.riglab.api.RigException if there is no such run
   */
  Watch(Lab lab, long id, Optional<String> metric) {
    this.lab = lab;
    this.id = id;
    this.asked = metric;
    refresh(true);
    lab.eventsOf(id, MESSAGES).forEach(e -> note(e, messages));
  }

  @Override
  public synchronized void event(Event event) {
    if (event.run() == id) {
      note(event, messages);
      note(event, unread);
      changed = true;
      notifyAll();
    }
  }

  private static void note(Event event, Deque<String> to) {
    to.add(Text.shown(event.text()));
    while (to.size() > MESSAGES) {
      to.remove();
    }
  }

  @Override
  public synchronized void points(long of, Run.Progress now, List<Point> points) {
    if (of == id) {
      live = true;
      progress = now;
      for (Point point : points) {
        if (point.metric().equals(metric)) {
          plot.add(point.step(), point.value());
        }
      }
      changed = true;
      notifyAll();
    }
  }

  @Override
  public synchronized void missed() {
    missed = true;
  }

  /**
   * Waits until there is something new.
   *
   * @param millis at most
   */
  synchronized void await(long millis) throws InterruptedException {
    if (!changed) {
      wait(millis);
    }
    changed = false;
  }

  /**
   * Reads the state of the run.
   *
   * @param curve whether to read the curve as well if its points are not sent as events
   */
  void refresh(boolean curve) {
    Run now = lab.run(id);
    String name = metric.isEmpty() ? choose(lab.metrics(id)) : metric;
    boolean read;
    synchronized (this) {
      read = !name.isEmpty() && (!name.equals(metric) || missed || curve && !live);
    }
    var points = read ? Optional.of(lab.curve(id, name, POINTS)) : Optional.<Curve>empty();
    synchronized (this) {
      run = now;
      progress = now.progress();
      metric = name;
      points.ifPresent(
          c -> {
            plot.reset(c);
            missed = false;
          });
    }
  }

  private String choose(List<String> names) {
    return asked.orElse(names.contains("loss") ? "loss" : names.isEmpty() ? "" : names.get(0));
  }

  /**
   * @return whether the run has ended
   */
  synchronized boolean ended() {
    return run.state().ended();
  }

  /**
   * @return the messages of the run since the last call
   */
  synchronized List<String> news() {
    List<String> news = List.copyOf(unread);
    unread.clear();
    return news;
  }

  /**
   * @return one line: how far the run is
   */
  synchronized String line() {
    return heading()
        + " "
        + Text.count(progress.done())
        + "/"
        + Text.count(progress.total())
        + speed()
        + metrics();
  }

  /**
   * @param columns of the terminal
   * @param rows of the terminal
   * @return lines that fit
   */
  synchronized List<String> lines(int columns, int rows) {
    int width = Math.max(LEAST_COLUMNS, columns - 1);
    List<String> lines = new ArrayList<>();
    lines.add(heading());
    int full =
        progress.total() > 0
            ? (int) Math.max(0, Math.min(BAR, BAR * progress.done() / progress.total()))
            : 0;
    lines.add(
        "["
            + "#".repeat(full)
            + ".".repeat(BAR - full)
            + "] "
            + progress.done()
            + "/"
            + progress.total()
            + speed());
    lines.add(metrics().strip());
    run.warnings().forEach(warning -> lines.add("! " + Text.shown(warning)));
    List<String> said = messages.stream().map(m -> "  " + m).toList();
    int left = rows - 2 - lines.size() - said.size();
    if (left > 2 && !metric.isEmpty()) {
      List<String> curve = plot.lines(width, Math.min(10, left - 2));
      if (!curve.isEmpty()) {
        lines.add(metric);
        lines.addAll(curve);
      }
    }
    lines.addAll(said);
    return lines.stream().limit(Math.max(1, rows - 1)).map(line -> Text.cut(line, width)).toList();
  }

  private String heading() {
    return "run "
        + id
        + " "
        + Text.shown(run.name())
        + ": "
        + Names.writtenChoice(run.state())
        + (run.error().isEmpty() ? "" : ", " + Text.shown(run.error()));
  }

  private String speed() {
    return run.state() == Run.State.RUNNING
        ? Text.format(
            " %.1f img/s %s left",
            progress.imagesPerSecond(), Text.duration(progress.secondsLeft()))
        : " " + Text.duration(run.times().seconds());
  }

  /** Those of classes are too many. */
  private String metrics() {
    return run.metrics().entrySet().stream()
        .filter(e -> !e.getKey().startsWith("IoU.") && !e.getKey().startsWith("accuracy."))
        .sorted(Map.Entry.comparingByKey())
        .map(e -> Text.format(" %s %.4g", Text.shown(e.getKey()), e.getValue()))
        .collect(Collectors.joining());
  }
}
