package org.riglab.runs.internal;

import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.Json;
import org.riglab.base.RequestText;

/**
 * Runs, metrics and events in the database. Several processes of one machine may have it open. SQL
 * is in this class and in the four that it hands out, nowhere else.
 */
final class Store implements AutoCloseable {
  private final Database database;
  private final Queue queue;
  private final Claims claims;
  private final Points points;
  private final Events events;
  private final Labels labels;
  private final Orders orders;
  private final RunSearch search;
  private final FileSizes sizes;

  /**
   * @param database where
   * @param clock for times that people read
   */
  Store(Database database, Clock clock) {
    this.database = database;
    this.events = new Events(database, clock);
    this.queue = new Queue(database, events, clock);
    this.claims = new Claims(database, events, clock);
    this.points = new Points(database);
    this.labels = new Labels(database, events);
    this.orders = new Orders(database.file().resolveSibling(Orders.FILE), database, events, clock);
    this.sizes = new FileSizes(database, events);
    this.search = new RunSearch(database, clock);
  }

  /** For tests of a disk that is full. */
  Database database() {
    return database;
  }

  /** What people ask of runs. */
  Queue queue() {
    return queue;
  }

  /** What workers do. */
  Claims claims() {
    return claims;
  }

  /** Their metrics. */
  Points points() {
    return points;
  }

  /** What happened. */
  Events events() {
    return events;
  }

  /** Tags and notes. */
  Labels labels() {
    return labels;
  }

  /** Where files are. */
  FileSizes sizes() {
    return sizes;
  }

  /** A copy of the runs that are not finished. */
  Orders orders() {
    return orders;
  }

  /**
   * Checks the structure of the database.
   *
   * @return what is wrong, in one line; empty if nothing is
   */
  Optional<String> damage() {
    try {
      String said =
          database.read(
              c ->
                  String.join("; ", Sql.list(c, row -> row.getString(1), "pragma quick_check(3)")));
      return said.equals("ok") ? Optional.empty() : Optional.of(RequestText.line(said));
    } catch (RigException e) {
      return Optional.of(RequestText.line(e.getMessage()));
    }
  }

  /** Deletes and archives. */
  Removals removals(Path home) {
    return new Removals(home, database, events);
  }

  // Read

  /**
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such run
   */
  Run run(long id) {
    return database.read(c -> RunRows.require(c, id));
  }

  /**
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such run
   */
  Job job(long id) {
    return database.read(c -> RunRows.job(c, id));
  }

  Lab.Page list(Lab.Query query) {
    return search.list(query);
  }

  /**
   * Indexes some of the runs that have changed; the next question by a field would wait for it.
   *
   * @return false if there was none
   */
  boolean index() {
    return search.refreshSome();
  }

  /** The names that conditions and sort keys know. */
  List<String> fields() {
    return search.fields();
  }

  /** How many runs there are by state. */
  Map<State, Long> counts() {
    return database.read(
        c -> {
          Map<State, Long> counts = new EnumMap<>(State.class);
          Sql.list(
              c,
              row -> counts.put(State.valueOf(row.getString(1)), row.getLong(2)),
              "select " + RunRows.STATE + ", count(*) from run group by 1");
          return counts;
        });
  }

  /** The folders of all runs that have one. */
  Set<String> folders() {
    return database.read(
        c ->
            new TreeSet<>(
                Sql.list(
                    c,
                    row -> row.getString(1),
                    "select folder from run where folder is not null")));
  }

  /** A run that was made elsewhere, by its folder. */
  OptionalLong adopted(String folder) {
    return database.read(
        c -> Sql.number(c, "select id from run where folder = ? and adopted", folder));
  }

  /**
   * An adopted run.
   *
   * @param going whether a process was training it
   * @param paused whether it can go on
   * @param told who trains it
   */
  record Elsewhere(long id, String folder, boolean going, boolean paused, String told) {}

  /** Adopted runs that go on elsewhere, or could. */
  List<Elsewhere> unfinishedElsewhere() {
    return database.read(
        c ->
            Sql.list(
                c,
                row ->
                    new Elsewhere(
                        row.getLong(1),
                        row.getString(2),
                        row.getInt(3) == RunRows.GOING_ELSEWHERE,
                        row.getString(4).equals(State.PAUSED.name()),
                        row.getString(5)),
                "select id, folder, adopted, state, error from run where state in ('PAUSED',"
                    + " 'FAILED') and adopted order by id"));
  }

  /**
   * Notes whether a process outside of the queue trains an adopted run.
   *
   * @param who for people; a failed run keeps its error
   */
  void goingElsewhere(long id, boolean going, String who) {
    database.write(
        c ->
            Sql.update(
                c,
                "update run set adopted = ?, error = case state when 'PAUSED' then ? else error end"
                    + " where id = ? and adopted",
                going ? RunRows.GOING_ELSEWHERE : 1,
                who,
                id));
  }

  /** Does several changes in one transaction; each one is nevertheless done as a whole or not. */
  void together(Runnable changes) {
    database.write(
        c -> {
          changes.run();
          return null;
        });
  }

  // Described

  void folder(long id, String folder) {
    database.write(c -> Sql.update(c, "update run set folder = ? where id = ?", folder, id));
  }

  /** Takes over what a run's folder says. */
  void describe(long id, RunFolder.Found found) {
    database.write(
        c ->
            Sql.update(
                c,
                "update run set spec = ?, network_spec = ?, data = ?, parts = ?, seed = ?, total ="
                    + " max(total, ?) where id = ?",
                Json.line(found.spec()),
                Json.line(found.networkSpec()),
                Json.line(found.data()),
                Json.line(found.parts()),
                found.seed(),
                found.total(),
                id));
  }

  /** Takes over what an evaluation was asked to do, and on what. */
  void describe(
      long id, Map<String, Object> spec, Map<String, Object> network, Map<String, String> parts) {
    database.write(
        c ->
            Sql.update(
                c,
                "update run set spec = ?, network_spec = ?, parts = ? where id = ?",
                Json.line(spec),
                Json.line(network),
                Json.line(parts),
                id));
  }

  /** Takes over which parts compute, as {@code Run.parts} has them. */
  void parts(long id, Map<String, String> parts) {
    database.write(
        c -> Sql.update(c, "update run set parts = ? where id = ?", Json.line(parts), id));
  }

  void data(long id, Map<String, Object> data) {
    database.write(c -> Sql.update(c, "update run set data = ? where id = ?", Json.line(data), id));
  }

  /** Replaces the warnings of a run. */
  void warnings(long id, List<String> warnings) {
    List<String> lines = warnings.stream().map(RequestText::line).toList();
    database.write(
        c -> {
          for (String warning : lines) {
            events.add(c, id, Event.Type.WARNING, warning);
          }
          return Sql.update(c, "update run set warnings = ? where id = ?", Json.line(lines), id);
        });
  }

  @Override
  public void close() {
    database.close();
  }
}
