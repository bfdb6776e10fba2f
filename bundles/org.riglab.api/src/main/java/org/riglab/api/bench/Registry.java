package org.riglab.api.bench;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/** Every provider in the running process, and who uses it. Thread safe. */
@ProviderType
public interface Registry {
  /**
   * @param kind backbone, head, gate, unroll, dataset or metric; empty for all
   * @return the parts by kind and name; of two with one name the one that a lease would get
   */
  List<PartInfo> parts(String kind);

  /**
   * Starts every part of a bundle once, also those that no lease would get, and gives it back.
   *
   * @param bundleId a bundle
   * @return its parts; empty if it has none
   * @throws org.riglab.api.RigException if one does not start; says why
   */
  List<PartInfo> partsOf(long bundleId);

  /**
   * @param <P> the kind
   * @param kind the interface of the kind
   * @param name the part's name
   * @param user who asks, for example {@code network rig}; shown to whoever wants the bundle gone
   * @return a lease on the newest part of that name whose bundle is not retiring
   * @throws org.riglab.api.RigException if there is none; names those there are
   */
  <P extends Provider> Lease<P> lease(Class<P> kind, String name, String user);

  /**
   * Checks option values against what a provider declares.
   *
   * @param part what is configured, for error messages, for example {@code gate mul-sigmoid}
   * @param provider the provider
   * @param values by option name
   * @return the typed options
   * @throws org.riglab.api.RigException if an option is unknown or has the wrong type; names the
   *     option and what is allowed
   */
  Options options(String part, Provider provider, java.util.Map<String, ?> values);

  /**
   * @param bundleId a bundle
   * @return who holds leases on its parts, sorted
   */
  List<String> users(long bundleId);

  /**
   * Announces that a bundle is to go: no new leases on it, idle networks that use it move to
   * another part of the same name at once, runs do so at their next step.
   *
   * @param bundleId the bundle
   */
  void retire(long bundleId);

  /**
   * Takes {@link #retire} back.
   *
   * @param bundleId the bundle
   */
  void reinstate(long bundleId);

  /**
   * Puts a bundle out of order for as long as it is installed: its leases are revoked, and nobody
   * gets a new one.
   *
   * @param bundleId the bundle
   * @param why one line for whoever asks for its parts
   */
  void block(long bundleId, String why);

  /**
   * @param bundleId a bundle
   * @return why it is out of order; empty if it is not
   */
  Optional<String> blocked(long bundleId);

  /**
   * Waits until nobody holds a lease on a bundle.
   *
   * @param bundleId the bundle
   * @param millis how long at most
   * @return whether all leases are closed
   * @throws InterruptedException if the thread is interrupted
   */
  boolean awaitUnused(long bundleId, long millis) throws InterruptedException;
}
