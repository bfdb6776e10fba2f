package org.riglab.training.internal;

/**
 * The learning rate over a run.
 *
 * @param kind poly or constant
 * @param start rate of the first step
 * @param power of poly
 * @param steps of the whole run
 */
record Schedule(String kind, double start, double power, long steps) {

  /**
   * @param step 1 for the first
   * @return the rate of that step; poly: start * (1 - (step - 1) / steps)^power
   */
  double rate(long step) {
    return kind.equals("poly") ? start * Math.pow(1 - (step - 1) / (double) steps, power) : start;
  }
}
