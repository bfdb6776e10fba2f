package org.riglab.parts.internal;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentConstants;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.parts.EngineLookup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes and gives back the services of parts. Both run code of the plugin: no lock may be held.
 *
 * @param context of this bundle
 * @param components knows why a provider does not start
 */
record PartServices(BundleContext context, ServiceComponentRuntime components) {
  private static final Logger LOG = LoggerFactory.getLogger(PartServices.class);

  /** Access to a part's service; runs nothing of the plugin. */
  ServiceObjects<? extends Provider> objects(Entry entry) {
    ServiceObjects<? extends Provider> objects = context.getServiceObjects(entry.reference);
    if (objects == null) {
      throw new RigException(Kind.UNAVAILABLE, entry + " has gone");
    }
    return objects;
  }

  /** Takes a part's service, which may construct it. */
  <P extends Provider> P take(Entry entry, ServiceObjects<P> objects) {
    P service;
    try {
      service = EngineLookup.call(objects::getService);
    } catch (RuntimeException | LinkageError e) {
      throw new RigException(Kind.PART_FAILED, entry + " does not start: " + e, e);
    }
    if (service == null) {
      throw new RigException(
          Kind.PART_FAILED, entry + " does not start: " + reason(entry.reference));
    }
    return service;
  }

  /** Gives a service back, which may destroy it. */
  static <P> void give(ServiceObjects<P> objects, P service) {
    try {
      objects.ungetService(service);
    } catch (IllegalStateException | IllegalArgumentException e) {
      // The framework has taken the service back already: its bundle or ours has stopped.
      LOG.debug("Service was taken back before it was given back", e);
    }
  }

  /** The root of what the component's constructor or activator threw, as SCR recorded it. */
  private String reason(ServiceReference<?> reference) {
    Object id = reference.getProperty(ComponentConstants.COMPONENT_ID);
    return components.getComponentDescriptionDTOs(reference.getBundle()).stream()
        .flatMap(d -> components.getComponentConfigurationDTOs(d).stream())
        .filter(c -> Long.valueOf(c.id).equals(id) && c.failure != null)
        .map(c -> root(c.failure))
        .findFirst()
        .orElse("its service is not there");
  }

  /** The exception that a printed stack trace goes back to: its last cause, or its first line. */
  private static String root(String trace) {
    String cause = "Caused by: ";
    return trace
        .lines()
        .filter(line -> line.startsWith(cause))
        .map(line -> line.substring(cause.length()))
        .reduce((first, last) -> last)
        .orElseGet(() -> trace.lines().findFirst().orElse(""));
  }
}
