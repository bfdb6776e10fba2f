package org.riglab.training.internal;

import java.util.List;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartInfo;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;

/** What a run learns from and is validated on. */
interface Inputs {
  /**
   * @param step steps done
   * @return the batches of the steps after it, on from the first
   */
  Feed feed(long step);

  /**
   * @return whether there is a split to validate on
   */
  boolean validates();

  /**
   * @param session the network
   * @param observer counts images
   * @return scores per iteration
   */
  Evaluation validate(Session session, Observer observer);

  /**
   * @return the parts whose work is in the batches: the transforms
   */
  List<PartInfo> parts();

  /**
   * @return whether a part is about to go, or gone: close the feed, then {@link #renew}
   */
  boolean stale();

  /**
   * Opens the data anew, with the newest parts of the same names.
   *
   * @throws org.riglab.api.RigException if one is missing, or the data are other ones
   */
  void renew();

  /** Batches in order. */
  interface Feed extends AutoCloseable {
    /**
     * @return the next batch; close it after the arrays made of it
     */
    Batch next();

    /**
     * @return nanoseconds that {@link #next} has waited so far
     */
    long waitedNanos();

    @Override
    void close();
  }
}
