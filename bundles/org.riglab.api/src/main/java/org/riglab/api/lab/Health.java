package org.riglab.api.lab;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The state of the lab.
 *
 * @param server whether this process executes the queue
 * @param owner the process that executes it, as text; empty for none
 * @param checks disk, memory, store, and one per warning of the watchdog
 * @param runs number of runs by state
 * @param workers one per device of this process
 * @param freeDiskBytes free space of the home's file system
 * @param residentBytes resident set size of this process; 0 if unknown
 */
public record Health(
    boolean server,
    Optional<String> owner,
    List<Check> checks,
    Map<Run.State, Long> runs,
    List<Worker> workers,
    long freeDiskBytes,
    long residentBytes) {
  /**
   * @return the worst of the checks
   */
  public Status status() {
    return checks.stream().map(Check::status).max(Status::compareTo).orElse(Status.OK);
  }

  /** Severity of a check. */
  public enum Status {
    /** No problem. */
    OK,
    /** A problem that needs attention. */
    WARN,
    /** Work has stopped or will stop soon. */
    CRITICAL
  }

  /**
   * The result of one check.
   *
   * @param name for example disk, memory, store, run 7
   * @param status severity
   * @param text one line
   */
  public record Check(String name, Status status, String text) {}

  /** A service whose checks are part of {@link Lab#health()}. */
  @ConsumerType
  @FunctionalInterface
  public interface Source {
    /**
     * @return the current results; empty if there is nothing to report
     */
    List<Check> checks();
  }

  /**
   * The current work of a device.
   *
   * @param device cpu, gpu0, ...
   * @param run id of the run; 0 for none
   */
  public record Worker(String device, long run) {}
}
