package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.riglab.api.lab.Event;
import org.riglab.base.RequestText;

/** The log of the store: what happened to runs and to the server, in order. */
final class Events {
  private final Database database;
  private final Clock clock;

  Events(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * @param run it concerns; 0 for none
   */
  void add(long run, Event.Type type, String text) {
    database.write(c -> add(c, run, type, text));
  }

  /** As part of a change. */
  Void add(Connection c, long run, Event.Type type, String text) throws SQLException {
    return Sql.update(
        c,
        "insert into event (time, run, type, text) values (?, ?, ?, ?)",
        clock.millis(),
        run,
        type.name(),
        RequestText.line(text));
  }

  /**
   * @param after sequence number of the last one known
   * @param limit most
   */
  List<Event> since(long after, int limit) {
    return database.read(
        c ->
            Sql.list(
                c,
                Events::event,
                "select * from event where sequence > ? order by sequence limit ?",
                after,
                limit));
  }

  /** The last ones of a run. */
  List<Event> of(long run, int limit) {
    return database.read(
        c -> {
          RunRows.require(c, run);
          return Sql.list(
              c,
              Events::event,
              "select * from (select * from event where run = ? order by sequence desc limit ?)"
                  + " order by sequence",
              run,
              limit);
        });
  }

  /**
   * @return the last one's sequence number; 0 if there is none
   */
  long last() {
    return database.read(c -> Sql.number(c, "select max(sequence) from event").orElse(0));
  }

  /** A damaged row must not hide those after it. */
  private static Event.Type type(String name) {
    return Arrays.stream(Event.Type.values())
        .filter(type -> type.name().equals(name))
        .findFirst()
        .orElse(Event.Type.MESSAGE);
  }

  private static Event event(ResultSet row) throws SQLException {
    return new Event(
        row.getLong("sequence"),
        Instant.ofEpochMilli(row.getLong("time")),
        row.getLong("run"),
        type(row.getString("type")),
        RequestText.line(row.getString("text")));
  }
}
