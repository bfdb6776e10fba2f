package org.riglab.runs.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.riglab.api.RigException;

/**
 * The store's tables, by version. SQLite keeps the number of the version in the file's header
 * ({@code pragma user_version}). Riglab 0.1 kept it in a table of Flyway.
 */
final class Schema {
  /** In the order of their versions, from 1. */
  private static final List<String> SCRIPTS =
      List.of(
          "V1__runs.sql",
          "V2__warnings.sql",
          "V3__fields.sql",
          "V4__levels.sql",
          "V5__failures.sql");

  private Schema() {}

  /**
   * Brings a database to the newest version.
   *
   * @param source of connections
   * @param where the database, for error messages
   * @throws RigException CONFLICT if it was written by a newer Riglab
   */
  static void migrate(DataSource source, String where) {
    migrate(source, where, SCRIPTS.size());
  }

  static void migrate(DataSource source, String where, int version) {
    try (Connection connection = source.getConnection()) {
      int found = version(connection);
      if (found > SCRIPTS.size()) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            "%s was written by a newer version of Riglab (schema %d; this one supports %d); use that version, or another home"
                .formatted(where, found, SCRIPTS.size()));
      }
      if (found < version || userVersion(connection) == 0) {
        bring(connection, version);
      }
    } catch (SQLException e) {
      throw Database.failed("open", where, e);
    }
  }

  /** Two processes may begin at once: the second one finds nothing to do. */
  private static void bring(Connection connection, int version) throws SQLException {
    execute(connection, "begin immediate");
    boolean done = false;
    try {
      for (int next = version(connection) + 1; next <= version; next++) {
        execute(connection, script(next));
      }
      execute(connection, "pragma user_version = " + version);
      execute(connection, "commit");
      done = true;
    } finally {
      if (!done) {
        execute(connection, "rollback");
      }
    }
  }

  private static int version(Connection connection) throws SQLException {
    int version = userVersion(connection);
    boolean flyway =
        version == 0
            && Sql.number(
                    connection, "select 1 from sqlite_master where name = 'flyway_schema_history'")
                .isPresent();
    return flyway
        ? (int)
            Sql.number(
                    connection,
                    "select max(cast(version as integer)) from flyway_schema_history where success")
                .orElse(0)
        : version;
  }

  private static int userVersion(Connection connection) throws SQLException {
    return (int) Sql.number(connection, "pragma user_version").orElse(0);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // Not execute: the driver would run only the first statement of a script.
      statement.executeUpdate(sql);
    }
  }

  private static String script(int version) {
    try (InputStream in = Schema.class.getResourceAsStream(SCRIPTS.get(version - 1))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("a bundle can be read", e);
    }
  }
}
