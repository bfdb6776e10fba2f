package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Names;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes, archives and restores runs. Folders are moved aside within the transaction that changes
 * the rows, moved back if it fails, and deleted after it: killed at any moment, a run has its files
 * or is gone.
 */
final class Removals {
  private static final Logger LOG = LoggerFactory.getLogger(Removals.class);

  private final Path home;
  private final Database database;
  private final Events events;

  Removals(Path home, Database database, Events events) {
    this.home = home;
    this.database = database;
    this.events = events;
  }

  /** Where folders lie until they are deleted, by the run's id. */
  private Path aside() {
    return home.resolve("lab").resolve("removed");
  }

  private Path archive(Run run) {
    return home.resolve("archive").resolve(Path.of(run.folder()).getFileName() + ".zip");
  }

  /** Only what lies in the home is ours. */
  private boolean ours(Run run) {
    return !run.folder().isEmpty() && !Path.of(run.folder()).isAbsolute();
  }

  /** The files in a run's archive. */
  List<Lab.RunFile> archived(Run run) {
    return RunArchive.files(archive(run));
  }

  // Deleted

  Lab.Removal delete(List<Long> ids) {
    recover();
    return change(
        ids,
        (c, run) -> {
          requireUnused(c, run, ids);
          long bytes = 0;
          if (run.storage().files() == Run.Files.ARCHIVED) {
            bytes = Machine.bytes(archive(run));
            aside(archive(run), run.id());
          } else if (ours(run)) {
            bytes = Machine.size(home.resolve(run.folder()));
            aside(home.resolve(run.folder()), run.id());
          }
          Sql.update(c, "delete from event where run = ?", run.id());
          Sql.update(c, "delete from run where id = ?", run.id());
          events.add(
              c,
              0,
              Event.Type.CHANGED,
              "run %d (%s) was deleted, %s".formatted(run.id(), run.name(), Watchdog.size(bytes)));
          return bytes;
        });
  }

  private static void requireUnused(Connection c, Run run, List<Long> ids) throws SQLException {
    if (run.state() == State.RUNNING) {
      throw new RigException(
          Kind.CONFLICT, "run %d is running; cancel it first".formatted(run.id()));
    }
    for (long waits :
        Sql.list(
            c,
            row -> row.getLong(1),
            "select d.run from dependency d join run r on r.id = d.run where d.after = ? and"
                + " r.state in ('QUEUED', 'RUNNING', 'PAUSED')",
            run.id())) {
      if (!ids.contains(waits)) {
        throw new RigException(
            Kind.CONFLICT,
            "run %d waits for run %d; delete both, or cancel it first".formatted(waits, run.id()));
      }
    }
  }

  // Archived

  Lab.Removal archive(List<Long> ids) {
    recover();
    Map<Long, Path> packed = new LinkedHashMap<>();
    boolean done = false;
    try {
      for (long id : new LinkedHashSet<>(ids)) {
        Run run = database.read(c -> RunRows.require(c, id));
        requireArchivable(run);
        Path zip = archive(run);
        RunArchive.pack(home.resolve(run.folder()), zip);
        packed.put(id, zip);
      }
      Lab.Removal removal =
          change(
              ids,
              (c, run) -> {
                requireArchivable(run);
                Path folder = home.resolve(run.folder());
                long zipped = Machine.bytes(packed.get(run.id()));
                long bytes = Machine.size(folder) - zipped;
                aside(folder, run.id());
                Sql.update(
                    c,
                    "update run set files = 'ARCHIVED', bytes = ? where id = ?",
                    zipped,
                    run.id());
                events.add(c, run.id(), Event.Type.CHANGED, "archived");
                return bytes;
              });
      done = true;
      return removal;
    } finally {
      if (!done) {
        packed.values().forEach(Removals::deleteQuietly);
      }
    }
  }

  /**
   * Archives ended runs, the oldest first, one by one.
   *
   * @param bytes that are to be freed
   * @return those that were freed; fewer if no run is left
   */
  long archiveOldest(long bytes) {
    long freed = 0;
    for (long id :
        database.read(
            c ->
                Sql.list(
                    c,
                    row -> row.getLong(1),
                    "select id from run where state in ('DONE', 'FAILED', 'CANCELLED') and files ="
                        + " '' and folder like 'runs/%' order by ended, id"))) {
      if (freed >= bytes) {
        break;
      }
      try {
        freed += archive(List.of(id)).bytes();
      } catch (RigException e) {
        LOG.warn("cannot archive run {}", id, e);
      }
    }
    return freed;
  }

