package org.riglab.networks.internal;

import java.util.Map;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Registry;

/** Where an assembly gets its parts from. */
interface Parts {
  /** See {@link Registry#lease}. */
  <P extends Provider> Lease<P> lease(Class<P> kind, String name, String user);

  /** See {@link Registry#options}. */
  Options options(String part, Provider provider, Map<String, ?> values);

  /** The parts of the running process. */
  static Parts of(Registry registry) {
    return new Parts() {
      @Override
      public <P extends Provider> Lease<P> lease(Class<P> kind, String name, String user) {
        return registry.lease(kind, name, user);
      }

      @Override
      public Options options(String part, Provider provider, Map<String, ?> values) {
        return registry.options(part, provider, values);
      }
    };
  }
}
