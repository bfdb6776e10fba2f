package org.riglab.runs.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.riglab.api.lab.Event;

/** Where the files of runs are, and how much room they take. */
final class FileSizes {
  /** Ended runs that were not measured yet; some at a time, since it reads directories. */
  private static final String UNMEASURED =
      "select id, folder from run indexed by run_unmeasured where bytes = 0 and files = '' and"
          + " folder is not null and state in ('DONE', 'FAILED', 'CANCELLED') limit 20";

  private final Database database;
  private final Events events;

  FileSizes(Database database, Events events) {
    this.database = database;
    this.events = events;
  }

  /** A run and its folder. */
  private record Place(long id, String folder, String files) {}

  /** Measures ended runs. */
  void measure(Path home) {
    List<Place> places =
        database.read(
            c -> Sql.list(c, row -> new Place(row.getLong(1), row.getString(2), ""), UNMEASURED));
    if (places.isEmpty()) {
      return;
    }
    List<Long> bytes = new ArrayList<>();
    places.forEach(place -> bytes.add(Math.max(1, Machine.size(home.resolve(place.folder())))));
    database.write(
        c -> {
          for (int i = 0; i < places.size(); i++) {
            Sql.update(
                c, "update run set bytes = ? where id = ?", bytes.get(i), places.get(i).id());
          }
          return null;
        });
  }

  /**
   * Notes which runs have lost their folders, and which have them again.
   *
   * @param home of everything
   * @param parent {@code runs} or {@code evaluations}
   * @param names of the folders in it
   */
  void notice(Path home, String parent, Set<String> names) {
    List<Place> changed = new ArrayList<>();
    for (Place place :
        database.read(
            c ->
                Sql.list(
                    c,
                    row -> new Place(row.getLong(1), row.getString(2), row.getString(3)),
                    "select id, folder, files from run where folder like ? and files <>"
                        + " 'ARCHIVED'",
                    parent + "/%"))) {
      // The folder of a run that has just started may be newer than the names.
      boolean there =
          names.contains(place.folder().substring(parent.length() + 1))
              || Files.isDirectory(home.resolve(place.folder()));
      if (there != place.files().isEmpty()) {
        changed.add(place);
      }
    }
    if (changed.isEmpty()) {
      return;
    }
    database.write(
        c -> {
          for (Place place : changed) {
            boolean missing = place.files().isEmpty();
            Sql.update(
                c,
                "update run set files = ?, bytes = 0 where id = ?",
                missing ? "MISSING" : "",
                place.id());
            events.add(
                c,
                place.id(),
                Event.Type.WARNING,
                missing ? "its files were removed: " + place.folder() : "its files are back");
          }
          return null;
        });
  }
}
