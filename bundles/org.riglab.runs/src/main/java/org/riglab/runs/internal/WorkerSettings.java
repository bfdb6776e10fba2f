package org.riglab.runs.internal;

import java.util.List;

/**
 * How a server's workers are started and ended: see {@link LabConfig}.
 *
 * @param graceSeconds for a step to end
 * @param heapMib of each worker; 0 for an equal share of a quarter of the memory
 * @param threads of each worker; 0 for an equal share of the cores
 * @param options of each worker's virtual machine
 * @param recycleGrowthMib growth between runs after which a worker is replaced; 0 for never
 * @param recycleUpdates of plugins after which it is; 0 for never
 * @param store folder of the store's files; empty for that of the home
 * @param on the cluster of runs that name none; empty for this machine
 */
record WorkerSettings(
    int graceSeconds,
    int heapMib,
    int threads,
    List<String> options,
    int recycleGrowthMib,
    int recycleUpdates,
    String store,
    String on) {
  static WorkerSettings of(LabConfig config) {
    return new WorkerSettings(
        config.grace_seconds(),
        config.worker_heap(),
        config.worker_threads(),
        List.of(config.worker_options()),
        config.recycle_growth(),
        config.recycle_updates(),
        config.store_folder(),
        config.run_on());
  }

  /** Cores of each of so many workers. */
  int threads(int workers) {
    return threads > 0
        ? threads
        : Math.max(1, Runtime.getRuntime().availableProcessors() / Math.max(1, workers));
  }
}
