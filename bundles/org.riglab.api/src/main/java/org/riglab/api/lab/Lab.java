package org.riglab.api.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Runs: the queue, what becomes of it, and what was. All of it lies in the home and outlives the
 * process. Any number of processes may ask and order at the same time; one, the server, works on
 * the queue. Thread safe; no call waits for a run unless it says so.
 */
@ProviderType
public interface Lab {
  /**
   * Puts runs into the queue. All of them or none.
   *
   * @param request what to do
   * @return the runs, in order
   * @throws org.riglab.api.RigException if there is no such option, network or run to wait for
   */
  List<Run> submit(Request request);

  /**
   * @param query which
   * @return the newest first; queued ones first of all, in the order of the queue, where only such
   *     are asked for
   */
  Page list(Query query);

  /**
   * @param id of a run
   * @return the run as it stands
   * @throws org.riglab.api.RigException if there is none
   */
  Run run(long id);

  /**
   * @param id of a run
   * @return names of the metrics it has points of, sorted: {@code loss}, {@code lr}, {@code
   *     mIoU.t1} for iteration 1, {@code IoU.CLASS} for a class in the last iteration, ...
   */
  List<String> metrics(long id);

  /**
   * @param id of a run
   * @param metric one of {@link #metrics}
   * @param maxPoints 1 or more
   * @return the curve; empty if there are no points
   */
  Curve curve(long id, String metric, int maxPoints);

  /**
   * @param after a sequence number; 0 for the first
   * @param limit 1 or more
   * @return events after it, oldest first
   */
  List<Event> events(long after, int limit);

  /**
   * @param id of a run
   * @param limit 1 or more
   * @return its last events, oldest first
   */
  List<Event> eventsOf(long id, int limit);

  /**
   * @param listener is told from now on
   * @return ends it
   */
  Registration listen(LabListener listener);

  /**
   * Takes a run out of the queue for a while; one that runs ends its step and writes a checkpoint.
   *
   * @param id of a run
   * @return the run as it then stands: one that runs goes on until its step is done
   * @throws org.riglab.api.RigException if it has ended
   */
  Run pause(long id);

  /**
   * Puts a paused run back into the queue.
   *
   * @param id of a run
   * @return the run as it then stands
   * @throws org.riglab.api.RigException if it is not paused
   */
  Run resume(long id);

  /**
   * Ends a run; its checkpoint stays.
   *
   * @param id of a run
   * @return the run as it then stands: one that runs goes on until its step is done
   * @throws org.riglab.api.RigException if it has ended
   */
  Run cancel(long id);

  /**
   * Puts a failed or cancelled run back into the queue; it goes on from its last checkpoint.
   *
   * @param id of a run
   * @return the run as it then stands
   * @throws org.riglab.api.RigException if it has not failed and was not cancelled
   */
  Run retry(long id);

  /**
   * @param id of a queued or paused run
   * @param priority see {@link Request}
   * @return the run as it then stands
   */
  Run prioritise(long id, int priority);

  /**
   * Moves a queued run; it takes the priority of the one it is put in front of.
   *
   * @param id of a queued run
   * @param before id of the queued run that shall come right after it; 0 for the end of the queue
   * @return the queue, in order
   */
  List<Run> reorder(long id, long before);

  /**
   * Puts a run into the queue that repeats another one, from the same initial weights, in a network
   * of its own, {@code NETWORK-replay-ID}.
   *
   * @param id of a run that has started
   * @return the new run; {@link #compare} tells it from the old one
   */
  Run replay(long id);

  /**
   * @param first id of a run
   * @param second id of another
   * @return both, side by side
   */
  Comparison compare(long first, long second);

  /**
   * @param id of a run
   * @return its files, relative to its folder, with slashes, sorted; empty before it has started
   */
  List<RunFile> files(long id);

  /**
   * @param id of a run
   * @param name of one of its files
   * @return where it is
   * @throws org.riglab.api.RigException if there is no such file inside the run's folder
   */
  Path file(long id, String name);

  /**
   * @return SHA-256 of every bundle that a part of a run came from, also of those that a run left
   *     for another version on its way: what has to be kept so that runs can be repeated
   * @throws org.riglab.api.RigException if a run's files are damaged and cannot tell
   */
  Set<String> digests();

  /**
   * Takes the trainings of a folder into the store that were made elsewhere, or by {@code train}.
   * Where the folder is that of one training, and that is done, it gets the pictures that a run of
   * the queue would keep; they need its network.
   *
   * @param folder that holds runs, or one
   * @return the runs that are new
   */
  List<Run> index(Path folder);

  /**
   * Works on the queue in this process until a run has ended or paused, on the calling thread.
   * Where a server works on it already, waits for the server to get there.
   *
   * @param id of a run
   * @param watcher is told of the run's state about once a second
   * @return the run as it then stands; also if the thread is interrupted
   */
  Run await(long id, Consumer<Run> watcher);

  /**
   * @return how the lab is, within milliseconds
   */
  Health health();

  /**
   * Which runs.
   *
   * @param states empty for all
   * @param kinds empty for all
   * @param text that id, name, network, error or spec contain, whatever the case; empty for any
   * @param sweep id of a sweep; 0 for any
   * @param offset runs to leave out
   * @param limit runs at most
   */
  record Query(
      Set<Run.State> states, Set<Run.Kind> kinds, String text, long sweep, int offset, int limit) {
    /** The first thousand. */
    public static final Query ALL = new Query(Set.of(), Set.of(), "", 0, 0, 1000);

    /**
     * @param states which
     * @return runs in these states
     */
    public static Query of(Run.State... states) {
      return new Query(Set.of(states), Set.of(), "", 0, 0, 1000);
    }
  }

  /**
   * Some of the runs asked for.
   *
   * @param runs these
   * @param total how many there are altogether
   */
  record Page(List<Run> runs, long total) {}

  /**
   * A file of a run.
   *
   * @param name relative to the run's folder, with slashes
   * @param bytes its size
   */
  record RunFile(String name, long bytes) {}

  /** Somebody listens. */
  @ProviderType
  interface Registration extends AutoCloseable {
    /** Ends it. Closing twice does nothing. */
    @Override
    void close();
  }
}
