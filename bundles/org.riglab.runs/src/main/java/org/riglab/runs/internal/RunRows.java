package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.riglab.api.RigException;
import org.riglab.api.lab.Run;
import org.riglab.base.RequestText;
import org.riglab.base.Visible;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads runs from their table. */
final class RunRows {
  /** Queued runs in the order in which they start. */
  static final String QUEUE_ORDER = " order by ahead desc, priority desc, position, id";

  /** Column {@code adopted} of a run that a process outside of the queue trains at this moment. */
  static final int GOING_ELSEWHERE = 2;

  /** The state of a run as it is shown; such a run is paused in column {@code state}. */
  static final String STATE =
      "case when run.adopted = "
          + GOING_ELSEWHERE
          + " and run.state = 'PAUSED' then 'RUNNING' else run.state end";

  private static final String SELECT =
      "select run.*, "
          + STATE
          + " as shown, (select group_concat(after) from dependency where dependency.run = run.id)"
          + " as waits, (select group_concat(name, ' ') from tag where tag.run = run.id) as tags"
          + " from run";

  private static final Logger LOG = LoggerFactory.getLogger(RunRows.class);

  /** Rows that the log has named. */
  private static final Set<Long> TOLD = ConcurrentHashMap.newKeySet();

  /** Characters of a column that are read for a list. */
  private static final int MOST_JSON = 256 << 10;

  /** Runs of a sweep have many columns in common: each text is parsed once. */
  private final Map<String, Map<String, Object>> objects = new HashMap<>();

  private RunRows() {}

  /**
   * @param rest of the statement, after the table's name
   * @param values of its parameters
   */
  static List<Run> list(Connection c, String rest, Object... values) throws SQLException {
    RunRows rows = new RunRows();
    return Sql.list(c, rows::readable, SELECT + rest, values).stream()
        .flatMap(Optional::stream)
        .toList();
  }

  /** Empty for a row that was damaged; one must not hide the others. */
  private Optional<Run> readable(ResultSet row) throws SQLException {
    try {
      return Optional.of(run(row));
    } catch (RuntimeException e) {
      if (TOLD.add(row.getLong("id"))) {
        LOG.warn("run {} in the store cannot be read", row.getLong("id"), e);
      }
      return Optional.empty();
    }
  }

  /**
   * @throws RigException NOT_FOUND if there is no such run
   */
  static Run require(Connection c, long id) throws SQLException {
    List<Run> found = list(c, " where id = ?", id);
    if (found.isEmpty()) {
      OptionalLong last = Sql.number(c, "select max(id) from run");
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "there is no run %d; %s"
              .formatted(
                  id,
                  last.orElse(0) == 0
                      ? "there are no runs yet"
                      : "the last one is " + last.getAsLong()));
    }
    return found.get(0);
  }

  /**
   * @throws RigException NOT_FOUND if there is no such run
   */
  static Job job(Connection c, long id) throws SQLException {
    Run run = require(c, id);
    return Sql.list(
            c,
            row ->
                new Job(
                    run,
                    row.getBoolean("own"),
                    row.getString("weights"),
                    JsonColumns.object(row.getString("options")),
                    row.getInt("crashes")),
            "select own, weights, options, crashes from run where id = ?",
            id)
        .get(0);
  }

  private Map<String, Object> object(String text) {
    if (text.length() > MOST_JSON) {
      return Map.of(); // of a version that stored everything
    }
    return objects.computeIfAbsent(text, t -> Collections.unmodifiableMap(JsonColumns.object(t)));
  }

  private Run run(ResultSet row) throws SQLException {
    Map<String, Object> spec = object(row.getString("spec"));
    String waits = row.getString("waits");
    String folder = row.getString("folder");
    return new Run(
        row.getLong("id"),
        RequestText.cut(Visible.line(row.getString("name")), RequestText.NAME),
        Run.Kind.valueOf(row.getString("kind")),
        Run.State.valueOf(row.getString("shown")),
        row.getString("network"),
        object(row.getString("network_spec")),
        spec.isEmpty() ? object(row.getString("options")) : spec,
        row.getLong("seed"),
        row.getInt("priority"),
        waits == null ? List.of() : Arrays.stream(waits.split(",")).map(Long::valueOf).toList(),
        row.getString("device"),
        row.getLong("sweep"),
        row.getLong("replay_of"),
        object(row.getString("data")),
        JsonColumns.texts(row.getString("parts")),
        new Run.Progress(
            row.getLong("done"),
            row.getLong("total"),
            row.getDouble("images_per_second"),
            row.getDouble("seconds_left")),
        JsonColumns.numbers(row.getString("metrics")),
        RequestText.line(row.getString("error")),
        JsonColumns.lines(row.getString("warnings")),
        new Run.Times(
            Instant.ofEpochMilli(row.getLong("submitted")),
            instant(row, "started"),
            instant(row, "ended"),
            row.getDouble("seconds")),
        folder == null ? "" : folder,
        tags(row.getString("tags")),
        row.getString("note"),
        new Run.Storage(files(row.getString("files"), folder), row.getLong("bytes")),
        Optional.of(row.getString("failure"))
            .filter(kind -> !kind.isEmpty())
            .map(RigException.Kind::valueOf));
  }

  private static List<String> tags(String names) {
    return names == null ? List.of() : Arrays.stream(names.split(" ")).sorted().toList();
  }

  private static Run.Files files(String column, String folder) {
    if (!column.isEmpty()) {
      return Run.Files.valueOf(column);
    }
    return folder == null ? Run.Files.NONE : Run.Files.PRESENT;
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }
}
