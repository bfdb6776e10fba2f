package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.Json;
import org.riglab.base.Names;

/**
 * What people do to the queue: submit runs, change their order, pause, cancel, resume and retry
 * them. Each is one transaction with its event; any process may do it. {@link Claims} has the other
 * half: what workers do.
 *
 * <pre>
 *   add                         -> QUEUED
 *   pause, cancel   QUEUED      -> PAUSED, CANCELLED
 *                   RUNNING     keeps its state and is asked: {@link Claims#wanted}
 *   cancel          PAUSED      -> CANCELLED
 *   resume, retry   PAUSED, FAILED, CANCELLED -> QUEUED
 * </pre>
 */
final class Queue {
  private final Database database;
  private final Events events;
  private final Clock clock;

  Queue(Database database, Events events, Clock clock) {
    this.database = database;
    this.events = events;
    this.clock = clock;
  }

  // Submitted

  /**
   * Adds runs to the end of the queue; several are a sweep.
   *
   * @return their ids
   * @throws RigException NOT_FOUND if one is to wait for a run that does not exist, CONFLICT if
   *     another unfinished run makes a network of the same name
   */
  List<Long> add(List<Draft> drafts) {
    return database.write(
        c -> {
          List<Long> ids = new ArrayList<>();
          for (Draft draft : drafts) {
            for (long after : draft.after()) {
              RunRows.require(c, after);
            }
            requireFree(c, draft);
            long id = insert(c, draft, ids.isEmpty() || drafts.size() == 1 ? 0 : ids.get(0));
            if (drafts.size() > 1 && ids.isEmpty()) {
              Sql.update(c, "update run set sweep = ? where id = ?", id, id);
            }
            for (long after : draft.after()) {
              Sql.update(
                  c, "insert or ignore into dependency (run, after) values (?, ?)", id, after);
            }
            String what = draft.kind().name().toLowerCase(Locale.ROOT);
            events.add(c, id, Event.Type.SUBMITTED, what + " " + draft.network());
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
        Sql.number(
            c,
            "select id from run where own and network = ? and state in ('QUEUED', 'RUNNING',"
                + " 'PAUSED') limit 1",
            draft.network());
    if (other.isPresent()) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "run %d already creates a network '%s'; choose another name"
              .formatted(other.getAsLong(), draft.network()));
    }
  }

  private long insert(Connection c, Draft draft, long sweep) throws SQLException {
    Sql.update(
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
    return Sql.number(c, "select last_insert_rowid()").orElseThrow();
  }

  /** Adds a run that was made elsewhere, as paused; or nothing if its folder is known. */
  Optional<Long> adopt(RunFolder.Found found) {
    return database.write(
        c -> {
          if (Sql.number(c, "select id from run where folder = ?", found.folder()).isPresent()) {
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
          Sql.update(
              c,
              "update run set folder = ?, submitted = ?, started = ?, state = 'PAUSED', adopted = 1"
                  + " where id = ?",
              found.folder(),
              found.started(),
              found.started(),
              id);
          events.add(c, id, Event.Type.SUBMITTED, "found in " + found.folder());
          return Optional.of(id);
        });
  }

  // Asked

  /** At once where the run waits; a running one is asked, and stops after its step. */
  Run pause(long id) {
    return change(
        id,
        EnumSet.of(State.QUEUED, State.RUNNING),
        "paused",
        c -> {
          requireInQueue(c, id, "paused");
          Sql.update(
              c,
              "update run set wanted = case state when 'RUNNING' then 'PAUSED' else '' end, state ="
                  + " case state when 'RUNNING' then state else 'PAUSED' end where id = ?",
              id);
          events.add(c, id, Event.Type.CHANGED, "shall be paused");
        });
  }

  /** At once where the run waits; a running one is asked, and stops after its step. */
  Run cancel(long id) {
    return change(
        id,
        EnumSet.of(State.QUEUED, State.RUNNING, State.PAUSED),
        "cancelled",
        c -> {
          requireInQueue(c, id, "cancelled");
          Sql.update(
              c,
              "update run set wanted = case state when 'RUNNING' then 'CANCELLED' else '' end,"
                  + " ended = case state when 'RUNNING' then ended else ? end, state = case state"
                  + " when 'RUNNING' then state else 'CANCELLED' end where id = ?",
              clock.millis(),
              id);
          events.add(c, id, Event.Type.CHANGED, "shall be cancelled");
        });
  }

  /** A run that a process outside of the queue trains cannot be asked. */
  private static void requireInQueue(Connection c, long id, String verb) throws SQLException {
    if (Sql.number(c, "select 1 from run where id = ? and adopted = ?", id, RunRows.GOING_ELSEWHERE)
        .isPresent()) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          ("run %d is %s; it cannot be %s here: interrupt that process with Ctrl-C, which writes a"
                  + " checkpoint")
              .formatted(id, Sql.text(c, "select error from run where id = ?", id), verb));
    }
  }

  Run resume(long id) {
    return again(id, EnumSet.of(State.PAUSED), "resumed");
  }

  Run retry(long id) {
    return again(id, EnumSet.of(State.FAILED, State.CANCELLED), "retried");
  }

  private Run again(long id, Set<State> allowed, String verb) {
    return change(
        id,
        allowed,
        verb,
        c -> {
          requireFiles(RunRows.require(c, id), verb);
          Sql.update(
              c,
              "update run set state = 'QUEUED', adopted = 0, error = '', failure = '', ended ="
                  + " null, crashes = 0 where id = ?",
              id);
          events.add(c, id, Event.Type.STATE, "queued: " + verb);
        });
  }

  private static void requireFiles(Run run, String verb) {
    if (run.storage().files() == Run.Files.ARCHIVED) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "run %d is archived; restore it before it can be %s".formatted(run.id(), verb));
    }
  }

  Run prioritise(long id, int priority) {
    return change(
        id,
        EnumSet.of(State.QUEUED, State.PAUSED),
        "given a priority",
        c -> {
          Sql.update(c, "update run set priority = ? where id = ?", priority, id);
          events.add(c, id, Event.Type.CHANGED, "priority " + priority);
        });
  }

  /** What is done to a run that may be changed. */
  private interface Change {
    void with(Connection c) throws SQLException;
  }

  /**
   * @throws RigException CONFLICT if the run is in another state than those allowed
   */
  private Run change(long id, Set<State> allowed, String verb, Change change) {
    return database.write(
        c -> {
          Run run = RunRows.require(c, id);
          if (!allowed.contains(run.state())) {
            throw new RigException(
                RigException.Kind.CONFLICT,
                "run %d is %s; only a run that is %s can be %s"
                    .formatted(
                        id,
                        word(run.state()),
                        allowed.stream().map(Queue::word).collect(Collectors.joining(" or ")),
                        verb));
          }
          change.with(c);
          return RunRows.require(c, id);
        });
  }

  private static String word(State state) {
    return Names.writtenChoice(state);
  }

  /** Puts a queued run in front of another one, or at the end if {@code before} is 0. */
  void move(long id, long before) {
    database.write(
        c -> {
          List<Run> queue =
              new ArrayList<>(RunRows.list(c, " where state = 'QUEUED'" + RunRows.QUEUE_ORDER));
          Run run = queued(c, queue, id);
          queue.remove(run);
          int at = before == 0 ? queue.size() : queue.indexOf(queued(c, queue, before));
          Run next = queue.isEmpty() ? run : queue.get(Math.min(at, queue.size() - 1));
          queue.add(at, run);
          Sql.update(
              c,
              "update run set priority = ?, ahead = (select ahead from run where id = ?) where id ="
                  + " ?",
              next.priority(),
              next.id(),
              id);
          for (int i = 0; i < queue.size(); i++) {
            Sql.update(c, "update run set position = ? where id = ?", i + 1L, queue.get(i).id());
          }
          return events.add(
              c,
              id,
              Event.Type.CHANGED,
              before == 0 ? "moved to the end" : "moved before " + before);
        });
  }

  private static Run queued(Connection c, List<Run> queue, long id) throws SQLException {
    Optional<Run> found = queue.stream().filter(run -> run.id() == id).findFirst();
    if (found.isEmpty()) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "run %d is %s; only a queued run has a place in the queue"
              .formatted(id, word(RunRows.require(c, id).state())));
    }
    return found.get();
  }
}
