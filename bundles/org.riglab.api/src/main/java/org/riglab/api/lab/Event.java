package org.riglab.api.lab;

import java.time.Instant;

/**
 * Something that happened to a run or the lab; kept.
 *
 * @param sequence larger than that of every event before, across restarts
 * @param time by the wall clock, which may jump
 * @param run the run's id; 0 for the lab
 * @param type what kind of thing
 * @param text one line
 */
public record Event(long sequence, Instant time, long run, Type type, String text) {
  /** What kind of thing happened. */
  public enum Type {
    /** A run was submitted. */
    SUBMITTED,
    /** A run's state changed; the text begins with the new one. */
    STATE,
    /** A run had something to say. */
    MESSAGE,
    /** A network was evaluated, in a training or for itself. */
    EVALUATED,
    /** Priority, order or what is asked of a run changed. */
    CHANGED,
    /** The watchdog found something. */
    WARNING,
    /** A server started or stopped. */
    SERVER
  }
}
