package org.riglab.api.bench;

import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.Provider;

/**
 * The only way to hold a plugin's service. While a lease is open its bundle is not updated or
 * removed in an orderly way; when the bundle goes all the same, the lease is revoked.
 *
 * @param <P> the kind
 */
@ProviderType
public interface Lease<P extends Provider> extends AutoCloseable {
  /**
   * @return the service; ask again each time instead of keeping it
   * @throws org.riglab.api.RigException if the lease is closed or revoked; names part and bundle
   */
  P service();

  /**
   * @return what is leased, and from which bundle
   */
  PartInfo part();

  /**
   * @return whether the bundle is about to be replaced or removed: finish the step, close this
   *     lease and take a new one
   */
  boolean retiring();

  /**
   * @return whether the service has gone: nothing made by it may be used any more
   */
  boolean revoked();

  /** Gives the service back. Closing twice does nothing. */
  @Override
  void close();
}
