package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.Json;

/** Runs, metrics and events in the database. */
final class Store implements AutoCloseable {
  private static final String RUNS =
      "select run.*, (select group_concat(after) from dependency where dependency.run = run.id)"
          + " as waits from run";
  private static final String QUEUE = " order by ahead desc, priority desc, position, id";

  private final Database database;
  private final Clock clock;

  /**
   * @param database where
   * @param clock for times that people read
   */
  Store(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  Database database() {
    return database;
  }

  /**
   * A run as it is submitted.
   *
   * @param own whether the run makes its network
   * @param weights file in the home that such a network starts from; empty for none
   * @param options as asked for
   */
  record Draft(
      String name,
      Run.Kind kind,
      String network,
      boolean own,
      String weights,
      Map<String, Object> networkSpec,
      Map<String, Object> options,
      long seed,
      int priority,
      List<Long> after,
      String device,
      long replayOf) {}

  /**
   * What only whoever runs it needs to know.
   *
   * @param run as it stands
   * @param own whether it makes its network
   * @param weights file in the home that such a network starts from; empty for none
   * @param options as asked for
   * @param crashes processes that died in a row while it ran, without a step between them
   */
  record Job(Run run, boolean own, String weights, Map<String, Object> options, int crashes) {}

  /** Adds runs to the end of the queue; several are a sweep. */
  List<Long> add(List<Draft> drafts) {
    return database.write(
        c -> {
          List<Long> ids = new ArrayList<>();
          for (Draft draft : drafts) {
            for (long after : draft.after()) {
              require(c, after);
            }
            requireFree(c, draft);
            long id = insert(c, draft, ids.isEmpty() || drafts.size() == 1 ? 0 : ids.get(0));
            if (drafts.size() > 1 && ids.isEmpty()) {
              update(c, "update run set sweep = ? where id = ?", id, id);
            }
            for (long after : draft.after()) {
              update(c, "insert or ignore into dependency (run, after) values (?, ?)", id, after);
            }
            event(c, id, Event.Type.SUBMITTED, draft.kind() + " " + draft.network());
            ids.add(id);
          }
          return ids;
        });
  }

  /** Two that make a network of one name would overwrite each other's. */
  private static void requireFree(Connection c, Draft draft) throws SQLException {
    if (!draft.own()) {
      return;
    }
    OptionalLong other =
        number(
            c,
            "select id from run where own and network = ? and state in ('QUEUED', 'RUNNING',"
                + " 'PAUSED') limit 1",
            draft.network());
    if (other.isPresent()) {
      throw new RigException(
          "run %d makes a network '%s' already; choose another name"
              .formatted(other.getAsLong(), draft.network()));
    }
  }

  private long insert(Connection c, Draft draft, long sweep) throws SQLException {
    update(
        c,
        "insert into run (name, kind, state, network, own, weights, network_spec, options, seed,"
            + " priority, position, device, sweep, replay_of, submitted) values (?, ?, 'QUEUED',"
            + " ?, ?, ?, ?, ?, ?, ?, (select coalesce(max(position), 0) + 1 from run), ?, ?, ?, ?)",
        draft.name(),
        draft.kind().name(),
        draft.network(),
        draft.own(),
        draft.weights(),
        Json.line(draft.networkSpec()),
        Json.line(draft.options()),
        draft.seed(),
        draft.priority(),
        draft.device(),
        sweep,
        draft.replayOf(),
        clock.millis());
    return number(c, "select last_insert_rowid()").orElseThrow();
  }

  /** Adds a run that was made elsewhere; or nothing if its folder is known. */
  Optional<Long> adopt(RunFolder.Found found) {
    return database.write(
        c -> {
          if (number(c, "select id from run where folder = ?", found.folder()).isPresent()) {
            return Optional.empty();
          }
          Draft draft =
              new Draft(
                  found.network(),
                  Run.Kind.TRAIN,
                  found.network(),
                  false,
                  "",
                  found.networkSpec(),
                  found.spec(),
                  found.seed(),
                  0,
                  List.of(),
                  found.device(),
                  0);
          long id = insert(c, draft, 0);
          update(
              c,
              "update run set folder = ?, submitted = ?, started = ?, state = 'PAUSED', adopted = 1"
                  + " where id = ?",
              found.folder(),
              found.started(),
              found.started(),
              id);
          event(c, id, Event.Type.SUBMITTED, "found in " + found.folder());
          return Optional.of(id);
        });
  }

  /** Takes over what a run's folder says. */
  void describe(long id, RunFolder.Found found) {
    database.write(
        c -> {
          update(
              c,
              "update run set spec = ?, network_spec = ?, data = ?, parts = ?, seed = ?, total ="
                  + " max(total, ?) where id = ?",
              Json.line(found.spec()),
              Json.line(found.networkSpec()),
              Json.line(found.data()),
              Json.line(found.parts()),
              found.seed(),
              found.total(),
              id);
          return null;
        });
  }

  /** Takes over what an evaluation was asked to do, and on what. */
  void describe(
      long id, Map<String, Object> spec, Map<String, Object> network, Map<String, String> parts) {
    database.write(
        c -> {
          update(
              c,
              "update run set spec = ?, network_spec = ?, parts = ? where id = ?",
              Json.line(spec),
              Json.line(network),
              Json.line(parts),
              id);
          return null;
        });
  }

  void data(long id, Map<String, Object> data) {
    database.write(c -> update(c, "update run set data = ? where id = ?", Json.line(data), id));
  }

  Set<String> folders() {
    return database.read(
        c -> {
          try (PreparedStatement s = prepare(c, "select folder from run where folder is not null");
              ResultSet rows = s.executeQuery()) {
            Set<String> folders = new java.util.HashSet<>();
            while (rows.next()) {
              folders.add(rows.getString(1));
            }
            return folders;
          }
        });
  }

  /** A run that was made elsewhere, by its folder. */
  OptionalLong adopted(String folder) {
    return database.read(c -> number(c, "select id from run where folder = ? and adopted", folder));
  }

  /** Adopted runs that go on elsewhere, or could. */
  List<Run> unfinishedElsewhere() {
    return database.read(c -> runs(c, RUNS + " where state = 'PAUSED' and adopted order by id"));
  }

  Lab.Page list(Lab.Query query) {
    StringBuilder where = new StringBuilder(" where 1");
    List<Object> values = new ArrayList<>();
    if (!query.states().isEmpty()) {
      where.append(" and state in (").append(names(query.states())).append(')');
    }
    if (!query.kinds().isEmpty()) {
      where.append(" and kind in (").append(names(query.kinds())).append(')');
    }
    if (query.sweep() > 0) {
      where.append(" and sweep = ?");
      values.add(query.sweep());
    }
    if (!query.text().isBlank()) {
      where.append(
          " and instr(lower(id || ' ' || name || ' ' || network || ' ' || error || ' ' ||"
              + " case spec when '{}' then options else spec end || ' ' || network_spec), ?) > 0");
      values.add(query.text().toLowerCase(Locale.ROOT));
    }
    String order = query.states().equals(Set.of(State.QUEUED)) ? QUEUE : " order by id desc";
    return database.read(
        c -> {
          long total = number(c, "select count(*) from run" + where, values.toArray()).orElse(0);
          List<Object> paged = new ArrayList<>(values);
          paged.add(Math.max(0, query.limit()));
          paged.add(Math.max(0, query.offset()));
          return new Lab.Page(
              runs(c, RUNS + where + order + " limit ? offset ?", paged.toArray()), total);
        });
  }

  private static String names(Collection<? extends Enum<?>> constants) {
    return constants.stream().map(s -> "'" + s.name() + "'").collect(Collectors.joining(", "));
  }

  Run run(long id) {
    return database.read(c -> require(c, id));
  }

  private static Run require(Connection c, long id) throws SQLException {
    List<Run> found = runs(c, RUNS + " where id = ?", id);
    if (found.isEmpty()) {
      OptionalLong last = number(c, "select max(id) from run");
      throw new RigException(
          "there is no run %d; %s"
              .formatted(
                  id,
                  last.orElse(0) == 0
                      ? "there are none yet"
                      : "the last one is " + last.getAsLong()));
    }
    return found.get(0);
  }

  Map<State, Long> counts() {
    return database.read(
        c -> {
          Map<State, Long> counts = new EnumMap<>(State.class);
          try (PreparedStatement s = prepare(c, "select state, count(*) from run group by state");
              ResultSet rows = s.executeQuery()) {
            while (rows.next()) {
              counts.put(State.valueOf(rows.getString(1)), rows.getLong(2));
            }
          }
          return counts;
        });
  }

  /** Changes a run in certain states; throws with the right alternative if it is in another. */
  Run change(long id, Set<State> allowed, String verb, Event.Type type, String text, String set) {
    return database.write(
        c -> {
          Run run = require(c, id);
          if (!allowed.contains(run.state())) {
            throw new RigException(
                "run %d is %s; only one that is %s can be %s"
                    .formatted(
                        id,
                        word(run.state()),
                        allowed.stream()
                            .sorted()
                            .map(Store::word)
                            .collect(Collectors.joining(" or ")),
                        verb));
          }
          update(c, "update run set " + set + " where id = ?", id);
          event(c, id, type, text);
          return require(c, id);
        });
  }

  static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  /** Puts a queued run in front of another one, or at the end. */
  void move(long id, long before) {
    database.write(
        c -> {
          List<Run> queue = new ArrayList<>(runs(c, RUNS + " where state = 'QUEUED'" + QUEUE));
          Run run = queued(c, queue, id);
          queue.remove(run);
          int at = before == 0 ? queue.size() : queue.indexOf(queued(c, queue, before));
          Run next = queue.isEmpty() ? run : queue.get(Math.min(at, queue.size() - 1));
          queue.add(at, run);
          update(
              c,
              "update run set priority = ?, ahead = (select ahead from run where id = ?) where id = ?",
              next.priority(),
              next.id(),
              id);
          for (int i = 0; i < queue.size(); i++) {
            update(c, "update run set position = ? where id = ?", i + 1L, queue.get(i).id());
          }
          event(
              c,
              id,
              Event.Type.CHANGED,
              before == 0 ? "moved to the end" : "moved before " + before);
          return null;
        });
  }

  private static Run queued(Connection c, List<Run> queue, long id) throws SQLException {
    Optional<Run> found = queue.stream().filter(run -> run.id() == id).findFirst();
    if (found.isEmpty()) {
      throw new RigException(
          "run %d is %s; only one that is queued has a place in the queue"
              .formatted(id, word(require(c, id).state())));
    }
    return found.get();
  }

  /**
   * Takes the next run for a device: one whose dependencies are done and whose network is free.
   *
   * @param device of the worker
   * @param any whether the device takes runs that ask for none
   * @param only ids that count; empty for all
   */
  Optional<Job> claim(String device, boolean any, Set<Long> only) {
    String ready =
        "state = 'QUEUED' and (device = ? or ? and device = 'auto')"
            + " and not exists (select 1 from dependency d join run r on r.id = d.after where d.run"
            + " = run.id and r.state <> 'DONE')"
            + " and network not in (select network from run where state = 'RUNNING')"
            + (only.isEmpty()
                ? ""
                : " and id in ("
                    + only.stream().map(String::valueOf).collect(Collectors.joining(","))
                    + ")");
    if (database
        .read(c -> number(c, "select 1 from run where " + ready + " limit 1", device, any))
        .isEmpty()) {
      return Optional.empty();
    }
    return database.write(
        c -> {
          OptionalLong next =
              number(c, "select id from run where " + ready + QUEUE + " limit 1", device, any);
          if (next.isEmpty()) {
            return Optional.empty();
          }
          long id = next.getAsLong();
          update(
              c,
              "update run set state = 'RUNNING', wanted = '', ahead = 0, device = ?, error = '',"
                  + " ended = null, started = coalesce(started, ?) where id = ?",
              device,
              clock.millis(),
              id);
          event(c, id, Event.Type.STATE, "running on " + device);
          return Optional.of(job(c, id));
        });
  }

  private static Job job(Connection c, long id) throws SQLException {
    try (PreparedStatement s = prepare(c, RUNS + " where id = ?", id);
        ResultSet row = s.executeQuery()) {
      row.next();
      return new Job(
          run(row, new Parsed()),
          row.getBoolean("own"),
          row.getString("weights"),
          JsonColumns.object(row.getString("options")),
          row.getInt("crashes"));
    }
  }

  Job job(long id) {
    return database.read(
        c -> {
          require(c, id);
          return job(c, id);
        });
  }

  /**
   * Fails queued runs that wait for one that failed or was cancelled; returns whether there was
   * one.
   */
  boolean failOrphans() {
    String orphans =
        "select d.run as run, min(d.after) as after from dependency d join run r on r.id = d.after"
            + " join run q on q.id = d.run where q.state = 'QUEUED' and r.state in ('FAILED',"
            + " 'CANCELLED') group by d.run";
    if (database.read(c -> number(c, orphans)).isEmpty()) {
      return false;
    }
    database.write(
        c -> {
          Map<Long, Long> found = new TreeMap<>();
          try (PreparedStatement s = prepare(c, orphans);
              ResultSet rows = s.executeQuery()) {
            while (rows.next()) {
              found.put(rows.getLong(1), rows.getLong(2));
            }
          }
          for (Map.Entry<Long, Long> orphan : found.entrySet()) {
            Run other = require(c, orphan.getValue());
            end(
                c,
                orphan.getKey(),
                State.FAILED,
                "run %d, which it waited for, is %s".formatted(other.id(), word(other.state())));
          }
          return null;
        });
    return true;
  }

  /** What running runs of this process are asked to become. */
  Map<Long, State> wanted() {
    return database.read(
        c -> {
          Map<Long, State> wanted = new HashMap<>();
          try (PreparedStatement s =
                  prepare(
                      c, "select id, wanted from run where state = 'RUNNING' and wanted <> ''");
              ResultSet rows = s.executeQuery()) {
            while (rows.next()) {
              wanted.put(rows.getLong(1), State.valueOf(rows.getString(2)));
            }
          }
          return wanted;
        });
  }

  void folder(long id, String folder) {
    database.write(c -> update(c, "update run set folder = ? where id = ?", folder, id));
  }

  /** Ends or interrupts a run. */
  void end(long id, State state, String error) {
    database.write(
        c -> {
          end(c, id, state, error);
          return null;
        });
  }

  private void end(Connection c, long id, State state, String error) throws SQLException {
    update(
        c,
        "update run set state = ?, error = ?, wanted = '', warnings = '[]', images_per_second = 0,"
            + " seconds_left = 0, ended = ? where id = ?",
        state.name(),
        error,
        state.ended() ? clock.millis() : null,
        id);
    event(c, id, Event.Type.STATE, word(state) + (error.isEmpty() ? "" : ": " + error));
  }

  /** Puts a run back at the head of the queue. */
  void putBack(long id, String why) {
    database.write(
        c -> {
          end(c, id, State.QUEUED, why);
          return update(c, "update run set ahead = 1 where id = ?", id);
        });
  }

  /**
   * Puts back what ran when its process died.
   *
   * @param crashLimit deaths in a row without a step between them, after which it fails
   * @return ids of runs that fail for that
   */
  List<Long> recover(int crashLimit) {
    return database.write(
        c -> {
          List<Long> failed = new ArrayList<>();
          for (Run run : runs(c, RUNS + " where state = 'RUNNING' order by id")) {
            long id = run.id();
            update(
                c,
                "update run set crashes = case when done > crash_step then 1 else crashes + 1 end,"
                    + " crash_step = done where id = ?",
                id);
            State wanted =
                State.valueOf(
                    text(
                        c,
                        "select case wanted when '' then 'QUEUED' else wanted end from run where"
                            + " id = ?",
                        id));
            int crashes = job(c, id).crashes();
            if (wanted != State.QUEUED) {
              end(c, id, wanted, "");
            } else if (crashes >= crashLimit) {
              end(
                  c,
                  id,
                  State.FAILED,
                  "%d processes in a row died while it ran, the last after step %d"
                      .formatted(crashes, run.progress().done()));
              failed.add(id);
            } else {
              end(c, id, State.QUEUED, "");
              update(c, "update run set ahead = 1 where id = ?", id);
            }
          }
          return failed;
        });
  }

  /** Saves points of runs, how far they are and their last values. */
  void add(long id, Run.Progress progress, double seconds, List<Point> points) {
    database.write(
        c -> {
          insert(c, id, points);
          Map<String, Double> metrics =
              JsonColumns.numbers(text(c, "select metrics from run where id = ?", id));
          points.forEach(point -> metrics.put(point.metric(), point.value()));
          return update(
              c,
              "update run set done = ?, total = ?, images_per_second = ?, seconds_left = ?, seconds"
                  + " = ?, metrics = ? where id = ?",
              progress.done(),
              progress.total(),
              progress.imagesPerSecond(),
              progress.secondsLeft(),
              seconds,
              Json.line(metrics),
              id);
        });
  }

  private static void insert(Connection c, long id, List<Point> points) throws SQLException {
    Map<String, Long> ids = new HashMap<>(); // not kept: the transaction may be taken back
    try (PreparedStatement s =
        c.prepareStatement(
            "insert or replace into point (run, metric, step, value) values (?, ?, ?, ?)")) {
      for (Point point : points) {
        s.setLong(1, id);
        if (!ids.containsKey(point.metric())) {
          ids.put(point.metric(), metric(c, point.metric()));
        }
        s.setLong(2, ids.get(point.metric()));
        s.setLong(3, point.step());
        s.setDouble(4, point.value());
        s.addBatch();
      }
      s.executeBatch();
    }
  }

  private static long metric(Connection c, String name) throws SQLException {
    update(c, "insert or ignore into metric (name) values (?)", name);
    return number(c, "select id from metric where name = ?", name).orElseThrow();
  }

  /** The last step of which a run has a point of a metric; 0 for none. */
  long lastStep(long id, String metric) {
    return database.read(
        c ->
            number(
                    c,
                    "select max(step) from point where run = ? and metric = (select id from metric"
                        + " where name = ?)",
                    id,
                    metric)
                .orElse(0));
  }

  List<String> metrics(long id) {
    return database.read(
        c -> {
          require(c, id);
          try (PreparedStatement s =
                  prepare(
                      c,
                      "select name from metric where exists (select 1 from point where run = ? and"
                          + " metric = metric.id) order by name",
                      id);
              ResultSet rows = s.executeQuery()) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
              names.add(rows.getString(1));
            }
            return names;
          }
        });
  }

  Curve curve(long id, String metric, int maxPoints) {
    return database.read(
        c -> {
          require(c, id);
          List<Curve.Bucket> buckets = new ArrayList<>();
          long total = 0;
          // Step by step where that is few enough, else one bucket per range of steps.
          try (PreparedStatement s =
                  prepare(
                      c,
                      "with p as (select step, value from point where run = ? and metric = (select"
                          + " id from metric where name = ?)), r as (select count(*) as n,"
                          + " min(step) as first, max(step) as last from p) select max(step),"
                          + " avg(value), min(value), max(value), max(n) from p, r group by case"
                          + " when n <= ? then step else (step - first) * ? / (last - first + 1)"
                          + " end order by step",
                      id,
                      metric,
                      maxPoints,
                      maxPoints);
              ResultSet rows = s.executeQuery()) {
            while (rows.next()) {
              total = rows.getLong(5);
              buckets.add(
                  new Curve.Bucket(rows.getLong(1), real(rows, 2), real(rows, 3), real(rows, 4)));
            }
          }
          return new Curve(id, metric, total, buckets);
        });
  }

  /** The same metrics of two runs, step by step. */
  List<Comparison.Metric> compare(long first, long second) {
    return database.read(
        c -> {
          List<Comparison.Metric> metrics = new ArrayList<>();
          try (PreparedStatement s =
                  prepare(
                      c,
                      "with a as (select metric, step, value from point where run = ?),"
                          + " b as (select metric, step, value from point where run = ?),"
                          + " j as (select coalesce(a.metric, b.metric) as metric, a.value as x,"
                          + " b.value as y, a.step is not null and b.step is not null as both"
                          + " from a full join b on b.metric = a.metric and b.step = a.step)"
                          + " select m.name, sum(both), sum(not both), max(case when not both then"
                          + " null when (x is null) <> (y is null) then 9e999 when x is null then 0"
                          + " else abs(x - y) end),"
                          + " (select value from a where metric = m.id order by step desc limit 1),"
                          + " (select value from b where metric = m.id order by step desc limit 1)"
                          + " from j join metric m on m.id = j.metric group by m.id order by m.name",
                      first,
                      second);
              ResultSet rows = s.executeQuery()) {
            while (rows.next()) {
              metrics.add(
                  new Comparison.Metric(
                      rows.getString(1),
                      rows.getLong(2),
                      rows.getLong(3),
                      real(rows, 4),
                      real(rows, 5),
                      real(rows, 6)));
            }
          }
          return metrics;
        });
  }

  void event(long run, Event.Type type, String text) {
    database.write(
        c -> {
          event(c, run, type, text);
          return null;
        });
  }

  private void event(Connection c, long run, Event.Type type, String text) throws SQLException {
    update(
        c,
        "insert into event (time, run, type, text) values (?, ?, ?, ?)",
        clock.millis(),
        run,
        type.name(),
        text);
  }

  void warnings(long id, List<String> warnings) {
    database.write(
        c -> {
          for (String warning : warnings) {
            event(c, id, Event.Type.WARNING, warning);
          }
          return update(c, "update run set warnings = ? where id = ?", Json.line(warnings), id);
        });
  }

  List<Event> events(long after, int limit) {
    return database.read(
        c ->
            events(
                c,
                "select * from event where sequence > ? order by sequence limit ?",
                after,
                limit));
  }

  List<Event> eventsOf(long id, int limit) {
    return database.read(
        c -> {
          require(c, id);
          return events(
              c,
              "select * from (select * from event where run = ? order by sequence desc limit ?)"
                  + " order by sequence",
              id,
              limit);
        });
  }

  long lastEvent() {
    return database.read(c -> number(c, "select max(sequence) from event").orElse(0));
  }

  private static List<Event> events(Connection c, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement s = prepare(c, sql, values);
        ResultSet rows = s.executeQuery()) {
      List<Event> events = new ArrayList<>();
      while (rows.next()) {
        events.add(
            new Event(
                rows.getLong("sequence"),
                Instant.ofEpochMilli(rows.getLong("time")),
                rows.getLong("run"),
                Event.Type.valueOf(rows.getString("type")),
                rows.getString("text")));
      }
      return events;
    }
  }

  private static List<Run> runs(Connection c, String sql, Object... values) throws SQLException {
    try (PreparedStatement s = prepare(c, sql, values);
        ResultSet rows = s.executeQuery()) {
      List<Run> runs = new ArrayList<>();
      Parsed parsed = new Parsed();
      while (rows.next()) {
        runs.add(run(rows, parsed));
      }
      return runs;
    }
  }

  /** Runs of a sweep have many columns in common: each text is parsed once. */
  private static final class Parsed {
    private final Map<String, Map<String, Object>> objects = new HashMap<>();

    Map<String, Object> object(String text) {
      return objects.computeIfAbsent(text, t -> Collections.unmodifiableMap(JsonColumns.object(t)));
    }
  }

  private static Run run(ResultSet row, Parsed parsed) throws SQLException {
    Map<String, Object> spec = parsed.object(row.getString("spec"));
    String waits = row.getString("waits");
    String folder = row.getString("folder");
    return new Run(
        row.getLong("id"),
        row.getString("name"),
        Run.Kind.valueOf(row.getString("kind")),
        State.valueOf(row.getString("state")),
        row.getString("network"),
        parsed.object(row.getString("network_spec")),
        spec.isEmpty() ? parsed.object(row.getString("options")) : spec,
        row.getLong("seed"),
        row.getInt("priority"),
        waits == null ? List.of() : Arrays.stream(waits.split(",")).map(Long::valueOf).toList(),
        row.getString("device"),
        row.getLong("sweep"),
        row.getLong("replay_of"),
        parsed.object(row.getString("data")),
        JsonColumns.texts(row.getString("parts")),
        new Run.Progress(
            row.getLong("done"),
            row.getLong("total"),
            row.getDouble("images_per_second"),
            row.getDouble("seconds_left")),
        JsonColumns.numbers(row.getString("metrics")),
        row.getString("error"),
        JsonColumns.lines(row.getString("warnings")),
        new Run.Times(
            Instant.ofEpochMilli(row.getLong("submitted")),
            instant(row, "started"),
            instant(row, "ended"),
            row.getDouble("seconds")),
        folder == null ? "" : folder);
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  private static double real(ResultSet row, int column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? Double.NaN : value;
  }

  private static PreparedStatement prepare(Connection c, String sql, Object... values)
      throws SQLException {
    PreparedStatement statement = c.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  private static Void update(Connection c, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(c, sql, values)) {
      statement.executeUpdate();
    }
    return null;
  }

  private static OptionalLong number(Connection c, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = prepare(c, sql, values);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        return OptionalLong.empty();
      }
      long number = row.getLong(1);
      return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }
  }

  private static String text(Connection c, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(c, sql, values);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
