package org.riglab.shell.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;

/** Values of runs by the names of {@code runs --where}, formatted for lists. */
final class RunColumns {
  private static final List<String> OBJECTS = List.of("spec.", "metric.", "network.", "data.");

  private RunColumns() {}

  /**
   * @param runs in order
   * @param columns names of fields
   * @return one line per run
   */
  static Table table(List<Run> runs, List<String> columns) {
    Table table = new Table(columns);
    for (Run run : runs) {
      List<String> row = new ArrayList<>();
      columns.forEach(column -> row.add(text(run, column)));
      table.row(row);
    }
    return table;
  }

  private static String text(Run run, String column) {
    return switch (column.replaceAll("[_-]", "").toLowerCase(Locale.ROOT)) {
      case "id" -> String.valueOf(run.id());
      case "name" -> run.name();
      case "kind" -> Names.writtenChoice(run.kind());
      case "state" -> Names.writtenChoice(run.state());
      case "network" -> run.network();
      case "tag", "tags" -> String.join(" ", run.tags());
      case "note" -> run.note().replace('\n', ' ');
      case "device" -> run.device();
      case "seed" -> String.valueOf(run.seed());
      case "priority" -> String.valueOf(run.priority());
      case "sweep" -> String.valueOf(run.sweep());
      case "replayof", "replay" -> String.valueOf(run.replayOf());
      case "done" -> String.valueOf(run.progress().done());
      case "total" -> String.valueOf(run.progress().total());
      case "progress" -> RunTables.progress(run);
      case "imagespersecond" ->
          run.progress().imagesPerSecond() > 0
              ? Text.format("%.1f", run.progress().imagesPerSecond())
              : "-";
      case "secondsleft" -> Text.duration(run.progress().secondsLeft());
      case "submitted" -> RunTables.time(run.times().submitted());
      case "started" -> run.times().started().map(RunTables::time).orElse("-");
      case "ended" -> run.times().ended().map(RunTables::time).orElse("-");
      case "age" -> age(run);
      case "seconds", "time" -> RunTables.took(run);
      case "bytes", "size" -> RunTables.size(run.storage().bytes());
      case "files" -> Names.writtenChoice(run.storage().files());
      case "folder" -> run.folder();
      case "error" -> run.error();
      case "warnings" -> String.join("; ", run.warnings());
      default -> described(run, column);
    };
  }

  private static String age(Run run) {
    Instant since = run.times().ended().orElse(run.times().submitted());
    return Text.duration(Duration.between(since, Instant.now()).toSeconds());
  }

  private static String described(Run run, String column) {
    boolean score = column.equals("loss") || column.startsWith("mIoU");
    Optional<String> found = score ? metric(run, column) : Optional.empty();
    for (String prefix : OBJECTS) {
      if (found.isEmpty() && column.startsWith(prefix)) {
        found = value(run, prefix, column.substring(prefix.length()));
      }
    }
    for (String prefix : OBJECTS) {
      found = found.isPresent() ? found : value(run, prefix, column);
    }
    return found.orElse("-");
  }

  private static Optional<String> value(Run run, String prefix, String name) {
    return switch (prefix) {
      case "spec." -> inside(run.spec(), name);
      case "metric." -> metric(run, name);
      case "network." -> inside(run.networkSpec(), name);
      default -> inside(run.data(), name);
    };
  }

  /** Scores in percent; what the optimizer reports as it is. */
  private static Optional<String> metric(Run run, String name) {
    Double value = run.metrics().get(name);
    for (int t = 1; run.metrics().containsKey(name + ".t" + t); t++) {
      value = run.metrics().get(name + ".t" + t);
    }
    boolean plain = name.equals("loss") || name.equals("lr");
    return Optional.ofNullable(value).map(v -> plain ? RunTables.number(v) : Text.percent(v));
  }

  /** A part is its name, and has its options below. */
  private static Optional<String> inside(Map<?, ?> object, String name) {
    Object value = object.get(name);
    if (value == null) {
      value = object.get(name.replace('-', '_'));
    }
    int dot = name.indexOf('.');
    if (value == null && dot > 0 && object.get(name.substring(0, dot)) instanceof Map<?, ?> part) {
      return inside(part, name.substring(dot + 1));
    }
    if (value instanceof Map<?, ?> part) {
      value = part.get("name");
    }
    return Optional.ofNullable(value)
        .map(
            v ->
                v instanceof List<?> list
                    ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                    : String.valueOf(v));
  }
}
