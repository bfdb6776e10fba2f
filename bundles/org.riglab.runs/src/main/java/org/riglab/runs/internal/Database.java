package org.riglab.runs.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.OSInfo;

/**
 * The store's database: SQLite with a write-ahead log. Several processes may have it open; a kill
 * at any moment loses nothing that was committed. One connection writes, others read. What is done
 * with a connection is {@link Store}'s and its parts'.
 */
final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final int BUSY_MILLIS = 10_000;
  private static final int POLL_MILLIS = 10;
  private static final int IDLE_READERS = 4;

  private final Path file;
  private final SQLiteDataSource source;
  private final Connection writer;

  /** The thread whose transaction is open; it reads what it has written. */
  private volatile Thread writing;

  private final Deque<Connection> readers = new ArrayDeque<>();
  private boolean closed;

  /**
   * An operation on a connection.
   *
   * @param <T> the result
   */
  interface Work<T> {
    /** Executes the operation. */
    T with(Connection connection) throws SQLException;
  }

  /** The statements around a change. */
  private enum Scope {
    /** Not a transaction of the driver, which would begin with the connection and lock the file. */
    TRANSACTION("begin immediate", "commit", "rollback"),
    /** Within a transaction of the same thread. */
    NESTED("savepoint nested", "release nested", "rollback to nested", "release nested");

    private final String begin;
    private final String commit;
    private final List<String> rollBack;

    Scope(String begin, String commit, String... rollBack) {
      this.begin = begin;
      this.commit = commit;
      this.rollBack = List.of(rollBack);
    }
  }

  /**
   * Opens a database, made or brought to the newest schema if need be.
   *
   * @param file where it is
   * @param libraries where the native library is put, once
   * @throws RigException if that fails
   */
  Database(Path file, Path libraries) {
    this.file = file;
    try {
      Files.createDirectories(file.getParent());
      LocalDisk.require(file.getParent());
      provide(libraries);
    } catch (IOException e) {
      throw FileFailures.writing(file, e);
    }
    SQLiteConfig config = new SQLiteConfig();
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout(BUSY_MILLIS);
    config.enforceForeignKeys(true);
    source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    writeAhead();
    Schema.migrate(source, file.toString());
    try {
      writer = source.getConnection();
    } catch (SQLException e) {
      throw failed("open", file.toString(), e);
    }
  }

  /** Unpacked by the driver itself, a copy would stay behind at every kill. */
  private static synchronized void provide(Path libraries) throws IOException {
    if (System.getProperty("org.sqlite.lib.path") != null) {
      return;
    }
    String name = System.mapLibraryName("sqlitejdbc");
    String resource = OSInfo.getNativeLibFolderPathForCurrentOS() + "/" + name;
    try (InputStream in =
        SQLiteDataSource.class.getResourceAsStream("/org/sqlite/native/" + resource)) {
      if (in == null) {
        return; // the driver reports it
      }
      byte[] bytes = in.readAllBytes();
      Path folder = libraries.resolve("sqlite-" + SQLiteJDBCLoader.getVersion());
      Path library = folder.resolve(name);
      if (!Files.exists(library) || Files.size(library) != bytes.length) {
        Files.createDirectories(folder);
        Path part = Files.write(folder.resolve("part-" + ProcessHandle.current().pid()), bytes);
        Files.move(part, library, StandardCopyOption.ATOMIC_MOVE);
      }
      System.setProperty("org.sqlite.lib.path", folder.toString());
      System.setProperty("org.sqlite.lib.name", name);
    }
  }

  /**
   * Makes the database one with a write-ahead log, which it stays. Where several processes try that
   * at once, SQLite refuses all but one without regard to the busy timeout, as each holds a lock
   * that the others wait for.
   */
  private void writeAhead() {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BUSY_MILLIS);
    try {
      while (!tryWriteAhead(System.nanoTime() > end)) {
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(
          RigException.Kind.UNAVAILABLE, "interrupted while another process opens " + file, e);
    }
  }

  private boolean tryWriteAhead(boolean last) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("pragma journal_mode = wal");
      return true;
    } catch (SQLException e) {
      RigException failure = failed("open", file.toString(), e);
      if (last || failure.kind() != RigException.Kind.BUSY) {
        throw failure;
      }
      return false;
    }
  }

  Path file() {
    return file;
  }

  /** Reads. Sees everything that any process has committed before. */
  <T> T read(Work<T> work) {
    if (Thread.currentThread() == writing) {
      return within(work, "read");
    }
    Connection connection = null;
    boolean good = false;
    try {
      connection = reader();
      T answer = work.with(connection);
      good = true;
      return answer;
    } catch (SQLException e) {
      throw failed("read", file.toString(), e);
    } finally {
      giveBack(connection, good);
    }
  }

  private Connection reader() throws SQLException {
    synchronized (readers) {
      if (closed) {
        throw new RigException(RigException.Kind.UNAVAILABLE, "the store is closed");
      }
      if (!readers.isEmpty()) {
        return readers.pop();
      }
    }
    return source.getConnection();
  }

  private void giveBack(Connection connection, boolean good) {
    if (connection == null) {
      return;
    }
    synchronized (readers) {
      if (good && !closed && readers.size() < IDLE_READERS) {
        readers.push(connection);
        return;
      }
    }
    close(connection);
  }

  /**
   * Changes, all or nothing.
   *
   * @throws RigException NO_SPACE if there is no room, BUSY if another process keeps it locked;
   *     nothing has changed then
   */
  <T> T write(Work<T> work) {
    synchronized (writer) {
      if (Thread.currentThread() == writing) {
        return write(Scope.NESTED, work);
      }
      writing = Thread.currentThread();
      try {
        return write(Scope.TRANSACTION, work);
      } finally {
        writing = null;
      }
    }
  }

  private <T> T write(Scope scope, Work<T> work) {
    boolean good = false;
    try {
      execute(scope.begin);
      T answer = work.with(writer);
      execute(scope.commit);
      good = true;
      return answer;
    } catch (SQLException e) {
      throw failed("write", file.toString(), e);
    } finally {
      if (!good) {
        rollBack(scope);
      }
    }
  }

  private <T> T within(Work<T> work, String what) {
    try {
      return work.with(writer);
    } catch (SQLException e) {
      throw failed(what, file.toString(), e);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = writer.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Fails if SQLite has rolled back already, as it does where the disk is full. */
  private void rollBack(Scope scope) {
    try {
      for (String statement : scope.rollBack) {
        execute(statement);
      }
    } catch (SQLException e) {
      LOG.debug("nothing to roll back", e);
    }
  }

  /** The failure of a statement, by SQLite's code. */
  static RigException failed(String what, String where, SQLException e) {
    String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String message = "cannot %s %s: %s".formatted(what, where, reason);
    RigException.Kind kind =
        e instanceof SQLiteException lite ? kind(lite.getResultCode()) : RigException.Kind.IO;
    return kind == RigException.Kind.NO_SPACE
        ? new RigException(kind, "there is no room on the disk: " + message, e)
        : new RigException(kind, message, e);
  }

  private static RigException.Kind kind(SQLiteErrorCode code) {
    return switch (code) {
      case SQLITE_FULL, SQLITE_IOERR_WRITE -> RigException.Kind.NO_SPACE;
      case SQLITE_BUSY, SQLITE_BUSY_RECOVERY, SQLITE_BUSY_SNAPSHOT, SQLITE_LOCKED ->
          RigException.Kind.BUSY;
      default -> RigException.Kind.IO;
    };
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed("close", "the store", e);
    }
  }

  @Override
  public void close() {
    synchronized (readers) {
      closed = true;
      readers.forEach(Database::close);
      readers.clear();
    }
    synchronized (writer) {
      close(writer);
    }
  }
}
