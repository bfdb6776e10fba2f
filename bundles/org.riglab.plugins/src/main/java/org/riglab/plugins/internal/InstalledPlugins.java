package org.riglab.plugins.internal;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.osgi.framework.Bundle;
import org.riglab.api.RigException;
import org.riglab.api.bench.Plugins.Plugin;
import org.riglab.api.bench.Registry;

/** The plugins that are installed in this process, by name. */
final class InstalledPlugins {
  private final Registry registry;
  private final PluginUsers users;
  private final Map<String, InstalledPlugin> installed = new ConcurrentSkipListMap<>();

  InstalledPlugins(Registry registry, PluginUsers users) {
    this.registry = registry;
    this.users = users;
  }

  /** In the order of their names. */
  Collection<InstalledPlugin> all() {
    return installed.values();
  }

  Optional<InstalledPlugin> find(String name) {
    return Optional.ofNullable(installed.get(name));
  }

  void put(InstalledPlugin plugin) {
    installed.put(plugin.name(), plugin);
  }

  void remove(String name) {
    installed.remove(name);
  }

  /**
   * @throws RigException NOT_FOUND if no plugin of that name is installed
   */
  InstalledPlugin require(String name) {
    return find(name).orElseThrow(() -> unknown(name));
  }

  RigException unknown(String name) {
    return new RigException(
        RigException.Kind.NOT_FOUND,
        "there is no plugin '"
            + name
            + "' installed; "
            + (installed.isEmpty()
                ? "none is available"
                : (installed.size() == 1 ? "there is " : "there are ")
                    + String.join(", ", installed.keySet())));
  }

  /** As {@link Plugins} lists them. */
  List<Plugin> list() {
    Map<String, Set<String>> networks = installed.isEmpty() ? Map.of() : users.networks();
    Collection<InstalledPlugin> all = List.copyOf(installed.values());
    Map<String, List<String>> others = users.elsewhere(all);
    return all.stream()
        .map(
            i ->
                new Plugin(
                    i.name(),
                    i.version(),
                    i.sha256(),
                    state(i),
                    i.parts(),
                    users.of(i, networks, others.getOrDefault(i.name(), List.of()))))
        .toList();
  }

  /** As {@link Plugins} lists it. */
  Plugin plugin(InstalledPlugin i) {
    return new Plugin(i.name(), i.version(), i.sha256(), state(i), i.parts(), users.of(i));
  }

  String state(InstalledPlugin i) {
    if (i.bundle() == null) {
      return "out of order: " + i.problem();
    }
    Optional<String> blocked = registry.blocked(i.bundle().getBundleId());
    if (blocked.isPresent()) {
      return "out of order: " + blocked.get();
    }
    return switch (i.bundle().getState()) {
      case Bundle.ACTIVE -> "active";
      case Bundle.STARTING -> "starting";
      case Bundle.STOPPING -> "stopping";
      case Bundle.UNINSTALLED -> "uninstalled externally";
      default -> "stopped externally";
    };
  }
}
