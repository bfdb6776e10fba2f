package org.riglab.launcher;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** Reports why Declarative Services components are not ready. */
final class Diagnosis {
  /** The launcher has no class loader in common with the platform's bundles. */
  private static final String RIG_EXCEPTION = "org.riglab.api.RigException";

  /** The property that {@code org.riglab.base.Feature} makes. */
  private static final String FEATURE = "riglab.feature";

  private static final String CAUSE = "Caused by: ";

  private Diagnosis() {}

  /**
   * Looks at the components of some bundles.
   *
   * @param bundles whose components are looked at
   * @param features the names of the features that run
   * @return one line for each component that failed and for each service that enabled components
   *     wait for; empty if all are satisfied
   */
  static List<String> components(
      BundleContext context, Collection<Bundle> bundles, Set<String> features) {
    ServiceReference<ServiceComponentRuntime> reference =
        context.getServiceReference(ServiceComponentRuntime.class);
    if (reference == null) {
      return List.of("declarative services are not there: no ServiceComponentRuntime");
    }
    List<String> failed = new ArrayList<>();
    Map<String, Set<String>> waiting = new TreeMap<>();
    ServiceComponentRuntime runtime = context.getService(reference);
    try {
      Bundle[] judged = bundles.toArray(Bundle[]::new);
      for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs(judged)) {
        if (isExpected(component, features) && runtime.isComponentEnabled(component)) {
          for (ComponentConfigurationDTO configuration :
              runtime.getComponentConfigurationDTOs(component)) {
            describe(component, configuration, failed, waiting);
          }
        }
      }
    } finally {
      context.ungetService(reference);
    }
    waiting.forEach(
        (service, names) ->
            failed.add("there is no service " + service + " for " + String.join(", ", names)));
    return failed;
  }

  /** A component may name the feature without which it has no use. */
  static boolean isExpected(ComponentDescriptionDTO component, Set<String> features) {
    return !(component.properties.get(FEATURE) instanceof String feature)
        || features.contains(feature);
  }

  private static void describe(
      ComponentDescriptionDTO component,
      ComponentConfigurationDTO configuration,
      List<String> failed,
      Map<String, Set<String>> waiting) {
    if (configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
      failed.add(reason(component, configuration.failure));
    }
    if (configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
      for (UnsatisfiedReferenceDTO unsatisfied : configuration.unsatisfiedReferences) {
        String service =
            Arrays.stream(component.references)
                .filter(r -> r.name.equals(unsatisfied.name))
                .map((ReferenceDTO r) -> r.interfaceName)
                .findFirst()
                .orElse(unsatisfied.name);
        String target = unsatisfied.target == null ? "" : " with " + unsatisfied.target;
        waiting.computeIfAbsent(service + target, s -> new TreeSet<>()).add(component.name);
      }
    }
  }

  /**
   * The message of a component's failure. SCR passes the failure on as a printed stack trace and
   * not as an exception, so its class is the one that is printed: a RigException's message says by
   * itself what is wrong; of any other exception the component is named as well.
   *
   * @param trace as {@link Throwable#printStackTrace} writes it
   */
  static String reason(ComponentDescriptionDTO component, String trace) {
    return trace
        .lines()
        .map(line -> line.startsWith(CAUSE) ? line.substring(CAUSE.length()) : line)
        .filter(line -> line.startsWith(RIG_EXCEPTION + ": "))
        .map(line -> line.substring(RIG_EXCEPTION.length() + 2))
        .findFirst()
        .orElseGet(
            () ->
                "component %s of %s failed: %s"
                    .formatted(
                        component.name,
                        component.bundle.symbolicName,
                        trace.lines().findFirst().orElse("")));
  }

  /** A bundle for a message: symbolic name and version. */
  static String name(Bundle bundle) {
    String name = bundle.getSymbolicName();
    return (name == null ? bundle.getLocation() : name) + " " + bundle.getVersion();
  }

  /** Fragments are never active. */
  static boolean isFragment(Bundle bundle) {
    return bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
  }
}
