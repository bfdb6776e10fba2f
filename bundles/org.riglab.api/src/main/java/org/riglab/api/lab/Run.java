package org.riglab.api.lab;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run, as it stands.
 *
 * @param id 1 or more, in the order of submission; never used again
 * @param name for people
 * @param kind what it does
 * @param state where it stands
 * @param network name of the network
 * @param networkSpec of the network; empty until it is known
 * @param spec of the training or evaluation: what was asked for, complete once it has started
 * @param seed of the training; 0 for an evaluation
 * @param priority runs of a higher one start first
 * @param after ids of runs that must be done first
 * @param device where it runs; before it has started what was asked for
 * @param sweep id of the sweep's first run; 0 for none
 * @param replayOf id of the run that this one repeats; 0 for none
 * @param data what identifies the data, fingerprints among it; empty before it has started
 * @param parts {@code KIND NAME} to {@code BUNDLE VERSION SHA-256}; empty before it has started
 * @param progress how far it is
 * @param metrics last value of each metric
 * @param error why it failed; or why it waits or paused, in one line; empty for nothing to say
 * @param warnings of the watchdog, one line each
 * @param times when and how long
 * @param folder name of its folder in the home, with slashes; empty before it has started
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
    String folder) {

  /** What a run does. */
  public enum Kind {
    /** Trains a network. */
    TRAIN,
    /** Evaluates a network. */
    EVAL
  }

  /** Where a run stands. */
  public enum State {
    /** Waits for its turn, its dependencies or its device. */
    QUEUED,
    /** Runs; or ran in a process that was killed, and continues when a server starts. */
    RUNNING,
    /** Waits for somebody to resume it. */
    PAUSED,
    /** Did all it should. */
    DONE,
    /** Ended with an error; can be retried from its last checkpoint. */
    FAILED,
    /** Somebody ended it; can be retried from its last checkpoint. */
    CANCELLED;

    /**
     * @return whether nothing more happens unless somebody retries it
     */
    public boolean ended() {
      return this == DONE || this == FAILED || this == CANCELLED;
    }
  }

  /**
   * How far a run is.
   *
   * @param done steps of a training, images of an evaluation
   * @param total of these; 0 until it is known
   * @param imagesPerSecond over the last steps; 0 while it does not run
   * @param secondsLeft estimate; 0 while it does not run
   */
  public record Progress(long done, long total, double imagesPerSecond, double secondsLeft) {}

  /**
   * When, by the wall clock, which may jump: order runs by id, and trust {@code seconds} only.
   *
   * @param submitted when it was asked for
   * @param started when it first ran
   * @param ended when it was done, failed or was cancelled
   * @param seconds it has run altogether, by a clock that does not jump
   */
  public record Times(
      Instant submitted, Optional<Instant> started, Optional<Instant> ended, double seconds) {}
}
