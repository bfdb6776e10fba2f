package org.riglab.shell.internal;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;
import org.riglab.base.Names;

/** Tables of runs. */
final class RunTables {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());
  private static final String BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";

  private RunTables() {}

  /** One line per run. */
  static Table table(List<Run> runs) {
    Table table =
        new Table(
                "id",
                "name",
                "state",
                "progress",
                "loss",
                "mIoU %",
                "images/s",
                "device",
                "time",
                "")
            .elided("name")
            .states("state")
            .optional("images/s", "device", "time", "loss");
    for (Run run : runs) {
      table.row(
          String.valueOf(run.id()),
          run.name() + (run.kind() == Run.Kind.EVAL ? " (eval)" : ""),
          Names.writtenChoice(run.state()),
          progress(run),
          run.metrics().containsKey("loss") ? number(run.metrics().get("loss")) : "-",
          Text.percent(answer(run.metrics())),
          run.progress().imagesPerSecond() > 0
              ? Text.format("%.1f", run.progress().imagesPerSecond())
              : "-",
          run.device(),
          took(run),
          remark(run));
    }
    return table;
  }

  static String progress(Run run) {
    long total = run.progress().total();
    return total == 0 ? "-" : run.progress().done() + "/" + total;
  }

  /** How long it ran. */
  static String took(Run run) {
    return run.times().seconds() > 0 ? Text.duration(run.times().seconds()) : "-";
  }

  static String time(Instant time) {
    return TIME.format(time);
  }

  static String size(long bytes) {
    return bytes == 0
        ? "-"
        : bytes < 1 << 20
            ? Text.format("%.1f KiB", bytes / 1024.0)
            : bytes < 1 << 30
                ? Text.format("%.1f MiB", bytes / 0x1p20)
                : Text.format("%.1f GiB", bytes / 0x1p30);
  }

  /** The last iteration's mIoU. */
  static double answer(Map<String, Double> metrics) {
    double last = Double.NaN;
    for (int t = 1; metrics.containsKey("mIoU.t" + t); t++) {
      last = metrics.get("mIoU.t" + t);
    }
    return last;
  }

  private static String remark(Run run) {
    if (!run.warnings().isEmpty()) {
      return "! " + String.join("; ", run.warnings());
    } else if (!run.error().isEmpty()) {
      return run.error();
    } else if (run.state() == Run.State.QUEUED && !run.after().isEmpty()) {
      return "after " + run.after().toString().replaceAll("[\\[\\]]", "");
    }
    return run.priority() == 0 ? "" : "priority " + run.priority();
  }

  /** Prints the result of a run. */
  static void told(CommandSession session, Run run) {
    String what =
        "run " + run.id() + " (" + run.name() + ") is " + Names.writtenChoice(run.state());
    Terminal.of(session).out().println(what + (run.error().isEmpty() ? "" : ": " + run.error()));
  }

  /** All about a run but its curves. */
  static String described(Terminal terminal, Run run) {
    StringBuilder text = new StringBuilder();
    line(terminal, text, "run", run.id() + " " + run.name());
    line(
        terminal,
        text,
        "state",
        Names.writtenChoice(run.state()) + (run.error().isEmpty() ? "" : ": " + run.error()));
    run.warnings().forEach(warning -> line(terminal, text, "warning", warning));
    line(
        terminal,
        text,
        "does",
        Names.writtenChoice(run.kind()) + " " + run.network() + " on " + run.device());
    if (run.replayOf() > 0) {
      line(terminal, text, "replays", "run " + run.replayOf());
    }
    if (run.sweep() > 0) {
      line(terminal, text, "sweep", String.valueOf(run.sweep()));
    }
    line(terminal, text, "progress", progress(run) + left(run));
    line(terminal, text, "seed", String.valueOf(run.seed()));
    line(terminal, text, "submitted", TIME.format(run.times().submitted()));
    run.times().started().ifPresent(at -> line(terminal, text, "started", TIME.format(at)));
    run.times().ended().ifPresent(at -> line(terminal, text, "ended", TIME.format(at)));
    line(terminal, text, "took", took(run) + rate(run));
    line(terminal, text, "folder", folder(run));
    if (!run.tags().isEmpty()) {
      line(terminal, text, "tags", String.join(" ", run.tags()));
    }
    run.note().lines().forEach(note -> line(terminal, text, "note", note));
    run.data().forEach((key, value) -> line(terminal, text, "data", key + " " + value));
    run.parts().forEach((part, from) -> line(terminal, text, "part", part + ": " + from));
    return text.toString();
  }

  private static String rate(Run run) {
    return run.state() != Run.State.RUNNING && run.progress().imagesPerSecond() > 0
        ? Text.format(", %.1f images/s", run.progress().imagesPerSecond())
        : "";
  }

  private static String folder(Run run) {
    String bytes = run.storage().bytes() > 0 ? ", " + size(run.storage().bytes()) : "";
    return switch (run.storage().files()) {
      case NONE -> "-";
      case PRESENT -> run.folder() + bytes;
      case ARCHIVED -> run.folder() + ", archived" + bytes;
      case MISSING -> run.folder() + ", removed";
    };
  }

  private static String left(Run run) {
    return run.state() == Run.State.RUNNING
        ? Text.format(
            ", %.1f images/s, %s left",
            run.progress().imagesPerSecond(), Text.duration(run.progress().secondsLeft()))
        : "";
  }

  private static void line(Terminal terminal, StringBuilder text, String label, String value) {
    text.append(Text.format("%-10s", label)).append(terminal.wrap(value, 10)).append('\n');
  }

  /** For example 0.3125 or 2.5e-05. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "-";
    }
    double size = Math.abs(value);
    return size == 0 || size >= 0.001 && size < 1e6
        ? Text.format("%.4f", value)
        : Text.format("%.2e", value);
  }

  /** A curve in one line. */
  static String spark(Curve curve) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Curve.Bucket bucket : curve.points()) {
      if (Double.isFinite(bucket.mean())) {
        low = Math.min(low, bucket.mean());
        high = Math.max(high, bucket.mean());
      }
    }
    StringBuilder line = new StringBuilder();
    for (Curve.Bucket bucket : curve.points()) {
      double share = high > low ? (bucket.mean() - low) / (high - low) : 0;
      line.append(
          Double.isFinite(bucket.mean()) && Double.isFinite(share)
              ? BARS.charAt((int) Math.min(BARS.length() - 1, share * BARS.length()))
              : ' ');
    }
    return line.toString();
  }

  /** One line. */
  static String line(Event event) {
    return Text.format(
        "%s  %s %s", TIME.format(event.time()), Names.writtenChoice(event.type()), event.text());
  }

  /** Two runs side by side. */
  static void compared(Terminal terminal, Comparison comparison, boolean json) {
    if (json) {
      terminal.out().print(Json.text(comparison));
      return;
    }
    comparison
        .spec()
        .forEach(
            (field, pair) ->
                terminal.out().println(field + ": " + pair.first() + " | " + pair.second()));
    comparison
        .parts()
        .forEach(
            (part, pair) ->
                terminal.out().println(part + ": " + pair.first() + " | " + pair.second()));
    if (!comparison.sameData()) {
      terminal.out().println("the data differ");
    }
    Table table =
        new Table(
            "metric",
            "run " + comparison.first().id(),
            "run " + comparison.second().id(),
            "points",
            "only in one",
            "largest difference");
    for (Comparison.Metric metric : comparison.metrics()) {
      table.row(
          metric.name(),
          number(metric.first()),
          number(metric.second()),
          String.valueOf(metric.points()),
          String.valueOf(metric.unmatched()),
          metric.largest() == 0 ? "0" : Text.format("%.3g", metric.largest()));
    }
    terminal.print(table);
  }
}
