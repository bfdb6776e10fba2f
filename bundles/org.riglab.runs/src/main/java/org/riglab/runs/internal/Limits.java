package org.riglab.runs.internal;

import java.util.List;
import org.riglab.api.engine.Devices;

/**
 * What the lab may use: see {@link LabConfig}.
 *
 * @param devices to work on, at least one
 * @param minFreeDisk bytes
 * @param maxRuns bytes; 0 for no limit
 * @param archiveOldest whether the oldest ended runs are archived where they take more
 * @param minFreeMemory bytes; 0 for no limit
 * @param pictures that a run keeps
 * @param maxMemory bytes; 0 for no limit
 * @param stallMinutes until a run counts as stalled
 * @param stepMinutes until a run without a step is ended; 0 for never
 * @param crashLimit processes that may die in a row
 */
record Limits(
    List<String> devices,
    long minFreeDisk,
    long maxRuns,
    boolean archiveOldest,
    long minFreeMemory,
    int pictures,
    long maxMemory,
    double stallMinutes,
    double stepMinutes,
    int crashLimit) {
  private static final int MIB = 20;

  static Limits of(LabConfig config, Devices present) {
    return new Limits(
        config.devices().length == 0 ? present.names() : List.of(config.devices()),
        config.min_free_disk() << MIB,
        config.max_runs() << MIB,
        config.archive_oldest(),
        config.min_free_memory() << MIB,
        config.pictures(),
        config.max_memory() << MIB,
        config.stall_minutes(),
        config.step_minutes(),
        config.crash_limit());
  }
}
