package org.riglab.runs.internal;

import java.util.Comparator;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.riglab.runs.cluster.Cluster;

/** The clusters that there are; they come and go with their bundles. */
@Component(service = Clusters.class)
public final class Clusters {
  @Reference(policy = ReferencePolicy.DYNAMIC)
  volatile List<Cluster> services = List.of();

  /** For declarative services. */
  @Activate
  public Clusters() {}

  /** For tests. */
  Clusters(List<Cluster> services) {
    this.services = services;
  }

  List<Cluster> now() {
    return services;
  }

  /** Their names, in order. */
  List<String> names() {
    return services.stream().map(Cluster::name).sorted(Comparator.naturalOrder()).toList();
  }
}
