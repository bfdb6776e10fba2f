package org.riglab.training.internal;

import java.util.List;
import java.util.function.Supplier;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.parts.PartEvents;

/**
 * How a training gets at parts.
 *
 * @param registry where parts are found
 * @param events are told of steps that compute with parts
 * @param user who leases them
 */
record PartAccess(Registry registry, PartEvents events, String user) {
  <P extends Provider> Lease<P> lease(Class<P> kind, PartSpec spec) {
    return registry.lease(kind, spec.name(), user);
  }

  Options options(Lease<?> lease, PartSpec spec) {
    return registry.options(
        lease.part().kind() + " " + spec.name(), lease.service(), spec.options());
  }

  /**
   * Computes with parts, which are held back meanwhile.
   *
   * @throws org.riglab.api.RigException if one of them is gone
   */
  @SuppressWarnings("try") // the step is held, not used
  <T> T step(List<? extends Lease<?>> leases, Supplier<T> body) {
    try (PartEvents.Step step = events.enter(leases)) {
      return body.get();
    }
  }
}
