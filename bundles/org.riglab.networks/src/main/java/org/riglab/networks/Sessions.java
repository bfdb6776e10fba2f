package org.riglab.networks;

import ai.djl.Device;
import org.riglab.api.bench.Bench.Transfer;
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

  /**
   * Assembles another network from a network's weights, as {@link org.riglab.api.bench.Bench#swap}
   * would; the network stays as it is.
   *
   * @param network a network's name; it may be in use
   * @param spec of the variant
   * @param device where it shall compute
   * @return the variant, gone once its session is closed
   */
  Variant variant(String network, NetworkSpec spec, Device device);

  /**
   * A network made from another one's weights.
   *
   * @param session to be closed; it cannot be saved
   * @param weights what it is made of
   * @param trainedOn what the weights were trained on
   */
  record Variant(Session session, Transfer weights, TrainedOn trainedOn) implements AutoCloseable {
    @Override
    public void close() {
      session.close();
    }
  }
}
