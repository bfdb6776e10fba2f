package org.riglab.api.bench;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/** All providers in the running process, and their users. Thread safe. */
@ProviderType
public interface Registry {
  /**
   * @param kind backbone, head, gate, unroll, dataset, metric, loss or transform; empty for all
   * @return the parts by kind and name; of two with the same name, the one that a lease would get
   */
  List<PartInfo> parts(String kind);

  /**
   * Starts every part of a bundle once, including those that no lease would get, and releases it.
   *
   * @param bundleId a bundle
   * @return its parts; empty if it has none
   * @throws org.riglab.api.RigException if one does not start; the message states the reason
   */
  List<PartInfo> partsOf(long bundleId);

  /**
   * @param <P> the kind
   * @param kind the interface of the kind
   * @param name the part's name
   * @param user the user of the lease, for example {@code network rig}, for messages when the
   *     bundle is removed
   * @return a lease on the newest part of that name whose bundle is not retiring
   * @throws org.riglab.api.RigException if there is none; the message names the existing ones
   */
  <P extends Provider> Lease<P> lease(Class<P> kind, String name, String user);

  /**
   * Checks option values against the declaration of a provider.
   *
   * @param part what is configured, for error messages, for example {@code gate mul-sigmoid}
   * @param provider the provider
   * @param values by option name
   * @return the typed options
   * @throws org.riglab.api.RigException if an option is unknown or has the wrong type; the message
   *     names the option and the allowed values
   */
  Options options(String part, Provider provider, java.util.Map<String, ?> values);

  /**
   * @param bundleId a bundle
   * @return the holders of leases on its parts, sorted
   */
  List<String> users(long bundleId);

  /**
   * Announces the removal of a bundle: no new leases on it are granted, idle networks that use it
   * switch to another part of the same name immediately, runs switch at their next step.
   *
   * @param bundleId the bundle
   */
  void retire(long bundleId);

  /**
   * Reverts {@link #retire}.
   *
   * @param bundleId the bundle
   */
  void reinstate(long bundleId);

  /**
   * Disables a bundle as long as it is installed: its leases are revoked, and no new ones are
   * granted.
   *
   * @param bundleId the bundle
   * @param why the reason in one line, for requests for its parts
   */
  void block(long bundleId, String why);

  /**
   * @param bundleId a bundle
   * @return why it is disabled; empty if it is not
   */
  Optional<String> blocked(long bundleId);

  /**
   * Waits until no lease on a bundle is held.
   *
   * @param bundleId the bundle
   * @param millis maximum time in milliseconds
   * @return whether all leases are closed
   * @throws InterruptedException if the thread is interrupted
   */
  boolean awaitUnused(long bundleId, long millis) throws InterruptedException;
}
