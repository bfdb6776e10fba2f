package org.riglab.runs.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.riglab.base.AtomicFile;
import org.riglab.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of the unfinished runs beside the database, {@code orders.json}, with the database's
 * identity (SQLite's {@code application_id}). By it a database that was emptied, moved away or
 * replaced is noticed, and the runs that waited in it are queued again.
 */
final class Orders {
  static final String FILE = "orders.json";

  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);
  private static final long REST_NANOS = 5_000_000_000L;
  private static final Duration SHOWN = Duration.ofDays(7);
  private static final String UNFINISHED =
      " where state in ('QUEUED', 'RUNNING', 'PAUSED') and not" + " adopted order by id";

  private final Path file;
  private final Database database;
  private final Events events;
  private final Clock clock;

  // Guarded by this.
  private Map<String, Object> notice = Map.of();
  private List<Object> saved = List.of();
  private boolean changed;
  private long savedAt = System.nanoTime();

  Orders(Path file, Database database, Events events, Clock clock) {
    this.file = file;
    this.database = database;
    this.events = events;
    this.clock = clock;
  }

  /** Compares database and copy when the store is opened. */
  synchronized void open() {
    Map<String, Object> copy;
    try {
      copy = Files.exists(file) ? Json.read(file) : Map.of();
    } catch (RigException e) {
      LOG.warn("the copy of the queue cannot be read; a new one is made", e);
      copy = Map.of();
    }
    notice = copy.get("notice") instanceof Map<?, ?> map ? texts(map) : Map.of();
    Map<String, Object> before = copy;
    boolean lost = database.write(c -> lost(c, before));
    if (lost || !copy.containsKey("store")) {
      save();
    }
  }

  private static Map<String, Object> texts(Map<?, ?> map) {
    Map<String, Object> texts = new LinkedHashMap<>();
    map.forEach((key, value) -> texts.put(String.valueOf(key), value));
    return texts;
  }

  private boolean lost(Connection c, Map<String, Object> copy) throws SQLException {
    long id = Sql.number(c, "pragma application_id").orElse(0);
    if (id == 0) {
      id = 1 + new SecureRandom().nextInt(Integer.MAX_VALUE - 1);
      Sql.update(c, "pragma application_id = " + id);
    }
    if (!(copy.get("store") instanceof Long known) || known == id) {
      return false;
    }
    int queued = 0;
    boolean empty = Sql.number(c, "select count(*) from run").orElse(0) == 0;
    if (empty && copy.get("runs") instanceof List<?> runs) {
      for (Object run : runs) {
        if (run instanceof Map<?, ?> order && restore(c, texts(order))) {
          queued++;
        }
      }
    }
    String text =
        "lab.db is not the previous database of this home: it was moved, emptied or replaced; "
            + queued
            + " unfinished runs were restored from lab/"
            + FILE
            + ", finished trainings are found again in runs/";
    LOG.error(text);
    events.add(c, 0, Event.Type.WARNING, text);
    notice = Map.of("text", text, "time", clock.instant().toString());
    return true;
  }

  private boolean restore(Connection c, Map<String, Object> order) throws SQLException {
    try {
      OrderJson.insert(c, order, clock.millis());
      return true;
    } catch (RuntimeException e) {
      LOG.error("an order in {} cannot be restored: {}", file, order, e);
      return false;
    }
  }

  /** Something of the queue may have changed. */
  synchronized void touch() {
    changed = true;
  }

  /** Writes the copy if something may have changed and the last time was some seconds ago. */
  synchronized void tick() {
    if (changed && System.nanoTime() - savedAt > REST_NANOS) {
      changed = false;
      save();
      savedAt = System.nanoTime();
    }
  }

  /** Writes the copy if something of it has changed. */
  synchronized void save() {
    try {
      // In a transaction: of two processes the later one has the later content.
      database.write(
          c -> {
            long id = Sql.number(c, "pragma application_id").orElse(0);
            List<Object> runs = new ArrayList<>();
            for (Run run : RunRows.list(c, UNFINISHED)) {
              runs.add(OrderJson.of(RunRows.job(c, run.id())));
            }
            if (!runs.equals(saved) || !Files.exists(file)) {
              Map<String, Object> copy = new LinkedHashMap<>();
              copy.put("store", id);
              copy.put("notice", notice);
              copy.put("runs", runs);
              AtomicFile.writeSecret(file, Json.line(copy) + "\n");
              saved = runs;
            }
            return null;
          });
    } catch (RigException e) {
      LOG.warn("the copy of the queue is not up to date", e);
    }
  }

  /**
   * @return that the database was lost, for some days
   */
  synchronized Optional<String> notice() {
    if (!(notice.get("text") instanceof String text)
        || !(notice.get("time") instanceof String at)) {
      return Optional.empty();
    }
    boolean old = Instant.parse(at).plus(SHOWN).isBefore(clock.instant());
    return old ? Optional.empty() : Optional.of(text);
  }
}
