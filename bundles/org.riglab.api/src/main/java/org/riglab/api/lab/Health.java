package org.riglab.api.lab;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * How the lab is.
 *
 * @param server whether this process works on the queue
 * @param owner which process does, in words; empty for none
 * @param checks disk, memory, store, and one per warning of the watchdog
 * @param runs how many there are by state
 * @param workers one per device of this process
 * @param freeDiskBytes where the home is
 * @param residentBytes of this process; 0 if the system does not say
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

  /** How bad it is. */
  public enum Status {
    /** As it should be. */
    OK,
    /** Look at it. */
    WARN,
    /** Work has stopped, or will soon. */
    CRITICAL
  }

  /**
   * One thing that was looked at.
   *
   * @param name for example disk, memory, store, run 7
   * @param status how bad it is
   * @param text one line
   */
  public record Check(String name, Status status, String text) {}

  /** A service whose checks are part of {@link Lab#health()}. */
  @ConsumerType
  @FunctionalInterface
  public interface Source {
    /**
     * @return what it looked at, now; empty if there is nothing to report
     */
    List<Check> checks();
  }

  /**
   * What a device does.
   *
   * @param device cpu, gpu0, ...
   * @param run id of the run; 0 for none
   */
  public record Worker(String device, long run) {}
}
