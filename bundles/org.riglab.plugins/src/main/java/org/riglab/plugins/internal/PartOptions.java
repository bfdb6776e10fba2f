package org.riglab.plugins.internal;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;
import org.riglab.api.Provider;
import org.riglab.api.bench.Kinds;
import org.riglab.api.bench.OptionInfo;
import org.riglab.parts.AnnotationOptions;

/** The options of the parts of a running bundle. */
final class PartOptions {
  private PartOptions() {}

  /**
   * @param bundle is running
   * @return for each part that has options, by its kind and name: their names, defaults and types
   */
  static Map<String, String> of(Bundle bundle) {
    Map<String, String> options = new TreeMap<>();
    ServiceReference<?>[] services = bundle.getRegisteredServices();
    if (services != null) {
      for (ServiceReference<?> service : services) {
        for (String type : (String[]) service.getProperty(Constants.OBJECTCLASS)) {
          Kinds.of(type)
              .map(kind -> kind + " " + service.getProperty(Provider.NAME))
              .ifPresent(part -> add(bundle.getBundleContext(), service, part, options));
        }
      }
    }
    return options;
  }

  private static <T> void add(
      BundleContext context,
      ServiceReference<T> service,
      String part,
      Map<String, String> options) {
    ServiceObjects<T> objects = context.getServiceObjects(service);
    T provider = objects.getService();
    try {
      if (provider instanceof Provider declaring) {
        List<OptionInfo> all = AnnotationOptions.describe(part, declaring.options());
        if (!all.isEmpty()) {
          options.put(part, all.stream().map(PartOptions::words).collect(Collectors.joining(", ")));
        }
      }
    } finally {
      objects.ungetService(provider);
    }
  }

  /** As the list of parts shows it. */
  private static String words(OptionInfo option) {
    return "%s=%s (%s)"
        .formatted(
            option.name(),
            option.defaultValue(),
            option.allowed().isEmpty() ? option.type() : String.join("|", option.allowed()));
  }
}
