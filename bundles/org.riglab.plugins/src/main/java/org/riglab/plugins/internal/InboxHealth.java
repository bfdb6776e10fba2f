package org.riglab.plugins.internal;

import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.lab.Health;

/** Warns as long as there are jars that the inbox refused. */
@Component
public final class InboxHealth implements Health.Source {
  private final RefusedJars refused;

  /**
   * @param deliveries knows where plugins are kept
   */
  @Activate
  public InboxHealth(@Reference Deliveries deliveries) {
    refused = RefusedJars.in(deliveries.folder());
  }

  @Override
  public List<Health.Check> checks() {
    return refused.summary().stream()
        .map(line -> new Health.Check("inbox", Health.Status.WARN, line))
        .toList();
  }
}
