package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.base.Names;

/** The fields that conditions and sort keys name. */
final class RunFields {
  /** Kinds of values. */
  enum Type {
    /** Compared as text. */
    TEXT,
    /** A number where the value is one, else a text. */
    VALUE,
    /** A number between 0 and 1 that is written in percent. */
    PERCENT,
    /** Milliseconds since 1970. */
    TIME,
    /** Seconds. */
    DURATION,
    /** Bytes. */
    SIZE,
    /** A run has any number of them. */
    TAG
  }

  /**
   * A field.
   *
   * @param sql expression of a run's row; empty for one of table {@code field}
   * @param id of the name in that table; 0 for none
   */
  record Field(String name, Type type, String sql, long id) {}

  private static final Map<String, Field> COLUMNS = new LinkedHashMap<>();

  /** Other names of columns. */
  private static final Map<String, String> ALIASES =
      Map.of("time", "seconds", "size", "bytes", "tags", "tag", "replay", "replayof");

  private static final int SHOWN = 30;

  /** Short names that mean a metric, also where a spec has the same name. */
  private static final List<String> METRICS = List.of("mIoU", "loss");

  static {
    column("id", Type.VALUE, "run.id");
    column("name", Type.TEXT, "run.name");
    column("kind", Type.TEXT, "lower(run.kind)");
    column("state", Type.TEXT, "lower(" + RunRows.STATE + ")");
    column("network", Type.TEXT, "run.network");
    column("tag", Type.TAG, "");
    column("note", Type.TEXT, "run.note");
    column("device", Type.TEXT, "run.device");
    column("seed", Type.VALUE, "run.seed");
    column("priority", Type.VALUE, "run.priority");
    column("sweep", Type.VALUE, "run.sweep");
    column("replayOf", Type.VALUE, "run.replay_of");
    column("done", Type.VALUE, "run.done");
    column("total", Type.VALUE, "run.total");
    column("imagesPerSecond", Type.VALUE, "run.images_per_second");
    column("secondsLeft", Type.DURATION, "run.seconds_left");
    column("submitted", Type.TIME, "run.submitted");
    column("started", Type.TIME, "run.started");
    column("ended", Type.TIME, "run.ended");
    column("age", Type.DURATION, "(:now - coalesce(run.ended, run.submitted)) / 1000.0");
    column("seconds", Type.DURATION, "run.seconds");
    column("bytes", Type.SIZE, "run.bytes");
    column(
        "files",
        Type.TEXT,
        "case when run.files <> '' then lower(run.files) when run.folder is null then 'none' else"
            + " 'present' end");
    column("folder", Type.TEXT, "coalesce(run.folder, '')");
    column("error", Type.TEXT, "run.error");
    column("failure", Type.TEXT, "replace(lower(run.failure), '_', '-')");
    column("warnings", Type.TEXT, "run.warnings");
  }

  private final Map<String, Long> stored;

  /**
   * @param stored names of table {@code field} and their ids
   */
  RunFields(Map<String, Long> stored) {
    this.stored = stored;
  }

  private static void column(String name, Type type, String sql) {
    COLUMNS.put(plain(name), new Field(name, type, sql, 0));
  }

  private static String plain(String name) {
    return name.replaceAll("[_-]", "").toLowerCase(Locale.ROOT);
  }

  /** All names, those of columns first. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    COLUMNS.values().forEach(field -> names.add(field.name()));
    names.addAll(METRICS);
    names.addAll(stored.keySet());
    return names;
  }

  /**
   * @param name with or without {@code spec.} or {@code metric.}
   * @throws RigException INVALID if there is none; names those that are similar
   */
  Field field(String name) {
    Field column = COLUMNS.get(ALIASES.getOrDefault(plain(name), plain(name)));
    if (column != null) {
      return column;
    }
    if (METRICS.contains(name)) {
      return metric(name);
    }
    for (String prefix : List.of("", FieldIndex.SPEC, FieldIndex.METRIC, FieldIndex.NETWORK)) {
      for (String spelled : List.of(name, name.replace('-', '_'))) {
        String whole = prefix + spelled;
        if (stored.containsKey(whole)) {
          return whole.startsWith(FieldIndex.METRIC)
              ? metric(whole.substring(FieldIndex.METRIC.length()))
              : new Field(whole, Type.VALUE, "", stored.get(whole));
        }
      }
    }
    List<String> names = shortNames();
    throw new RigException(
        "no run has a field '%s'; there are %s%s"
            .formatted(
                Names.shown(name),
                Names.nearestFirst(name, names).limit(SHOWN).collect(Collectors.joining(", ")),
                names.size() > SHOWN ? " and %d others".formatted(names.size() - SHOWN) : ""));
  }

  /** Scores are shown in percent everywhere; what the optimizer reports is not. */
  private Field metric(String name) {
    boolean plain = name.equals("loss") || name.equals("lr");
    return new Field(
        name,
        plain ? Type.VALUE : Type.PERCENT,
        "",
        stored.getOrDefault(FieldIndex.METRIC + name, 0L));
  }

  private List<String> shortNames() {
    return names().stream()
        .map(
            name ->
                name.startsWith(FieldIndex.SPEC) || name.startsWith(FieldIndex.METRIC)
                    ? name.substring(name.indexOf('.') + 1)
                    : name)
        .distinct()
        .toList();
  }
}
