package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.FileFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trainings that other processes made, or go on with, without the queue: found by their folders.
 */
final class FoundRuns {
  private static final Logger LOG = LoggerFactory.getLogger(FoundRuns.class);

  private final Path home;
  private final LabStore lab;
  private final Pictures pictures;
  private final int keptPictures;

  /** How long the log of a run was; guarded by this. */
  private final Map<Long, Long> followed = new HashMap<>();

  /**
   * @param home of everything
   * @param keptPictures images whose pictures a run keeps
   */
  FoundRuns(Path home, LabStore lab, Pictures pictures, int keptPictures) {
    this.home = home;
    this.lab = lab;
    this.pictures = pictures;
    this.keptPictures = keptPictures;
  }

  /**
   * Takes over one run, or all runs of a folder, that are not in the store yet.
   *
   * @param folder of a run or of runs
   * @return those that are new
   */
  List<Run> index(Path folder) {
    Path where = folder.toAbsolutePath().normalize();
    RunFolder one = new RunFolder(home, where.toString());
    if (one.started()) {
      List<Run> found = index(List.of(one));
      lab.store().adopted(one.name()).ifPresent(id -> keepPictures(id, one));
      return found;
    }
    try (Stream<Path> entries = Files.list(where)) {
      return index(
          entries
              .filter(Files::isDirectory)
              .sorted()
              .map(entry -> new RunFolder(home, entry.toString()))
              .toList());
    } catch (IOException e) {
      throw FileFailures.reading(where, e);
    }
  }

  private List<Run> index(List<RunFolder> candidates) {
    Set<String> known = lab.store().folders();
    List<Run> found = new ArrayList<>();
    for (RunFolder run : candidates) {
      if (!known.contains(run.name()) && run.started()) {
        lab.store().queue().adopt(run.read()).ifPresent(id -> found.add(follow(id, run)));
      }
    }
    return found;
  }

  /** As a run of the queue does when it is done; once. */
  private void keepPictures(long id, RunFolder folder) {
    Run run = follow(id, folder);
    if (run.state() == State.DONE && !pictures.has(run)) {
      pictures.keep(run, keptPictures, Thread.currentThread()::isInterrupted);
    }
  }

  /** Looks for trainings that other processes began, or went on with; never fails for one. */
  void look() {
    Path runs = home.resolve("runs");
    if (!Files.isDirectory(runs)) {
      return;
    }
    try {
      index(runs);
      for (Run run : lab.store().unfinishedElsewhere()) {
        RunFolder folder = new RunFolder(home, run.folder());
        if (folder.started() && grown(run.id(), folder)) {
          follow(run.id(), folder);
        }
      }
    } catch (RigException e) {
      LOG.warn("cannot take over the runs in {}", runs, e);
    }
  }

  private synchronized boolean grown(long id, RunFolder folder) {
    long length = folder.logged();
    return !Long.valueOf(length).equals(followed.put(id, length));
  }

  private Run follow(long id, RunFolder folder) {
    Store store = lab.store();
    Run before = store.run(id);
    List<LabListener.Point> points = folder.points(before.progress().done());
    RunFolder.Found found = folder.read();
    long done =
        points.stream().mapToLong(LabListener.Point::step).max().orElse(before.progress().done());
    Optional<String> end = folder.end();
    if (!points.isEmpty() || before.spec().isEmpty()) {
      store.describe(id, found);
      store
          .points()
          .add(
              id,
              new Run.Progress(done, end.isPresent() ? done : found.total(), 0, 0),
              before.times().seconds(),
              points);
    }
    if (end.isPresent()) {
      store.claims().end(id, State.DONE, "");
    }
    return store.run(id);
  }
}
