package org.riglab.api.bench;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Another process that makes and changes the networks of the home. A server registers this service
 * for its workers: {@link Networks} asks it, so that the parts of plugins run in a worker and not
 * in the server.
 */
@ProviderType
public interface NetworkHost {
  /**
   * As {@link Networks#assemble}.
   *
   * @param name of the network
   * @param spec what to assemble
   * @param replace whether an existing network of that name is replaced
   * @throws org.riglab.api.RigException as there; UNAVAILABLE if no worker is ready
   */
  void assemble(String name, NetworkSpec spec, boolean replace);

  /**
   * As {@link Networks#swap}.
   *
   * @param name of the network
   * @param spec the new spec
   * @return the result of the transfer
   * @throws org.riglab.api.RigException as there; UNAVAILABLE if no worker is ready
   */
  WeightTransfer swap(String name, NetworkSpec spec);
}
