package org.riglab.networks;

import ai.djl.Device;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.WeightTransfer;

/** Opens sessions, and tells what is known of a network without opening one. Thread safe. */
@ProviderType
public interface Sessions {
  /**
   * @param network a network's name; it may be in use
   * @return what its stored weights were trained on; nothing is loaded
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such network
   */
  TrainedOn trainedOn(String network);

  /**
   * @param network a network's name; it may be in use
   * @return its file: the state dict, and everything else in the metadata
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such network
   */
  Path file(String network);

  /**
   * Opens a session where the network is in memory, or on the CPU.
   *
   * @param network a network's name
   * @param user who uses it, for example {@code run rig-3}
   * @return the session
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such network, BUSY if it is in
   *     use; names its user
   */
  Session open(String network, String user);

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
   * As {@link #open(String, String)}, for a session that is saved: until it is closed, no other
   * process of the home can write the network.
   *
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such network, BUSY if it is in use
   *     here or written by another process; names its user
   */
  Session edit(String network, String user);

  /**
   * As {@link #edit(String, String)}.
   *
   * @param device where it shall compute; it moves there
   */
  Session edit(String network, String user, Device device);

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
   * Assembles another network from a network's weights, as {@link
   * org.riglab.api.bench.Networks#swap} would; the network stays as it is.
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
  record Variant(Session session, WeightTransfer weights, TrainedOn trainedOn)
      implements AutoCloseable {
    @Override
    public void close() {
      session.close();
    }
  }
}
