package org.riglab.api.lab;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;

/**
 * The state of a run.
 *
 * @param id 1 or more, in the order of submission; never reused
 * @param name for users
 * @param kind of the run
 * @param state of the run
 * @param network name of the network
 * @param networkSpec of the network; empty until known
 * @param spec of the training or evaluation: as requested, complete once the run has started
 * @param seed of the training; 0 for an evaluation
 * @param priority runs with a higher priority start first
 * @param after ids of runs that must be done first
 * @param device device that it uses; the requested one before it has started
 * @param sweep id of the sweep's first run; 0 for none
 * @param replayOf id of the run that this one repeats; 0 for none
 * @param data identification of the data, including fingerprints; empty before it has started
 * @param parts maps {@code KIND NAME} to {@code BUNDLE VERSION SHA-256}; empty before it has
 *     started
 * @param progress of the run
 * @param metrics last value of each metric
 * @param error why it failed, waits or is paused, or which process outside of the queue trains it,
 *     in one line; may be empty
 * @param warnings of the watchdog, one line each
 * @param times of the run
 * @param folder name of its folder in the home, with slashes; empty before it has started
 * @param tags of users, sorted
 * @param note of users; may be empty and have several lines
 * @param storage what its files take
 * @param failure kind of the failure of a failed run; empty in all other states, and where it is
 *     not known
 */
public record Run(
    long id,
    String name,
    Kind kind,
    State state,
    String network,
    Map<String, Object> networkSpec,
    Map<String, Object> spec,
    long seed,
    int priority,
    List<Long> after,
    String device,
    long sweep,
    long replayOf,
    Map<String, Object> data,
    Map<String, String> parts,
    Progress progress,
    Map<String, Double> metrics,
    String error,
    List<String> warnings,
    Times times,
    String folder,
    List<String> tags,
    String note,
    Storage storage,
    Optional<RigException.Kind> failure) {

  /**
   * A run without tags and note, whose files have not been measured.
   *
   * @param id see {@link #id()}
   * @param name see {@link #name()}
   * @param kind see {@link #kind()}
   * @param state see {@link #state()}
   * @param network see {@link #network()}
   * @param networkSpec see {@link #networkSpec()}
   * @param spec see {@link #spec()}
   * @param seed see {@link #seed()}
   * @param priority see {@link #priority()}
   * @param after see {@link #after()}
   * @param device see {@link #device()}
   * @param sweep see {@link #sweep()}
   * @param replayOf see {@link #replayOf()}
   * @param data see {@link #data()}
   * @param parts see {@link #parts()}
   * @param progress see {@link #progress()}
   * @param metrics see {@link #metrics()}
   * @param error see {@link #error()}
   * @param warnings see {@link #warnings()}
   * @param times see {@link #times()}
   * @param folder see {@link #folder()}
   */
  public Run(
      long id,
      String name,
      Kind kind,
      State state,
      String network,
      Map<String, Object> networkSpec,
      Map<String, Object> spec,
      long seed,
      int priority,
      List<Long> after,
      String device,
      long sweep,
      long replayOf,
      Map<String, Object> data,
      Map<String, String> parts,
      Progress progress,
      Map<String, Double> metrics,
      String error,
      List<String> warnings,
      Times times,
      String folder) {
    this(
        id,
        name,
        kind,
        state,
        network,
        networkSpec,
        spec,
        seed,
        priority,
        after,
        device,
        sweep,
        replayOf,
        data,
        parts,
        progress,
        metrics,
        error,
        warnings,
        times,
        folder,
        List.of(),
        "",
        new Storage(folder.isEmpty() ? Files.NONE : Files.PRESENT, 0),
        Optional.empty());
  }

  /** Kinds of runs. */
  public enum Kind {
    /** Trains a network. */
    TRAIN,
    /** Evaluates a network. */
    EVAL
  }

  /** States of runs. */
  public enum State {
    /** Waits in the queue, or for its dependencies or its device. */
    QUEUED,
    /**
     * Is running; or was running in a process that was killed, and continues when a server starts.
     */
    RUNNING,
    /** Paused; continues when it is resumed. */
    PAUSED,
    /** Finished successfully. */
    DONE,
    /** Ended with an error; can be retried from its last checkpoint. */
    FAILED,
    /** Was cancelled; can be retried from its last checkpoint. */
    CANCELLED;

    /**
     * @return whether the run has ended and continues only if it is retried
     */
    public boolean ended() {
      return this == DONE || this == FAILED || this == CANCELLED;
    }
  }

  /** Where the files of a run are. */
  public enum Files {
    /** It has not started. */
    NONE,
    /** In its folder. */
    PRESENT,
    /** In an archive, without checkpoints; see {@link Lab#archive}. */
    ARCHIVED,
    /** They were removed by hand. */
    MISSING
  }

  /**
   * The files of a run.
   *
   * @param files where they are
   * @param bytes their size when it was last measured; 0 until then
   */
  public record Storage(Files files, long bytes) {}

  /**
   * The progress of a run.
   *
   * @param done finished steps of a training, or images of an evaluation
   * @param total number of steps or images; 0 until known
   * @param imagesPerSecond over the last steps; over the whole run while it does not run; 0 until
   *     known
   * @param secondsLeft estimate; 0 while it does not run
   */
  public record Progress(long done, long total, double imagesPerSecond, double secondsLeft) {}

  /**
   * Times of a run. Instants are of the wall clock, which may be adjusted: order runs by id, and
   * use {@code seconds} for durations.
   *
   * @param submitted when it was submitted
   * @param started when it first ran
   * @param ended when it was done, failed or was cancelled
   * @param seconds total running time, by a monotonic clock
   */
  public record Times(
      Instant submitted, Optional<Instant> started, Optional<Instant> ended, double seconds) {}
}
