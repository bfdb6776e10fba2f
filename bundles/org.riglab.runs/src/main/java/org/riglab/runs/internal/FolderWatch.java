package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.riglab.base.FileFailures;

/** Notices, by its time of modification, that entries of a folder came or went. */
final class FolderWatch {
  /** A change may leave the time as it is if another one was this shortly before, by any system. */
  private static final long GRAIN_MILLIS = 2500;

  private final Path folder;

  // Guarded by this.
  private long seen = Long.MIN_VALUE;
  private boolean certain;

  FolderWatch(Path folder) {
    this.folder = folder;
  }

  /**
   * @return the names of all entries, if they may differ from those of the last call; those of a
   *     folder that does not exist are none
   */
  synchronized Optional<Set<String>> changed() {
    try {
      long modified = Files.getLastModifiedTime(folder).toMillis();
      if (certain && modified == seen) {
        return Optional.empty();
      }
      certain = Math.abs(System.currentTimeMillis() - modified) > GRAIN_MILLIS;
      seen = modified;
      try (Stream<Path> entries = Files.list(folder)) {
        Set<String> names = new TreeSet<>();
        entries.forEach(entry -> names.add(entry.getFileName().toString()));
        return Optional.of(names);
      }
    } catch (NoSuchFileException e) {
      boolean known = certain && seen == Long.MIN_VALUE;
      certain = true;
      seen = Long.MIN_VALUE;
      return known ? Optional.empty() : Optional.of(Set.of());
    } catch (IOException e) {
      throw FileFailures.reading(folder, e);
    }
  }

  /** An entry was not ready: the next call lists all again. */
  synchronized void lookAgain() {
    certain = false;
  }
}