  private void requireArchivable(Run run) {
    if (!run.state().ended()) {
      throw new RigException(
          Kind.CONFLICT,
          "run %d is %s; only a run that is done, failed or cancelled can be archived"
              .formatted(run.id(), Names.writtenChoice(run.state())));
    }
    if (run.storage().files() != Run.Files.PRESENT || !ours(run)) {
      throw new RigException(
          Kind.CONFLICT,
          "run %d has no files in the home to archive: they are %s"
              .formatted(
                  run.id(),
                  run.storage().files() == Run.Files.PRESENT
                      ? "in " + run.folder()
                      : Names.writtenChoice(run.storage().files())));
    }
  }

  // Restored

  List<Run> restore(List<Long> ids) {
    List<Run> restored = new ArrayList<>();
    for (long id : new LinkedHashSet<>(ids)) {
      Run run = database.read(c -> RunRows.require(c, id));
      if (run.storage().files() != Run.Files.ARCHIVED) {
        throw new RigException(Kind.CONFLICT, "run %d is not archived".formatted(id));
      }
      Path folder = home.resolve(run.folder());
      RunArchive.unpack(archive(run), folder);
      restored.add(
          database.write(
              c -> {
                Sql.update(
                    c,
                    "update run set files = '', bytes = ? where id = ?",
                    Machine.size(folder),
                    id);
                events.add(c, id, Event.Type.CHANGED, "restored");
                return RunRows.require(c, id);
              }));
      deleteQuietly(archive(run));
    }
    return restored;
  }

  // Both

  /** What happens to one run; returns the bytes that it frees. */
  private interface Change {
    long with(Connection c, Run run) throws SQLException;
  }

  private Lab.Removal change(List<Long> ids, Change change) {
    List<Run> runs = new ArrayList<>();
    boolean done = false;
    try {
      long bytes =
          database.write(
              c -> {
                long freed = 0;
                for (long id : new LinkedHashSet<>(ids)) {
                  Run run = RunRows.require(c, id);
                  runs.add(run);
                  freed += change.with(c, run);
                }
                return freed;
              });
      done = true;
      return new Lab.Removal(runs, bytes);
    } finally {
      if (done) {
        runs.forEach(run -> discard(aside().resolve(String.valueOf(run.id()))));
      } else {
        runs.forEach(this::putBack);
      }
    }
  }

  private void aside(Path path, long id) {
    if (!Files.exists(path)) {
      return;
    }
    try {
      Files.createDirectories(aside());
      Files.move(path, aside().resolve(String.valueOf(id)));
    } catch (IOException e) {
      throw FileFailures.writing(path, e);
    }
  }

  private void putBack(Run run) {
    Path moved = aside().resolve(String.valueOf(run.id()));
    if (Files.exists(moved)) {
      try {
        AtomicFile.move(
            moved, Files.isDirectory(moved) ? home.resolve(run.folder()) : archive(run));
      } catch (IOException e) {
        throw FileFailures.writing(moved, e);
      }
    }
  }

  /** What a process that was killed has left: it goes on to be deleted, or goes back. */
  void recover() {
    if (!Files.isDirectory(aside())) {
      return;
    }
    try (Stream<Path> entries = Files.list(aside())) {
      for (Path entry : entries.toList()) {
        OptionalLong id =
            database.read(
                c ->
                    Sql.number(
                        c,
                        "select id from run where id = ? and (files <> 'ARCHIVED' or ?)",
                        Long.valueOf(entry.getFileName().toString()),
                        !Files.isDirectory(entry)));
        if (id.isPresent()) {
          putBack(database.read(c -> RunRows.require(c, id.getAsLong())));
        } else {
          discard(entry);
        }
      }
    } catch (IOException e) {
      throw FileFailures.reading(aside(), e);
    }
  }

  /** What stays is tried again before the next removal. */
  private static void discard(Path path) {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.warn("cannot delete {}", path, e);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("cannot delete {}", file, e);
    }
  }
}
