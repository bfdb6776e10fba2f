package org.riglab.runs.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.riglab.api.RigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store's tables, by version. */
final class Schema {
  private static final List<String> VERSIONS = List.of("V1__runs.sql", "V2__warnings.sql");

  private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

  private Schema() {}

  /**
   * Brings a database to the newest version.
   *
   * @param source of connections
   * @param where the database, for error messages
   * @throws RigException if it is of a version that is not known here
   */
  static void migrate(DataSource source, String where) {
    migrate(source, where, VERSIONS.size());
  }

  static synchronized void migrate(DataSource source, String where, int version) {
    int found = version(source, where);
    if (found < version) {
      // Two processes that both make the tables would both fail.
      try (FileChannel channel =
              FileChannel.open(
                  Path.of(where + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        LOG.debug("{} holds {}", lock, where);
        bring(source, where, version);
      } catch (IOException | OverlappingFileLockException e) {
        throw new RigException("cannot lock %s: %s".formatted(where, e), e);
      }
    } else if (found > VERSIONS.size()) {
      throw new RigException(
          "%s was written by a newer Riglab (schema %d; this one knows %d); use that one, or another home"
              .formatted(where, found, VERSIONS.size()));
    }
  }

  private static void bring(DataSource source, String where, int version) {
    if (version(source, where) >= version) {
      return;
    }
    try {
      Flyway.configure(Schema.class.getClassLoader())
          .loggers("slf4j")
          .dataSource(source)
          .resourceProvider(new Scripts(VERSIONS.subList(0, version)))
          .javaMigrationClassProvider(List::of)
          .locations("classpath:org/riglab/runs/internal")
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new RigException(
          "cannot bring %s to schema %d: %s"
              .formatted(
                  where, version, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  /** Asked for directly: the library takes half a second to find out that nothing is to be done. */
  private static int version(DataSource source, String where) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      try (ResultSet table =
          statement.executeQuery(
              "select 1 from sqlite_master where name = 'flyway_schema_history'")) {
        if (!table.next()) {
          return 0;
        }
      }
      try (ResultSet row =
          statement.executeQuery(
              "select max(cast(version as integer)) from flyway_schema_history where success")) {
        return row.next() ? row.getInt(1) : 0;
      }
    } catch (SQLException e) {
      throw Database.failed("read", where, e);
    }
  }

  /** Named one by one: what a class path looks like from within a framework is not asked. */
  private record Scripts(List<String> names) implements ResourceProvider {
    @Override
    public LoadableResource getResource(String name) {
      return names.contains(name) ? new Script(name) : null;
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
      return names.stream()
          .filter(name -> name.startsWith(prefix) && Stream.of(suffixes).anyMatch(name::endsWith))
          .map(name -> (LoadableResource) new Script(name))
          .toList();
    }
  }

  private static final class Script extends LoadableResource {
    private final String name;

    Script(String name) {
      this.name = name;
    }

    @Override
    public Reader read() {
      try (InputStream in = Schema.class.getResourceAsStream(name)) {
        return new StringReader(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new IllegalStateException("a bundle can be read", e);
      }
    }

    @Override
    public String getAbsolutePath() {
      return name;
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return name;
    }

    @Override
    public String getFilename() {
      return name;
    }

    @Override
    public String getRelativePath() {
      return name;
    }
  }
}
