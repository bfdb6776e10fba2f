package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The table with the single values of runs, which conditions and sort keys read. A trigger notes
 * which runs have changed; these are indexed again before the next question.
 */
final class FieldIndex {
  static final String SPEC = "spec.";
  static final String NETWORK = "network.";
  static final String DATA = "data.";
  static final String METRIC = "metric.";

  private static final String STALE = "select 1 from run where not indexed limit 1";
  private static final String BATCH =
      "select id, spec, options, network_spec, data, metrics from run where not indexed limit 500";

  private final Database database;

  FieldIndex(Database database) {
    this.database = database;
  }

  /** Brings the index up to date. */
  void refresh() {
    while (refreshSome()) {
      continue;
    }
  }

  /**
   * Takes in some of the runs that have changed.
   *
   * @return false if there was none
   */
  boolean refreshSome() {
    if (database.read(c -> Sql.number(c, STALE)).isEmpty()) {
      return false;
    }
    database.write(
        c -> {
          Map<String, Long> names = new HashMap<>();
          try (Statements to = Statements.of(c)) {
            for (Stale run : Sql.list(c, Stale::new, BATCH)) {
              index(c, run, names, to);
            }
            to.insert().executeBatch();
          }
          return null;
        });
    return true;
  }

  /** A run whose values are not indexed. */
  private record Stale(
      long id, String spec, String options, String network, String data, String metrics) {
    Stale(ResultSet row) throws SQLException {
      this(
          row.getLong(1),
          row.getString(2),
          row.getString(3),
          row.getString(4),
          row.getString(5),
          row.getString(6));
    }

    Map<String, Object> values() {
      Map<String, Object> values = new TreeMap<>();
      Map<String, Object> described = JsonColumns.object(spec);
      put(values, SPEC, described.isEmpty() ? JsonColumns.object(options) : described);
      put(values, NETWORK, JsonColumns.object(network));
      put(values, DATA, JsonColumns.object(data));
      Map<String, Double> numbers = JsonColumns.numbers(metrics);
      numbers.forEach((name, value) -> values.put(METRIC + name, value));
      lastIterations(numbers).forEach((name, value) -> values.put(METRIC + name, value));
      return values;
    }
  }

  /**
   * @param metrics of a run
   * @return what {@code NAME.tT} is for the largest T, by {@code NAME}
   */
  static Map<String, Double> lastIterations(Map<String, Double> metrics) {
    Map<String, Double> last = new LinkedHashMap<>();
    for (String name : metrics.keySet()) {
      if (name.endsWith(".t1")) {
        String base = name.substring(0, name.length() - 3);
        int t = 1;
        while (metrics.containsKey(base + ".t" + (t + 1))) {
          t++;
        }
        last.put(base, metrics.get(base + ".t" + t));
      }
    }
    return last;
  }

  /** A part is its name, and has its options below. */
  private static void put(Map<String, Object> values, String prefix, Map<?, ?> object) {
    object.forEach(
        (key, value) -> {
          String name = prefix + key;
          if (value instanceof Map<?, ?> part) {
            if (part.get("name") instanceof String text) {
              values.put(name, text);
            }
            Map<Object, Object> rest = new LinkedHashMap<>(part);
            rest.remove("name");
            put(values, name + ".", rest);
          } else if (value instanceof List<?> list) {
            if (list.stream().noneMatch(v -> v instanceof Map || v instanceof List)) {
              values.put(
                  name, list.stream().map(FieldIndex::text).collect(Collectors.joining(",")));
            }
          } else if (value != null) {
            values.put(name, value);
          }
        });
  }

  private static String text(Object value) {
    return value instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1e15
        ? String.valueOf(d.longValue())
        : String.valueOf(value);
  }

  /** Adds and removes what differs: of a run that goes on, that is its metrics. */
  private static void index(Connection c, Stale run, Map<String, Long> names, Statements to)
      throws SQLException {
    Map<Long, String> before = new HashMap<>();
    Sql.list(
        c,
        row -> before.put(row.getLong(1), row.getString(2)),
        "select name, text from field where run = ?",
        run.id());
    for (Map.Entry<String, Object> entry : run.values().entrySet()) {
      Double number = number(entry.getValue());
      if (number == null || !number.isNaN()) {
        long name = name(c, names, entry.getKey());
        String text = text(entry.getValue());
        if (!text.equals(before.remove(name))) {
          to.put(name, run.id(), number, text);
        }
      }
    }
    for (long name : before.keySet()) {
      Sql.update(c, "delete from field where name = ? and run = ?", name, run.id());
    }
    Sql.update(c, "update run set indexed = 1 where id = ?", run.id());
  }

  /** What a transaction does often. */
  private record Statements(PreparedStatement insert) implements AutoCloseable {
    static Statements of(Connection c) throws SQLException {
      return new Statements(
          c.prepareStatement(
              "insert or replace into field (name, run, number, text) values (?, ?, ?, ?)"));
    }

    void put(long name, long run, Double number, String text) throws SQLException {
      insert.setLong(1, name);
      insert.setLong(2, run);
      insert.setObject(3, number);
      insert.setString(4, text);
      insert.addBatch();
    }

    @Override
    public void close() throws SQLException {
      insert.close();
    }
  }

  /** A text that is a number counts as one: options of parts are texts. */
  private static Double number(Object value) {
    if (value instanceof Number n) {
      return n.doubleValue();
    }
    return value instanceof String text
            && text.matches("-?\\d{1,15}(\\.\\d{1,15})?([eE]-?\\d{1,3})?")
        ? Double.valueOf(text)
        : null;
  }

  private static long name(Connection c, Map<String, Long> names, String name) throws SQLException {
    if (!names.containsKey(name)) {
      OptionalLong id = id(c, name);
      if (id.isEmpty()) {
        Sql.update(c, "insert into field_name (name) values (?)", name);
        id = id(c, name);
      }
      names.put(name, id.orElseThrow());
    }
    return names.get(name);
  }

  private static OptionalLong id(Connection c, String name) throws SQLException {
    return Sql.number(c, "select id from field_name where name = ?", name);
  }

  /** The names of all values, with their ids, sorted. */
  Map<String, Long> names() {
    return database.read(
        c -> {
          Map<String, Long> names = new TreeMap<>();
          Sql.list(
              c,
              row -> names.put(row.getString(2), row.getLong(1)),
              "select id, name from field_name");
          return names;
        });
  }
}
