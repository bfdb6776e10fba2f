package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.api.RigException.Kind;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.Names;
import org.riglab.base.RequestText;

/**
 * What workers do to the queue. A run belongs to the process that claimed it until {@link #end} or
 * {@link #putBack}, or until {@code recover} is told that this process has died. Each is one
 * transaction with its event.
 *
 * <pre>
 *   claim            QUEUED  -> RUNNING
 *   end              RUNNING -> DONE, FAILED, CANCELLED, PAUSED
 *   putBack, recover RUNNING -> QUEUED, at the head
 *   failOrphans      QUEUED  -> FAILED
 * </pre>
 */
final class Claims {
  /** A run that starts now must not meet another one of its network. */
  private static final String READY =
      "state = 'QUEUED' and (device = ? or ? and device = 'auto')"
          + " and not exists (select 1 from dependency d join run r on r.id = d.after where d.run"
          + " = run.id and r.state <> 'DONE')"
          + " and network not in (select network from run where state = 'RUNNING')";

  /** In the order of the queue, so that the first one is found without sorting all. */
  private static final String QUEUED = " from run indexed by run_queue where ";

  /** Of this machine's workers. */
  private static final String RUNNING_HERE =
      " where state = 'RUNNING' and (device in ('auto', 'cpu') or device glob 'gpu[0-9]*') order by"
          + " id";

  private static final String ORPHANS =
      "select d.run, min(d.after) from dependency d join run r on r.id = d.after join run q on q.id"
          + " = d.run where q.state = 'QUEUED' and r.state in ('FAILED', 'CANCELLED') group by"
          + " d.run";

  /** Images per second of a whole run that does not run now; 0 where that is not known. */
  static final String MEAN_RATE =
      "case when seconds <= 0 or not json_valid(spec) then 0 when kind = 'EVAL' then done / seconds"
          + " else coalesce(done * json_extract(spec, '$.batch') * coalesce(json_extract(spec,"
          + " '$.accumulation'), 1) / seconds, 0) end";

  private final Database database;
  private final Events events;
  private final Clock clock;

  Claims(Database database, Events events, Clock clock) {
    this.database = database;
    this.events = events;
    this.clock = clock;
  }

  /**
   * Takes the next run for a device: one whose dependencies are done and whose network is free.
   *
   * @param device of the worker
   * @param any whether the device takes runs that ask for none
   * @param only ids that count; empty for all
   * @param not ids that do not
   * @return the run, which is this process's from now on
   */
  Optional<Job> claim(String device, boolean any, Set<Long> only, Set<Long> not) {
    String ready =
        READY
            + (only.isEmpty() ? "" : " and id in " + ids(only))
            + (not.isEmpty() ? "" : " and id not in " + ids(not));
    // Most of the time there is nothing: no transaction that writes then.
    if (database
        .read(c -> Sql.number(c, "select 1" + QUEUED + ready + " limit 1", device, any))
        .isEmpty()) {
      return Optional.empty();
    }
    return database.write(
        c -> {
          OptionalLong next =
              Sql.number(
                  c, "select id" + QUEUED + ready + RunRows.QUEUE_ORDER + " limit 1", device, any);
          if (next.isEmpty()) {
            return Optional.empty();
          }
          long id = next.getAsLong();
          start(c, id, device);
          return Optional.of(RunRows.job(c, id));
        });
  }

  /**
   * Takes a run that a job of a cluster has begun with.
   *
   * @param device the cluster
   */
  void claim(long id, String device) {
    database.write(c -> start(c, id, device));
  }

  private Void start(Connection c, long id, String device) throws SQLException {
    Sql.update(
        c,
        "update run set state = 'RUNNING', wanted = '', ahead = 0, device = ?, error = '',"
            + " failure = '', ended = null, started = coalesce(started, ?) where id = ?",
        device,
        clock.millis(),
        id);
    return events.add(c, id, Event.Type.STATE, "running on " + device);
  }

  /**
   * @return runs of a device in some states, in the order of the queue
   */
  List<Run> at(String device, State... states) {
    String in =
        Arrays.stream(states).map(s -> "'" + s.name() + "'").collect(Collectors.joining(", "));
    return database.read(
        c ->
            RunRows.list(
                c,
                " where device = ? and state in (%s)".formatted(in) + RunRows.QUEUE_ORDER,
                device));
  }

  /**
   * @param device a cluster
   * @param not ids of runs that have a job
   * @return queued runs whose dependencies are done and whose networks no other run uses, one for
   *     each network
   */
  List<Long> ready(String device, Set<Long> not) {
    String busy =
        not.isEmpty()
            ? ""
            : " and id not in %s and network not in (select network from run where id in %s)"
                .formatted(ids(not), ids(not));
    return database.read(
        c -> {
          Map<String, Long> first = new LinkedHashMap<>();
          Sql.list(
              c,
              row -> first.putIfAbsent(row.getString(2), row.getLong(1)),
              "select id, network from run where " + READY + busy + RunRows.QUEUE_ORDER,
              device,
              false);
          return List.copyOf(first.values());
        });
  }

