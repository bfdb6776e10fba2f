package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Stores, assembles and changes networks. A network is stored under {@code models/NAME} in the home
 * as a spec and weights, so that another process can use it. Thread safe. A network that is being
 * trained or evaluated cannot be changed; it can be listed and described.
 */
@ProviderType
public interface Networks {
  /**
   * @return the directory of models, runs and plugins
   */
  Path home();

  /**
   * Reads a spec: Riglab's own, a parity case's, or the bare object under its {@code spec}.
   *
   * @param json the parsed JSON object
   * @param where its source, for error messages
   * @return the spec; parts and options are checked by {@link #check} and when it is assembled
   * @throws org.riglab.api.RigException INVALID if a key is unknown or ill-typed
   */
  NetworkSpec spec(Map<String, ?> json, String where);

  /**
   * Checks whether a spec can be assembled, as far as that shows without weights: its parts exist,
   * take their options and fit together. Nothing is stored, and no engine is loaded.
   *
   * @param spec what would be assembled
   * @throws org.riglab.api.RigException as {@link #assemble} throws it
   */
  void check(NetworkSpec spec);

  /**
   * @param spec a spec
   * @return its JSON, readable by {@link #spec}
   */
  String json(NetworkSpec spec);

  /**
   * Assembles a network, initialises its weights and stores it.
   *
   * @param name letters, digits, dot, dash and underscore
   * @param spec what to assemble
   * @param replace whether an existing network of that name is replaced
   * @return the network
   * @throws org.riglab.api.RigException CONFLICT if the name is taken, BUSY if that network is in
   *     use, NOT_FOUND if a part does not exist, INVALID if an option does not exist
   */
  Network assemble(String name, NetworkSpec spec, boolean replace);

  /**
   * @return the names of all networks, sorted
   */
  List<String> names();

  /**
   * @param name a network
   * @return the network; its weights are not loaded
   * @throws org.riglab.api.RigException NOT_FOUND if there is none; the message names the existing
   *     ones
   */
  Network get(String name);

  /**
   * Exchanges parts of a network. Weights whose names and shapes match are kept. Weights that the
   * new parts do not have are stored separately and restored when a part with that name and these
   * options is used again. All others are initialised from the spec's seed. On failure the network
   * is unchanged.
   *
   * @param name a network
   * @param spec the new spec
   * @return the result of the transfer
   * @throws org.riglab.api.RigException BUSY if the network is in use
   */
  WeightTransfer swap(String name, NetworkSpec spec);

  /**
   * Removes a network from memory and home.
   *
   * @param name a network
   * @throws org.riglab.api.RigException BUSY if the network is in use
   */
  void discard(String name);

  /**
   * Frees the copy of a network in memory, unless it is in use; the next use reads it from the
   * home.
   *
   * @param name a network
   */
  void release(String name);
}
