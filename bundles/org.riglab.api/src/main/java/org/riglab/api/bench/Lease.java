package org.riglab.api.bench;

import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.Provider;

/**
 * A lease of a plugin's service, which is the only way to use it. While a lease is open, an orderly
 * update or removal of the bundle waits. If the bundle is stopped nevertheless, the lease is
 * revoked.
 *
 * @param <P> the kind
 */
@ProviderType
public interface Lease<P extends Provider> extends AutoCloseable {
  /**
   * @return the service; call this method for each use instead of storing the result
   * @throws org.riglab.api.RigException if the lease is closed or revoked; the message names part
   *     and bundle
   */
  P service();

  /**
   * @return the leased part and its bundle
   */
  PartInfo part();

  /**
   * @return whether the bundle is about to be replaced or removed: finish the step, close this
   *     lease and acquire a new one
   */
  boolean retiring();

  /**
   * @return whether the service is gone: objects created by it must not be used any more
   */
  boolean revoked();

  /** Releases the service. Closing twice has no effect. */
  @Override
  void close();
}
