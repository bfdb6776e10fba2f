package org.riglab.runs.internal;

/** Settings of the lab: configuration PID {@value #PID}. */
@interface LabConfig {
  /** The PID. */
  String PID = "org.riglab.runs";

  /**
   * @return devices to work on, one run at a time each; empty for all GPUs, or the CPU where there
   *     is none
   */
  String[] devices() default {};

  /**
   * @return MiB below which no run starts
   */
  long min_free_disk() default 1024;

  /**
   * @return MiB that all runs together may take before no other one starts; 0 for no limit
   */
  long max_runs() default 0;

  /**
   * @return MiB of memory that must be available for a run to start, and below which one is paused;
   *     0 for no limit
   */
  long min_free_memory() default 256;

  /**
   * @return images of its validation split whose pictures a run keeps when it is done; 0 for none
   */
  int pictures() default 4;

  /**
   * @return MiB that this process may hold before runs are paused and none starts; 0 for no limit
   */
  long max_memory() default 0;

  /**
   * @return minutes without a step after which a run counts as stalled
   */
  double stall_minutes() default 10;

  /**
   * @return minutes without a step, or image of an evaluation, after which a run fails and a thread
   *     that does not answer is abandoned; 0 for no limit. First steps read all data and compile
   */
  double step_minutes() default 60;

  /**
   * @return processes that may die in a row while a run makes no step, before it fails
   */
  int crash_limit() default 10;
}
