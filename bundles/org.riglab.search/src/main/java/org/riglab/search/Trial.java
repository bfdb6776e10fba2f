package org.riglab.search;

import java.util.List;
import java.util.Map;

/**
 * One configuration of a search and its result.
 *
 * @param number 1 or more
 * @param state whether it has ended, and how
 * @param score best value of the metric in all evaluations, mean of all seeds; NaN if there is none
 * @param step of the last evaluation
 * @param values by field
 * @param rungs scores at the rungs of successive halving that it has reached
 * @param runs of the queue, one per seed; 0 before it is queued
 * @param networks names, one per seed
 * @param training options of the training of the first seed
 */
public record Trial(
    int number,
    State state,
    double score,
    long step,
    Map<String, Object> values,
    List<Double> rungs,
    List<Long> runs,
    List<String> networks,
    Map<String, Object> training) {
  /** States of trials. */
  public enum State {
    /** Its runs wait or run. */
    OPEN,
    /** Its runs are done. */
    DONE,
    /** Stopped because others were better at the same step. */
    PRUNED,
    /** A run failed. */
    FAILED,
    /** A run was cancelled by a user. */
    CANCELLED
  }
}
