package org.riglab.plugins.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;

/**
 * What a framework has: its bundles with their wires.
 *
 * @param resources the bundles
 * @param wirings of those that are resolved
 */
record Platform(List<Resource> resources, Map<Resource, Wiring> wirings) {
  /**
   * @param context of any bundle
   * @return the resolved bundles of its framework
   */
  static Platform of(BundleContext context) {
    List<Resource> resources = new ArrayList<>();
    Map<Resource, Wiring> wirings = new HashMap<>();
    for (Bundle bundle : context.getBundles()) {
      BundleRevision revision = bundle.adapt(BundleRevision.class);
      BundleWiring wiring = revision == null ? null : revision.getWiring();
      if (wiring != null) {
        resources.add(Objects.requireNonNull(revision));
        wirings.put(revision, wiring);
      }
    }
    return new Platform(resources, wirings);
  }
}
