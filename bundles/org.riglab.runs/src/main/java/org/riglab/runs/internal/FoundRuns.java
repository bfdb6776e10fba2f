package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.FileFailures;
import org.riglab.base.ProcessMark;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trainings that other processes made, or go on with, without the queue: found by their folders.
 * Folders that were removed by hand are noticed as well.
 */
final class FoundRuns {
  private static final Logger LOG = LoggerFactory.getLogger(FoundRuns.class);

  private static final int FEW = 100;

  /** Runs that are taken over in one transaction: each has its price. */
  private static final int TOGETHER = 100;

  private static final long INTERVAL_NANOS = 30_000_000_000L;

  private final Path home;
  private final LabStore lab;
  private final Pictures pictures;
  private final int keptPictures;
  private final FolderWatch runs;
  private final FolderWatch evaluations;

  /** Why folders cannot be taken over. */
  private final Map<String, String> damaged = new ConcurrentHashMap<>();

  /** How long the log of a run was; guarded by this. */
  private final Map<Long, Long> followed = new HashMap<>();

  /** When the files of all unfinished runs were looked at; guarded by this. */
  private long looked;

  /**
   * @param home of everything
   * @param keptPictures images whose pictures a run keeps
   */
  FoundRuns(Path home, LabStore lab, Pictures pictures, int keptPictures) {
    this.home = home;
    this.lab = lab;
    this.pictures = pictures;
    this.keptPictures = keptPictures;
    this.runs = new FolderWatch(home.resolve(Runner.RUNS));
    this.evaluations = new FolderWatch(home.resolve(Runner.EVALUATIONS));
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
      List<Run> found = new ArrayList<>();
      index(one, lab.store().folders()).ifPresent(found::add);
      lab.store().adopted(one.name()).ifPresent(id -> keepPictures(id, one));
      return found;
    }
    try (Stream<Path> entries = Files.list(where)) {
      List<Run> found = new ArrayList<>();
      Set<String> known = lab.store().folders();
      entries
          .filter(Files::isDirectory)
          .sorted()
          .map(entry -> new RunFolder(home, entry.toString()))
          .forEach(run -> guarded(run, () -> index(run, known).ifPresent(found::add)));
      return found;
    } catch (IOException e) {
      throw FileFailures.reading(where, e);
    }
  }

  private Optional<Run> index(RunFolder run, Set<String> known) {
    return known.contains(run.name()) || !run.started()
        ? Optional.empty()
        : lab.store().queue().adopt(run.read()).map(id -> follow(id, run));
  }

  /** As a run of the queue does when it is done; once. */
  private void keepPictures(long id, RunFolder folder) {
    Run run = follow(id, folder);
    if (run.state() == State.DONE && !pictures.has(run)) {
      pictures.keep(run, keptPictures, Thread.currentThread()::isInterrupted);
    }
  }

  /**
   * Looks for trainings that other processes began, went on with or removed; never fails for one.
   * Folders are listed only when something was added to them or removed.
   */
  void look() {
    try {
      runs.changed().ifPresent(names -> lookAt(Runner.RUNS, names));
      evaluations.changed().ifPresent(names -> notice(Runner.EVALUATIONS, names));
      follow(lab.store().unfinishedElsewhere());
      lab.store().sizes().measure(home);
    } catch (RigException e) {
      LOG.warn("cannot adopt the runs in {}", home, e);
    }
  }

  /** Follows the runs that may have gone on: all, or those that a process trains or trained. */
  private void follow(List<Store.Elsewhere> unfinished) {
    Map<String, ProcessMark.Found> marks = ProcessMark.found(home.resolve(ProcessMark.RUNNING));
    boolean all = due(unfinished.size());
    for (Store.Elsewhere run : unfinished) {
      Optional<ProcessMark.Found> mark = Optional.ofNullable(marks.get(run.folder()));
      boolean goes = mark.map(ProcessMark.Found::alive).orElse(false);
      String who = mark.map(FoundRuns::who).orElse("");
      RunFolder folder = new RunFolder(home, run.folder());
      if ((all || goes || run.going()) && folder.started()) {
        guarded(
            folder,
            () -> {
              if (grown(run.id(), folder)) {
                follow(run.id(), folder);
              }
              if (goes != run.going() || run.paused() && !who.equals(run.told())) {
                lab.store().goingElsewhere(run.id(), goes, who);
              }
            });
      }
    }
  }

  /** Who trains a run, or did until it fell silent. */
  private static String who(ProcessMark.Found mark) {
    if (mark.host().isEmpty()) {
      return "trained by process " + mark.process();
    }
    Instant last = mark.last().truncatedTo(ChronoUnit.SECONDS);
    return mark.alive()
        ? "trained on %s by process %d, last sign at %s"
            .formatted(mark.host(), mark.process(), last)
        : "no sign of process %d on %s since %s; if it has ended, 'resume' continues the run"
            .formatted(mark.process(), mark.host(), last);
  }

  /** Whether the files of all unfinished runs are looked at: of many, only now and then. */
  private synchronized boolean due(int runs) {
    long now = System.nanoTime();
    boolean due = runs <= FEW || looked == 0 || now - looked > INTERVAL_NANOS;
    if (due) {
      looked = now;
    }
    return due;
  }

  private void lookAt(String parent, Set<String> names) {
    notice(parent, names);
    Set<String> known = lab.store().folders();
    List<RunFolder> fresh = new ArrayList<>();
    for (String name : names) {
      RunFolder folder = new RunFolder(home, parent + "/" + name);
      if (!known.contains(folder.name())) {
        if (folder.started()) {
          fresh.add(folder);
        } else {
          runs.lookAgain();
        }
      }
    }
    for (int i = 0; i < fresh.size(); i += TOGETHER) {
      List<RunFolder> some = fresh.subList(i, Math.min(fresh.size(), i + TOGETHER));
      lab.store().together(() -> some.forEach(run -> guarded(run, () -> index(run, known))));
    }
  }

  /** Removed by hand, or back again. */
  private void notice(String parent, Set<String> names) {
    lab.store().sizes().notice(home, parent, names);
  }

  /** One damaged folder hides no other. */
  private void guarded(RunFolder folder, Runnable action) {
    try {
      action.run();
      damaged.remove(folder.name());
    } catch (RuntimeException e) {
      String before = damaged.put(folder.name(), String.valueOf(e.getMessage()));
      if (before == null) {
        LOG.warn("cannot adopt {}", folder.path(), e);
      }
    }
  }

  /**
   * @return folders of runs that cannot be read, with the reason
   */
  Map<String, String> damaged() {
    return new TreeMap<>(damaged);
  }

  private synchronized boolean grown(long id, RunFolder folder) {
    long length = folder.logged();
    return !Long.valueOf(length).equals(followed.put(id, length));
  }

  private Run follow(long id, RunFolder folder) {
    Store store = lab.store();
    Run before = store.run(id);
    List<LabListener.Point> points =
        folder.points(before.progress().done(), store.points().lastStep(id, "mIoU.t1"));
    RunFolder.Found found = folder.read();
    long done =
        points.stream().mapToLong(LabListener.Point::step).max().orElse(before.progress().done());
    RunFolder.End end = folder.end();
    double seconds = Math.max(before.times().seconds(), folder.seconds());
    if (!points.isEmpty() || before.spec().isEmpty() || seconds > before.times().seconds()) {
      store.describe(id, found);
      store
          .points()
          .add(
              id, new Run.Progress(done, end.done() ? done : found.total(), 0, 0), seconds, points);
    }
    if (end.done()) {
      store.claims().end(id, State.DONE, "");
    } else if (end.failed()) {
      store.claims().fail(id, end.failure());
    } else if (before.state() == State.FAILED) {
      store.claims().end(id, State.PAUSED, "");
    }
    if (end.done() || end.failed()) {
      store.claims().endedAt(id, end.millis());
    }
    return store.run(id);
  }
}