  private static String ids(Set<Long> ids) {
    return ids.stream().map(String::valueOf).collect(Collectors.joining(",", "(", ")"));
  }

  /**
   * @return what running runs are asked to become, by id
   */
  Map<Long, State> wanted() {
    return database.read(
        c -> {
          Map<Long, State> wanted = new HashMap<>();
          Sql.list(
              c,
              row -> wanted.put(row.getLong(1), State.valueOf(row.getString(2))),
              "select id, wanted from run where state = 'RUNNING' and wanted <> ''");
          return wanted;
        });
  }

  /** Ends or interrupts a run. */
  void end(long id, State state, String error) {
    database.write(c -> end(c, id, state, error));
  }

  /** Ends a run as failed. */
  void fail(long id, RunFailure failure) {
    database.write(c -> end(c, id, State.FAILED, failure.kind().name(), failure.line()));
  }

  /**
   * Sets when a run ended that another process did.
   *
   * @param millis by the clock of its files
   */
  void endedAt(long id, long millis) {
    database.write(
        c ->
            Sql.update(
                c, "update run set ended = ? where id = ? and ended is not null", millis, id));
  }

  private Void end(Connection c, long id, State state, String text) throws SQLException {
    return end(c, id, state, "", text);
  }

  private Void end(Connection c, long id, State state, String failure, String text)
      throws SQLException {
    String error = RequestText.line(text);
    Sql.update(
        c,
        "update run set state = ?, error = ?, failure = ?, wanted = '', warnings = '[]',"
            + " images_per_second = "
            + MEAN_RATE
            + ", seconds_left = 0, bytes = 0, ended = ? where id = ?",
        state.name(),
        error,
        failure,
        state.ended() ? clock.millis() : null,
        id);
    return events.add(
        c,
        id,
        Event.Type.STATE,
        Names.writtenChoice(state) + (error.isEmpty() ? "" : ": " + error));
  }

  /** Puts a run back at the head of the queue. */
  void putBack(long id, String why) {
    database.write(c -> putBack(c, id, why));
  }

  private Void putBack(Connection c, long id, String why) throws SQLException {
    end(c, id, State.QUEUED, why);
    return Sql.update(c, "update run set ahead = 1 where id = ?", id);
  }

  /**
   * Fails queued runs that wait for one that failed or was cancelled.
   *
   * @return whether there was one
   */
  boolean failOrphans() {
    if (database.read(c -> Sql.number(c, ORPHANS)).isEmpty()) {
      return false;
    }
    database.write(
        c -> {
          for (long[] orphan :
              Sql.list(c, row -> new long[] {row.getLong(1), row.getLong(2)}, ORPHANS)) {
            Run other = RunRows.require(c, orphan[1]);
            end(
                c,
                orphan[0],
                State.FAILED,
                other.failure().orElse(Kind.PART_FAILED).name(),
                "run %d, which it waited for, is %s"
                    .formatted(other.id(), Names.writtenChoice(other.state())));
          }
          return null;
        });
    return true;
  }

  /**
   * Puts back what ran when its process died; runs of a cluster go on in their jobs.
   *
   * @param crashLimit deaths in a row without a step between them, after which it fails
   * @return ids of runs that fail for that
   */
  List<Long> recover(int crashLimit) {
    return database.write(
        c -> {
          List<Long> failed = new ArrayList<>();
          for (Run run : RunRows.list(c, RUNNING_HERE)) {
            if (recover(c, run, crashLimit, "")) {
              failed.add(run.id());
            }
          }
          return failed;
        });
  }

  /**
   * Puts back a run whose process died.
   *
   * @param crashLimit deaths in a row without a step between them, after which it fails
   * @param how the process died; empty if unknown
   */
  void recover(long id, int crashLimit, String how) {
    database.write(c -> recover(c, RunRows.require(c, id), crashLimit, how));
  }

  private boolean recover(Connection c, Run run, int crashLimit, String how) throws SQLException {
    long id = run.id();
    Sql.update(
        c,
        "update run set crashes = case when done > crash_step then 1 else crashes + 1 end,"
            + " crash_step = done where id = ?",
        id);
    String wanted = Sql.text(c, "select wanted from run where id = ?", id);
    int crashes = RunRows.job(c, id).crashes();
    if (!wanted.isEmpty()) {
      end(c, id, State.valueOf(wanted), "");
      return false;
    }
    if (crashes < crashLimit) {
      putBack(c, id, "");
      return false;
    }
    end(
        c,
        id,
        State.FAILED,
        Kind.PART_FAILED.name(),
        "%d processes in a row died while it ran, the last after step %d%s"
            .formatted(crashes, run.progress().done(), how.isEmpty() ? "" : ": " + how));
    return true;
  }
}
