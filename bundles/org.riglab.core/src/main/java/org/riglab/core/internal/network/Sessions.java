package org.riglab.core.internal.network;

import ai.djl.Device;
import org.riglab.api.bench.NetworkSpec;

/** Opens sessions. */
public interface Sessions {
  /**
   * @param network a network's name
   * @param user who uses it, for example {@code run rig-3}
   * @param device where it shall compute; it moves there
   * @return the session
   * @throws org.riglab.api.RigException if there is no such network, or it is in use; names its
   *     user
   */
  Session open(String network, String user, Device device);

  /**
   * Assembles a network that has no name and no place in the home, and is gone once the session is
   * closed.
   *
   * @param spec of the network
   * @param device where it shall compute
   * @return the session; it cannot be saved
   * @throws org.riglab.api.RigException if it cannot be assembled
   */
  Session open(NetworkSpec spec, Device device);
}
