package org.riglab.runs.cluster;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A cluster whose jobs are runs. A service of this type makes its {@link #name} a device that runs
 * can ask for. A job executes {@code worker --once FOLDER} of the distribution, for the same home,
 * which the cluster's machines see at the same path. It writes only into the folder.
 *
 * <p>A job that receives SIGTERM ends its step, writes a checkpoint and exits; started once more,
 * it continues. The methods are called by one thread of the server and may take seconds.
 */
@ConsumerType
public interface Cluster {
  /**
   * @return a lower-case word, such as {@code slurm}; the device of its runs
   */
  String name();

  /**
   * Checks what a request asks of the cluster, before it becomes a run.
   *
   * @param options by name, for example {@code partition}
   * @throws org.riglab.api.RigException INVALID if there is no such option or its value cannot be;
   *     UNAVAILABLE if the cluster's commands cannot be executed on this machine
   */
  void check(Map<String, String> options);

  /**
   * Submits jobs: all of them, or none on failure.
   *
   * @param tasks of one request, with the same options; 1 or more
   * @return the ids of the jobs, in order
   * @throws org.riglab.api.RigException UNAVAILABLE if the cluster does not answer, INVALID if it
   *     refuses the jobs
   */
  List<String> submit(List<Task> tasks);

  /**
   * @param jobs their ids
   * @return the current state of each; a job that the cluster no longer knows is absent
   * @throws org.riglab.api.RigException UNAVAILABLE if the cluster does not answer
   */
  Map<String, Status> status(Collection<String> jobs);

  /**
   * Ends a job or removes it from the cluster's queue. Nothing happens if it has ended.
   *
   * @param job its id
   * @throws org.riglab.api.RigException UNAVAILABLE if the cluster does not answer
   */
  void cancel(String job);

  /**
   * What a job is to do.
   *
   * @param title for people, without control characters
   * @param folder of the run, absolute
   * @param options as {@link #check} has accepted them
   */
  record Task(String title, Path folder, Map<String, String> options) {}

  /**
   * How a job stands.
   *
   * @param phase its state
   * @param reason in the words of the cluster; may be empty
   */
  record Status(Phase phase, String reason) {}

  /** The states of a job. */
  enum Phase {
    /** It waits, for the first time or once more. */
    PENDING,
    /** It is executed. */
    RUNNING,
    /** It was ended because its time was over. */
    TIMED_OUT,
    /** Somebody has cancelled it. */
    CANCELLED,
    /** It has ended in any other way. */
    ENDED
  }
}
