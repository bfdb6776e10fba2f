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
  private static final String FOR_PEOPLE = "org.riglab.api.RigException: ";

  private Diagnosis() {}

  /**
   * Looks at the components of some bundles.
   *
   * @param bundles whose components are looked at
   * @return one line for each component that failed and for each service that enabled components
   *     wait for; empty if all are satisfied
   */
  static List<String> components(BundleContext context, Collection<Bundle> bundles) {
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
        if (runtime.isComponentEnabled(component)) {
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

  /** The line that is meant for a person, where the stack trace has one. */
  private static String reason(ComponentDescriptionDTO component, String trace) {
    return trace
        .lines()
        .map(line -> line.replaceFirst("^Caused by: ", ""))
        .filter(line -> line.startsWith(FOR_PEOPLE))
        .map(line -> line.substring(FOR_PEOPLE.length()))
        .findFirst()
        .orElseGet(
            () ->
                "component "
                    + component.name
                    + " of "
                    + component.bundle.symbolicName
                    + " failed: "
                    + trace.lines().findFirst().orElse(""));
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
