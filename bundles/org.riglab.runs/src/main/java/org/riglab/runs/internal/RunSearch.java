package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.runs.internal.RunFields.Field;
import org.riglab.runs.internal.RunFields.Type;
import org.riglab.runs.internal.RunQuery.Condition;

/** Answers {@link Lab.Query}: filters, sorts and pages in the database. */
final class RunSearch {
  private static final String TEXT =
      " and instr(lower(run.id || ' ' || run.name || ' ' || network || ' ' || error || ' ' || note"
          + " || ' ' || case spec when '{}' then options else spec end || ' ' || network_spec), ?)"
          + " > 0";

  private final Database database;
  private final FieldIndex index;
  private final Clock clock;

  RunSearch(Database database, Clock clock) {
    this.database = database;
    this.index = new FieldIndex(database);
    this.clock = clock;
  }

  /** A statement in the making. */
  private static final class Sentence {
    final StringBuilder text = new StringBuilder();
    final List<Object> values = new ArrayList<>();

    void add(String sql, Object... parameters) {
      text.append(sql);
      values.addAll(List.of(parameters));
    }
  }

  /** As {@link FieldIndex#refreshSome}. */
  boolean refreshSome() {
    return index.refreshSome();
  }

  List<String> fields() {
    index.refresh();
    return new RunFields(index.names()).names();
  }

  Lab.Page list(Lab.Query query) {
    RunQuery parsed = RunQuery.parse(query.where(), query.sort());
    boolean plain = parsed.conditions().isEmpty() && parsed.keys().isEmpty();
    if (!plain) {
      index.refresh();
    }
    RunFields fields = new RunFields(plain ? Map.of() : index.names());
    Sentence where = where(query, parsed, fields);
    Sentence joins = new Sentence();
    String order = order(query, parsed, fields, joins);
    return database.read(
        c -> {
          long total =
              Sql.number(c, "select count(*) from run" + where.text, where.values.toArray())
                  .orElse(0);
          List<Object> values = new ArrayList<>(joins.values);
          values.addAll(where.values);
          values.add(Math.max(0, query.limit()));
          values.add(Math.max(0, query.offset()));
          // Ids first: sorted rows would carry their texts along.
          List<Long> ids =
              Sql.list(
                  c,
                  row -> row.getLong(1),
                  "select run.id from run" + joins.text + where.text + order + " limit ? offset ?",
                  values.toArray());
          return new Lab.Page(runs(c, ids), total);
        });
  }

  private static List<Run> runs(Connection c, List<Long> ids) throws SQLException {
    Map<Long, Run> found = new HashMap<>();
    String in = ids.stream().map(String::valueOf).collect(Collectors.joining(",", "(", ")"));
    RunRows.list(c, " where id in " + in).forEach(run -> found.put(run.id(), run));
    return ids.stream().map(found::get).filter(Objects::nonNull).toList();
  }

  private Sentence where(Lab.Query query, RunQuery parsed, RunFields fields) {
    Sentence where = new Sentence();
    where.add(" where 1");
    if (!query.states().isEmpty()) {
      where.add(" and " + RunRows.STATE + " in (" + names(query.states()) + ")");
    }
    if (!query.kinds().isEmpty()) {
      where.add(" and kind in (" + names(query.kinds()) + ")");
    }
    if (query.sweep() > 0) {
      where.add(" and sweep = ?", query.sweep());
    }
    if (!query.text().isBlank()) {
      where.add(TEXT, query.text().toLowerCase(Locale.ROOT));
    }
    for (Condition condition : parsed.conditions()) {
      where.add(condition.operator().negated() ? " and not coalesce((" : " and coalesce((");
      add(where, fields.field(condition.field()), condition);
      where.add("), 0)");
    }
    return where;
  }

  private static String names(Collection<? extends Enum<?>> constants) {
    return constants.stream().map(s -> "'" + s.name() + "'").collect(Collectors.joining(", "));
  }

