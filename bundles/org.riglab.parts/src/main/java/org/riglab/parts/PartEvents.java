package org.riglab.parts;

import java.util.Collection;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;

/** Events and data of parts beyond the public registry. */
public interface PartEvents {
  /**
   * @param listener is told about parts that come and go
   */
  void add(Listener listener);

  /**
   * @param listener is told no more
   */
  void remove(Listener listener);

  /**
   * Enters a step that computes with leased parts. A part that disappears meanwhile is revoked at
   * once, but its bundle is held back for a moment so that the step can end.
   *
   * @param leases every lease the step relies on
   * @return close it at the end of the step
   * @throws org.riglab.api.RigException if one is revoked; names part and bundle
   */
  Step enter(Collection<? extends Lease<?>> leases);

  /** A step in progress. */
  interface Step extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Is told about parts that come and go; returns quickly and never throws. Parts that are told of
   * have no options: asking for these would run the plugin.
   */
  interface Listener {
    /**
     * @param bundleId a bundle that is to go: let go of its parts at the next step
     */
    default void retiring(long bundleId) {}

    /**
     * @param part a part that has gone
     */
    default void gone(PartInfo part) {}

    /**
     * @param part a part that has appeared
     */
    default void appeared(PartInfo part) {}
  }
}
