package org.riglab.plugins.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.BundleNamespace;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;

/** Says in people's words what a bundle cannot be wired to. */
final class Requirements {
  private static final Pattern PACKAGE = Pattern.compile("osgi\\.wiring\\.package=([^)]+)\\)");
  private static final Pattern JAVA = Pattern.compile("\\(version=([^)]+)\\)");
  private static final Pattern FLOOR = Pattern.compile("(?<!!)\\(version>=([^)]+)\\)");
  private static final Pattern CEILING = Pattern.compile("!\\(version>=([^)]+)\\)");

  private final FrameworkWiring wiring;
  private final Bundle[] bundles;

  Requirements(BundleContext context) {
    this.wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    this.bundles = context.getBundles();
  }

  /**
   * @param bundle installed, not resolved
   * @return a phrase for each mandatory requirement that no bundle meets
   */
  List<String> missing(Bundle bundle) {
    List<String> missing = new ArrayList<>();
    for (BundleRequirement r : bundle.adapt(BundleRevision.class).getDeclaredRequirements(null)) {
      String resolution = r.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE);
      String effective = r.getDirectives().get(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE);
      if (!Namespace.RESOLUTION_OPTIONAL.equals(resolution)
          && !PackageNamespace.RESOLUTION_DYNAMIC.equals(resolution)
          && (effective == null || effective.equals(Namespace.EFFECTIVE_RESOLVE))
          && wiring.findProviders(r).isEmpty()) {
        missing.add(phrase(r));
      }
    }
    return missing;
  }

  /** What the catalogues hold plugins against: this process. */
  record Here(BundleContext context) implements Catalogues.Host {
    @Override
    public Platform platform() {
      return Platform.of(context);
    }

    @Override
    public String words(Requirement requirement) {
      return new Requirements(context).phrase(requirement);
    }
  }

  private String phrase(Requirement requirement) {
    String filter =
        String.valueOf(requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE));
    if (requirement.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE)) {
      Optional<String> name = first(PACKAGE, filter);
      if (name.isPresent()) {
        return "package " + name.get() + range(filter) + ", " + exporters(name.get());
      }
    }
    if (requirement
        .getNamespace()
        .equals(ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE)) {
      return "Java "
          + first(JAVA, filter).orElse(filter)
          + ", and this is Java "
          + Runtime.version().feature();
    }
    if (requirement.getNamespace().equals(BundleNamespace.BUNDLE_NAMESPACE)) {
      return "bundle " + filter + ", which is not installed; import packages instead";
    }
    return requirement.getNamespace() + " " + filter + ", which no bundle provides";
  }

  private static String range(String filter) {
    String floor = first(FLOOR, filter).orElse("0");
    return first(CEILING, filter)
        .map(ceiling -> " [" + floor + "," + ceiling + ")")
        .orElse(floor.equals("0") ? "" : " " + floor + " or later");
  }

  private String exporters(String name) {
    String exporters =
        Arrays.stream(bundles)
            .map(bundle -> bundle.adapt(BundleRevision.class))
            .filter(Objects::nonNull)
            .flatMap(r -> r.getDeclaredCapabilities(PackageNamespace.PACKAGE_NAMESPACE).stream())
            .filter(c -> name.equals(c.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)))
            .map(
                c ->
                    c.getRevision().getSymbolicName()
                        + " has it in version "
                        + c.getAttributes().get(Constants.VERSION_ATTRIBUTE))
            .distinct()
            .collect(Collectors.joining(", "));
    if (!exporters.isEmpty()) {
      return "but " + exporters;
    }
    return Distribution.here()
        .flatMap(distribution -> distribution.exporter(name))
        .map(phrase -> "which no bundle exports here; " + phrase)
        .orElse(
            "which no bundle exports; a plugin must contain the libraries that Riglab does not"
                + " have");
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
