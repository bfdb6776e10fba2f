package org.riglab.runs.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Statements with values, for the store's classes. */
final class Sql {
  private Sql() {}

  /**
   * Makes a value of the row at hand.
   *
   * @param <T> type of the value
   */
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  private static PreparedStatement prepare(Connection c, String sql, Object... values)
      throws SQLException {
    PreparedStatement statement = c.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  /** Inserts, updates or deletes; returns nothing, so that it can end a lambda. */
  static Void update(Connection c, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(c, sql, values)) {
      statement.executeUpdate();
    }
    return null;
  }

  /** The rows of a query in their order. */
  static <T> List<T> list(Connection c, Row<T> row, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = prepare(c, sql, values);
        ResultSet rows = statement.executeQuery()) {
      List<T> list = new ArrayList<>();
      while (rows.next()) {
        list.add(row.of(rows));
      }
      return list;
    }
  }

  /** The first column of the first row as a number; empty if there is no row or it is null. */
  static OptionalLong number(Connection c, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(c, sql, values);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        return OptionalLong.empty();
      }
      long number = row.getLong(1);
      return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }
  }

  /** The first column of the one row. */
  static String text(Connection c, String sql, Object... values) throws SQLException {
    return list(c, row -> row.getString(1), sql, values).get(0);
  }

  /** A column in which null is NaN. */
  static double real(ResultSet row, int column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? Double.NaN : value;
  }
}
