package org.riglab.api.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The queue, running and past runs. They are stored in the home and survive restarts. Any number of
 * processes may use a lab concurrently; one of them, the server, executes the queue. Thread safe.
 * No method waits for a run unless stated.
 */
@ProviderType
public interface Lab {
  /**
   * Adds runs to the queue: all of them, or none on failure.
   *
   * @param request the runs
   * @return the runs, in order
   * @throws org.riglab.api.RigException if there is no such option, network or run to wait for
   */
  List<Run> submit(Request request);

  /**
   * @param query the filter
   * @return the runs in the order of {@link Query#sort}; if that is empty, newest first, and in the
   *     order of the queue if only queued runs are requested
   * @throws org.riglab.api.RigException INVALID if {@link Query#where} or {@link Query#sort} is
   *     wrong: names the fields
   */
  Page list(Query query);

  /**
   * @return names of the fields that {@link Query#where} and {@link Query#sort} know, those of
   *     every run first, then those of specs, networks, data and metrics of stored runs, sorted
   */
  List<String> fields();

  /**
   * @param id of a run
   * @return the current state of the run
   * @throws org.riglab.api.RigException if there is none
   */
  Run run(long id);

  /**
   * @param id of a run
   * @return names of its metrics, sorted: {@code loss}, {@code lr}, {@code mIoU.t1} for iteration
   *     1, {@code IoU.CLASS} for a class in the last iteration, ...
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
   * @param listener receives events from now on
   * @return the registration; closing it removes the listener
   */
  Registration listen(LabListener listener);

  /**
   * Pauses a run. A queued run leaves the queue; a running one finishes its step and writes a
   * checkpoint.
   *
   * @param id of a run
   * @return the new state of the run; a running one continues until its step is finished
   * @throws org.riglab.api.RigException if it has ended
   */
  Run pause(long id);

  /**
   * Returns a paused run to the queue.
   *
   * @param id of a run
   * @return the new state of the run
   * @throws org.riglab.api.RigException if it is not paused
   */
  Run resume(long id);

  /**
   * Cancels a run; its checkpoint is kept.
   *
   * @param id of a run
   * @return the new state of the run; a running one continues until its step is finished
   * @throws org.riglab.api.RigException if it has ended
   */
  Run cancel(long id);

  /**
   * Returns a failed or cancelled run to the queue; it continues from its last checkpoint.
   *
   * @param id of a run
   * @return the new state of the run
   * @throws org.riglab.api.RigException if it has not failed and was not cancelled
   */
  Run retry(long id);

  /**
   * @param id of a queued or paused run
   * @param priority see {@link Request}
   * @return the new state of the run
   */
  Run prioritise(long id, int priority);

  /**
   * Moves a queued run in front of another one, whose priority it gets.
   *
   * @param id of a queued run
   * @param before id of the queued run that follows it; 0 for the end of the queue
   * @return the queue, in order
   */
  List<Run> reorder(long id, long before);

  /**
   * Adds a run to the queue that repeats another one, from the same initial weights, in a separate
   * network {@code NETWORK-replay-ID}.
   *
   * @param id of a run that has started
   * @return the new run; {@link #compare} compares it with the old one
   */
  Run replay(long id);

  /**
   * Changes the tags of a run. A tag has 1 to 64 letters, digits and {@code . _ / + -}.
   *
   * @param id of a run
   * @param add tags that it gets
   * @param remove tags that it loses
   * @return the run
   * @throws org.riglab.api.RigException INVALID for a wrong tag or more than 32 of them
   */
  Run tag(long id, Set<String> add, Set<String> remove);

  /**
   * @param id of a run
   * @param text the note that replaces the one before, up to 10,000 characters; empty for none
   * @return the run
   */
  Run note(long id, String text);

  /**
   * Deletes runs that are neither running nor waited for by another run, with their files, curves
   * and events: all of them, or none on failure. Networks are kept, and so are files outside of the
   * home.
   *
   * @param ids of runs
   * @return what was deleted
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such run, CONFLICT if one is
   *     running or another run needs it
   */
  Removal delete(List<Long> ids);

  /**
   * Packs the files of runs that have ended into {@code archive/NAME.zip} of the home and removes
   * their folders: all of them, or none on failure. Of the checkpoints, only the weights of the
   * best one are kept. An archived run is listed and compared as before; to be repeated or retried,
   * it is restored first.
   *
   * @param ids of runs
   * @return what was freed
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such run, CONFLICT if one has not
   *     ended or has no files
   */
  Removal archive(List<Long> ids);

