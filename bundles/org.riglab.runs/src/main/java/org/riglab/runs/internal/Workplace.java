package org.riglab.runs.internal;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.riglab.api.bench.PluginHost;

/** Where a server or a worker works. */
interface Workplace {
  /**
   * Begins to work on the queue.
   *
   * @throws org.riglab.api.RigException if another process does, or the store cannot be opened
   */
  void serve();

  /**
   * Makes this process a worker: it does the runs that a server gives it over a link.
   *
   * @param place whose runs it does
   * @param in what the server says
   * @param out what it reads
   * @param plugins that run in this process
   * @param end ends the process, in order
   * @return the loop, not yet started
   */
  WorkLoop work(Place place, InputStream in, OutputStream out, PluginHost plugins, Runnable end);

  /**
   * Makes this process the job of a cluster.
   *
   * @param folder of the run, as the server has made it
   * @param device to compute on
   * @return the job, not yet started
   * @throws org.riglab.api.RigException NOT_FOUND if the folder is none of a submitted run
   */
  ClusterJob job(String folder, String device);

  /** What looks after the workers, in a server. */
  Optional<Supervisor> supervisor();

  /** Ends it: every run ends its step and writes a checkpoint. */
  void drain();
}
