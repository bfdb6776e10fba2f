package org.riglab.core.internal.network;

import ai.djl.Device;

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
}