  /**
   * Unpacks the files of archived runs to where they were, without the checkpoints that were not
   * kept.
   *
   * @param ids of runs
   * @return the runs
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such run, CONFLICT if one is not
   *     archived
   */
  List<Run> restore(List<Long> ids);

  /**
   * @param first id of a run
   * @param second id of another
   * @return the comparison
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
   * @return its path
   * @throws org.riglab.api.RigException if there is no such file inside the run's folder
   */
  Path file(long id, String name);

  /**
   * @return SHA-256 of every bundle that a run used, including versions that were replaced during
   *     the run; these are required to repeat the runs
   * @throws org.riglab.api.RigException if the files of a run are damaged
   */
  Set<String> digests();

  /**
   * Adds trainings in a folder to the store that were made by {@code train} or in another home. If
   * the folder is that of one finished training, the pictures that a run of the queue stores are
   * computed; this requires its network.
   *
   * @param folder of runs, or of one run
   * @return the added runs
   */
  List<Run> index(Path folder);

  /**
   * Executes the queue on the calling thread until a run has ended or paused. If a server executes
   * the queue, waits for the server.
   *
   * @param id of a run
   * @param watcher receives the state of the run about once a second
   * @return the new state of the run; also if the thread is interrupted
   */
  Run await(long id, Consumer<Run> watcher);

  /**
   * @return the state of the lab; returns within milliseconds
   */
  Health health();

  /**
   * A filter of runs.
   *
   * @param states empty for all
   * @param kinds empty for all
   * @param text contained in id, name, network, error or spec, ignoring case; empty for any
   * @param sweep id of a sweep; 0 for any
   * @param offset number of runs to skip
   * @param limit maximum number of runs
   * @param where conditions that all hold, for example {@code network.gate=mul-tanh and mIoU>40
   *     tag:paper name~tiny}; empty for none. A condition is {@code FIELD OPERATOR
   *     VALUE[,VALUE...]} with an operator of {@code = : != < <= > >= ~ !~}, where {@code :}
   *     equals, {@code ~} contains (ignoring case), and a value may be quoted. Metrics other than
   *     loss and lr are in percent; times are ISO 8601, durations and ages like {@code 90s}, {@code
   *     12h} or {@code 30d}, sizes like {@code 2GiB}. Fields: see {@link #fields}
   * @param sort names of fields, the most important first, each with {@code -} in front for
   *     descending; runs without a value come last. Empty for the usual order
   */
  record Query(
      Set<Run.State> states,
      Set<Run.Kind> kinds,
      String text,
      long sweep,
      int offset,
      int limit,
      String where,
      List<String> sort) {
    /** All runs, limited to the first 1000. */
    public static final Query ALL = new Query(Set.of(), Set.of(), "", 0, 0, 1000);

    /**
     * Without conditions on fields, in the usual order.
     *
     * @param states see {@link #states()}
     * @param kinds see {@link #kinds()}
     * @param text see {@link #text()}
     * @param sweep see {@link #sweep()}
     * @param offset see {@link #offset()}
     * @param limit see {@link #limit()}
     */
    public Query(
        Set<Run.State> states,
        Set<Run.Kind> kinds,
        String text,
        long sweep,
        int offset,
        int limit) {
      this(states, kinds, text, sweep, offset, limit, "", List.of());
    }

    /**
     * @param where see {@link #where}
     * @param sort see {@link #sort}
     * @param offset see {@link #offset}
     * @param limit see {@link #limit}
     * @return runs that fulfil it
     */
    public static Query where(String where, List<String> sort, int offset, int limit) {
      return new Query(Set.of(), Set.of(), "", 0, offset, limit, where, sort);
    }

    /**
     * @param states which
     * @return runs in these states
     */
    public static Query of(Run.State... states) {
      return new Query(Set.of(states), Set.of(), "", 0, 0, 1000);
    }
  }

  /**
   * A page of a list of runs.
   *
   * @param runs the runs of the page
   * @param total total number of runs
   */
  record Page(List<Run> runs, long total) {}

  /**
   * What was deleted or archived.
   *
   * @param runs as they were before
   * @param bytes that the home takes less
   */
  record Removal(List<Run> runs, long bytes) {}

  /**
   * A file of a run.
   *
   * @param name relative to the run's folder, with slashes
   * @param bytes its size
   */
  record RunFile(String name, long bytes) {}

  /** The registration of a listener. */
  @ProviderType
  interface Registration extends AutoCloseable {
    /** Removes the listener. Closing twice has no effect. */
    @Override
    void close();
  }
}