  /** Of a negated condition what is negated. A run without a value fulfils nothing. */
  private void add(Sentence where, Field field, Condition condition) {
    String between = "";
    for (String value : condition.values()) {
      where.add(between);
      between = " or ";
      if (field.type() == Type.TAG) {
        tag(where, condition, value);
      } else if (field.sql().isEmpty()) {
        where.add(
            "exists (select 1 from field f where f.name = ? and f.run = run.id and ", field.id());
        compare(where, "f.number", "f.text", field, condition, value);
        where.add(")");
      } else {
        String sql = field.sql().replace(":now", String.valueOf(clock.millis()));
        compare(where, sql, sql, field, condition, value);
      }
    }
  }

  private static void tag(Sentence where, Condition condition, String value) {
    if (condition.operator().ordered()) {
      throw new RigException("tags have no order; write tag=%s or tag!=%s".formatted(value, value));
    }
    boolean equal = QueryValues.sign(condition.operator()).equals("=");
    where.add(
        "exists (select 1 from tag where tag.run = run.id and "
            + (equal ? "tag.name = ?)" : "instr(lower(tag.name), ?) > 0)"),
        equal ? value : value.toLowerCase(Locale.ROOT));
  }

  private static void compare(
      Sentence where, String number, String text, Field field, Condition condition, String value) {
    String sign = QueryValues.sign(condition.operator());
    if (sign.equals("~")) {
      where.add("instr(lower(" + text + "), ?) > 0", value.toLowerCase(Locale.ROOT));
    } else if (field.type() == Type.TIME) {
      QueryValues.Range range = QueryValues.time(field.name(), value);
      switch (sign) {
        case "=" ->
            where.add(number + " >= ? and " + number + " < ?", range.first(), range.after());
        case "<", ">=" -> where.add(number + " " + sign + " ?", range.first());
        case "<=" -> where.add(number + " < ?", range.after());
        default -> where.add(number + " >= ?", range.after());
      }
    } else if (field.type() == Type.TEXT && sign.equals("=")) {
      where.add("lower(" + text + ") = ?", value.toLowerCase(Locale.ROOT));
    } else if (field.type() == Type.TEXT) {
      throw new RigException(
          "'%s' is a text, which has no order; write %s=%s or %s~%s"
              .formatted(field.name(), field.name(), value, field.name(), value));
    } else if (field.type() == Type.VALUE && sign.equals("=")) {
      where.add("(" + text + " = ?", value);
      QueryValues.number(value).ifPresent(n -> where.add(" or " + number + " = ?", n));
      where.add(")");
    } else {
      where.add(number + " " + sign + " ?", QueryValues.number(field, value));
    }
  }

  private String order(Lab.Query query, RunQuery parsed, RunFields fields, Sentence joins) {
    if (parsed.keys().isEmpty()) {
      return query.states().equals(Set.of(State.QUEUED))
          ? RunRows.QUEUE_ORDER
          : " order by run.id desc";
    }
    List<String> terms = new ArrayList<>();
    for (RunQuery.Key key : parsed.keys()) {
      Field field = fields.field(key.field());
      String direction = key.descending() ? " desc" : "";
      if (field.type() == Type.TAG) {
        throw new RigException("a run has any number of tags: runs cannot be sorted by tags");
      }
      if (field.sql().isEmpty()) {
        String name = "k" + terms.size();
        joins.add(
            " left join field %s on %s.name = ? and %s.run = run.id".formatted(name, name, name),
            field.id());
        terms.add(name + ".run is null");
        terms.add(name + ".number is null");
        terms.add(name + ".number" + direction);
        terms.add(name + ".text" + direction);
      } else {
        String sql = field.sql().replace(":now", String.valueOf(clock.millis()));
        terms.add(sql + " is null");
        terms.add(sql + direction);
      }
    }
    return " order by " + String.join(", ", terms) + ", run.id desc";
  }
}
