package org.riglab.plugins.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** The Declarative Services components of plugins: why they are not ready. */
final class PluginComponents {
  private final ServiceComponentRuntime components;

  PluginComponents(ServiceComponentRuntime components) {
    this.components = components;
  }

  /** Components that wait for something; SCR has looked at all of them when start returns. */
  List<String> waiting(Bundle bundle) {
    List<String> waiting = new ArrayList<>();
    for (ComponentDescriptionDTO description : components.getComponentDescriptionDTOs(bundle)) {
      for (ComponentConfigurationDTO c : components.getComponentConfigurationDTOs(description)) {
        if (c.state == ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION) {
          waiting.add("component " + description.name + " waits for its configuration");
        } else if (c.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
          waiting.add(
              "component "
                  + description.name
                  + " waits for "
                  + Arrays.stream(c.unsatisfiedReferences)
                      .map(r -> service(description, r))
                      .collect(Collectors.joining(", ")));
        }
      }
    }
    return waiting;
  }

  private static String service(
      ComponentDescriptionDTO description, UnsatisfiedReferenceDTO unsatisfied) {
    return Arrays.stream(description.references)
        .filter(r -> r.name.equals(unsatisfied.name))
        .map(r -> "service " + r.interfaceName)
        .findFirst()
        .orElse(unsatisfied.name);
  }

  /** Components of a bundle that could not be made, and what they threw. */
  List<String> failed(Bundle bundle) {
    return components.getComponentDescriptionDTOs(bundle).stream()
        .flatMap(d -> components.getComponentConfigurationDTOs(d).stream())
        .filter(c -> c.state == ComponentConfigurationDTO.FAILED_ACTIVATION && c.failure != null)
        .map(c -> "component " + c.description.name + " threw " + cause(c.failure))
        .toList();
  }

  /** The last cause in a printed stack trace. */
  private static String cause(String trace) {
    String mark = "Caused by: ";
    return PluginJar.oneLine(
        trace
            .lines()
            .filter(line -> line.startsWith(mark))
            .map(line -> line.substring(mark.length()))
            .reduce((first, last) -> last)
            .orElse(trace));
  }

  /** How many components a bundle describes. */
  int count(Bundle bundle) {
    return components.getComponentDescriptionDTOs(bundle).size();
  }
}
