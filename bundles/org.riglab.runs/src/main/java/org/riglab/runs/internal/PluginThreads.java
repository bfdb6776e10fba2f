package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Provider;

/** Finds plugins by the names of the classes on a thread's stack; runs nothing of theirs. */
@Component
public final class PluginThreads implements Culprits {
  private static final String LOCATION = "riglab:plugin:";

  private final BundleContext context;

  /** For declarative services. */
  @Activate
  public PluginThreads(BundleContext context) {
    this.context = context;
  }

  @Override
  public Optional<Culprit> in(Collection<Thread> threads) {
    List<Bundle> plugins = plugins();
    for (Thread thread : threads) {
      for (StackTraceElement frame : thread.getStackTrace()) {
        for (Bundle plugin : plugins) {
          if (has(plugin, frame.getClassName())) {
            return Optional.of(new Culprit(title(plugin), where(frame)));
          }
        }
      }
    }
    return Optional.empty();
  }

  private List<Bundle> plugins() {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> bundle.getLocation().startsWith(LOCATION))
        .sorted((a, b) -> Long.compare(b.getBundleId(), a.getBundleId()))
        .toList();
  }

  private static boolean has(Bundle plugin, String className) {
    BundleWiring wiring = plugin.adapt(BundleWiring.class);
    if (wiring == null) {
      return false;
    }
    String file = className.replace('.', '/') + ".class";
    int slash = file.lastIndexOf('/');
    return !wiring
        .listResources(
            file.substring(0, Math.max(0, slash)),
            file.substring(slash + 1),
            BundleWiring.LISTRESOURCES_LOCAL)
        .isEmpty();
  }

  static String where(StackTraceElement frame) {
    String name = frame.getClassName();
    return "%s.%s (%s:%d)"
        .formatted(
            name.substring(name.lastIndexOf('.') + 1),
            frame.getMethodName(),
            frame.getFileName(),
            frame.getLineNumber());
  }

  private static String title(Bundle plugin) {
    List<String> parts = new ArrayList<>();
    ServiceReference<?>[] services = plugin.getRegisteredServices();
    for (ServiceReference<?> service : services == null ? new ServiceReference<?>[0] : services) {
      if (service.getProperty(Provider.NAME) instanceof String name) {
        String type = ((String[]) service.getProperty(Constants.OBJECTCLASS))[0];
        parts.add(
            type.substring(type.lastIndexOf('.') + 1).toLowerCase(java.util.Locale.ROOT)
                + " "
                + name);
      }
    }
    String own = plugin.getSymbolicName() + " " + plugin.getVersion();
    return parts.size() == 1 ? parts.get(0) + " (" + own + ")" : "plugin " + own;
  }

  @Override
  public List<String> plugins(Collection<String> bundles) {
    return plugins().stream()
        .filter(plugin -> bundles.contains(plugin.getSymbolicName()))
        .map(PluginThreads::title)
        .toList();
  }

  @Override
  public Optional<String> owner(String className) {
    return plugins().stream()
        .filter(plugin -> has(plugin, className))
        .map(PluginThreads::title)
        .findFirst();
  }
}
