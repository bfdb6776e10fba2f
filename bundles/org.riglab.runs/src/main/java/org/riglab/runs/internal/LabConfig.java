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
   * @return whether the oldest ended runs are archived where {@link #max_runs} is reached, before a
   *     run is kept from starting
   */
  boolean archive_oldest() default false;

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
   * @return MiB that a worker may hold before its run is paused and a fresh worker takes its place;
   *     0 for no limit
   */
  long max_memory() default 0;

  /**
   * @return minutes without a step after which a run counts as stalled
   */
  double stall_minutes() default 10;

  /**
   * @return minutes without a step, or image of an evaluation, after which a worker is killed and
   *     replaced; 0 for no limit. First steps read all data and compile
   */
  double step_minutes() default 60;

  /**
   * @return processes that may die in a row while a run makes no step, before it fails
   */
  int crash_limit() default 10;

  /**
   * @return seconds that a server which is told to end gives each worker for its step
   */
  int grace_seconds() default 60;

  /**
   * @return MiB of each worker's heap; 0 for an equal share of a quarter of the memory
   */
  int worker_heap() default 0;

  /**
   * @return threads of each worker; 0 for an equal share of the cores
   */
  int worker_threads() default 0;

  /**
   * @return options of each worker's virtual machine
   */
  String[] worker_options() default {};

  /**
   * @return MiB by which a worker may grow after its first run before a fresh one takes its place
   *     between two runs; 0 for no limit
   */
  int recycle_growth() default 1024;

  /**
   * @return updates of plugins after which a fresh worker takes the place between two runs; 0 for
   *     no limit
   */
  int recycle_updates() default 1000;

  /**
   * @return cluster that executes runs which name neither a cluster nor a device; empty for this
   *     machine
   */
  String run_on() default "";

  /**
   * @return folder of the store's files; empty for {@code lab} of the home. The job of a cluster
   *     has one of its own
   */
  String store_folder() default "";
}
