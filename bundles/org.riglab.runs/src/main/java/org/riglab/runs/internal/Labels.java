package org.riglab.runs.internal;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;

/** Tags and notes of runs. */
final class Labels {
  private static final Pattern TAG = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._/+-]{0,63}");
  private static final int MOST = 32;
  private static final int LONGEST = 10_000;

  private final Database database;
  private final Events events;

  Labels(Database database, Events events) {
    this.database = database;
    this.events = events;
  }

  /**
   * @throws RigException INVALID for a wrong tag or too many
   */
  Run tag(long id, Set<String> add, Set<String> remove) {
    for (String tag : add) {
      if (!TAG.matcher(tag).matches()) {
        throw new RigException(
            "'%s' is not a tag; a tag has 1 to 64 letters, digits and . _ / + -, the first one a letter or digit"
                .formatted(Names.shown(tag)));
      }
    }
    return database.write(
        c -> {
          Set<String> tags = new TreeSet<>(RunRows.require(c, id).tags());
          Set<String> before = Set.copyOf(tags);
          tags.removeAll(remove);
          tags.addAll(add);
          if (tags.size() > MOST) {
            throw new RigException(
                "run %d would have %d tags; %d are allowed".formatted(id, tags.size(), MOST));
          }
          if (!tags.equals(before)) {
            Sql.update(c, "delete from tag where run = ?", id);
            for (String tag : tags) {
              Sql.update(c, "insert into tag (run, name) values (?, ?)", id, tag);
            }
            events.add(c, id, Event.Type.CHANGED, "tags: " + String.join(" ", tags));
          }
          return RunRows.require(c, id);
        });
  }

  /**
   * @throws RigException INVALID if it is too long or cannot be shown
   */
  Run note(long id, String text) {
    String note = text.strip();
    if (note.length() > LONGEST) {
      throw new RigException(
          "a note has at most %d characters, not %d".formatted(LONGEST, note.length()));
    }
    if (!Names.printable(note.replace("\n", ""))) {
      throw new RigException("a note has characters that a terminal cannot show");
    }
    return database.write(
        c -> {
          RunRows.require(c, id);
          Sql.update(c, "update run set note = ? where id = ?", note, id);
          events.add(
              c,
              id,
              Event.Type.CHANGED,
              note.isEmpty() ? "has no note any more" : "note: " + Names.shown(first(note)));
          return RunRows.require(c, id);
        });
  }

  private static String first(String note) {
    List<String> lines = note.lines().toList();
    return lines.get(0);
  }
}
