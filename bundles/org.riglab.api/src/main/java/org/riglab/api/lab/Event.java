package org.riglab.api.lab;

import java.time.Instant;

/**
 * A stored event of a run or the lab.
 *
 * @param sequence sequence number, ascending, also across restarts
 * @param time by the wall clock, which may jump
 * @param run the run's id; 0 for the lab
 * @param type of the event
 * @param text one line
 */
public record Event(long sequence, Instant time, long run, Type type, String text) {
  /** Types of events. */
  public enum Type {
    /** A run was submitted. */
    SUBMITTED,
    /** A run's state changed; the text begins with the new one. */
    STATE,
    /** A message of a run. */
    MESSAGE,
    /** A network was evaluated, during a training or by an evaluation run. */
    EVALUATED,
    /** Priority, position or the requested state of a run changed. */
    CHANGED,
    /** A warning of the watchdog. */
    WARNING,
    /** A server started or stopped. */
    SERVER
  }
}
