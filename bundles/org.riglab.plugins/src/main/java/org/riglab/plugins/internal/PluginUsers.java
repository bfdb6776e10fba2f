package org.riglab.plugins.internal;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Registry;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Head;
import org.riglab.api.network.Unroll;
import org.riglab.plugins.internal.PluginBundles.Started;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who uses a plugin, and how they come to use another one. */
final class PluginUsers {
  private static final Logger LOG = LoggerFactory.getLogger(PluginUsers.class);

  /** Runs move over after their current step; no step takes this long. */
  private static final long MOVE_MILLIS = TimeUnit.MINUTES.toMillis(5);

  private final Registry registry;
  private final Networks networks;
  private final Elsewhere elsewhere;

  PluginUsers(Registry registry, Networks networks, Elsewhere elsewhere) {
    this.registry = registry;
    this.networks = networks;
    this.elsewhere = elsewhere;
  }

  /** Who holds leases, and the networks in the home that would not assemble without the plugin. */
  List<String> of(InstalledPlugin i) {
    return i.bundle() == null
        ? List.of()
        : of(i, networks(), elsewhere(List.of(i)).getOrDefault(i.name(), List.of()));
  }

  /** Who holds leases in other processes, by plugin: they are asked once for all of them. */
  Map<String, List<String>> elsewhere(Collection<InstalledPlugin> plugins) {
    return elsewhere.users(
        plugins.stream()
            .filter(i -> i.bundle() != null)
            .map(InstalledPlugin::name)
            .collect(Collectors.toSet()));
  }

  /**
   * As {@link #of(InstalledPlugin)}.
   *
   * @param networks as {@link #networks} lists them
   * @param others who holds leases in other processes
   */
  List<String> of(InstalledPlugin i, Map<String, Set<String>> networks, Collection<String> others) {
    if (i.bundle() == null) {
      return List.of();
    }
    Set<String> users = new TreeSet<>(holders(i));
    users.addAll(others);
    for (String part : i.parts()) {
      networks.getOrDefault(part, Set.of()).forEach(name -> users.add("network " + name));
    }
    return List.copyOf(users);
  }

  /** The networks of the home by the parts that they consist of, read once for many plugins. */
  Map<String, Set<String>> networks() {
    Map<String, Set<String>> users = new HashMap<>();
    for (String name : networks.names()) {
      try {
        NetworkSpec spec = networks.get(name).spec();
        for (String part :
            List.of(
                Backbone.KIND + " " + spec.backbone().name(),
                Head.KIND + " " + spec.head().name(),
                Unroll.KIND + " " + spec.unroll().name(),
                Gate.KIND + " " + spec.gate().name())) {
          users.computeIfAbsent(part, p -> new TreeSet<>()).add(name);
        }
      } catch (RigException e) {
        // a network that cannot be read needs no plugin
        LOG.warn("skipped network {}", name, e);
      }
    }
    return users;
  }

  private List<String> holders(InstalledPlugin i) {
    return registry.users(i.bundle().getBundleId());
  }

  /**
   * Moves everybody from a plugin to its next version.
   *
   * @param old retires; may not run
   * @param started has taken its place
   * @param jar of it
   * @throws RigException if a user would lose its part, or does not move; then move back
   */
  void moveOver(InstalledPlugin old, Started started, PluginJar jar) {
    if (old.bundle() == null) {
      return;
    }
    long id = old.bundle().getBundleId();
    List<String> users = of(old);
    Set<String> lost = new HashSet<>(old.parts());
    lost.removeAll(started.parts());
    if (!lost.isEmpty() && !users.isEmpty()) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "plugin "
              + jar.title()
              + " no longer has "
              + String.join(", ", lost)
              + ", and "
              + old.version()
              + " is used by "
              + String.join(", ", users));
    }
    registry.retire(id);
    try {
      if (!registry.awaitUnused(id, MOVE_MILLIS)) {
        throw new RigException(
            RigException.Kind.BUSY,
            "plugin "
                + old.name()
                + " "
                + old.version()
                + " is not removed: it is used by "
                + String.join(", ", holders(old)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(
          RigException.Kind.BUSY,
          "interrupted; plugin " + old.name() + " " + old.version() + " stays",
          e);
    }
  }

  /** Moves the users that have the new bundle already back, before it is dropped. */
  void moveBack(InstalledPlugin old, Bundle bundle) {
    if (old.bundle() != null) {
      registry.reinstate(old.bundle().getBundleId());
    }
    registry.retire(bundle.getBundleId());
    try {
      if (!registry.awaitUnused(bundle.getBundleId(), MOVE_MILLIS)) {
        LOG.warn("{} is removed although it is in use", bundle);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Refuses to let a plugin go that is used, unless forced. */
  void refuse(InstalledPlugin plugin, boolean force) {
    List<String> users = of(plugin);
    if (!users.isEmpty() && !force) {
      throw new RigException(
          RigException.Kind.BUSY,
          "plugin "
              + plugin.name()
              + " is used by "
              + String.join(", ", users)
              + "; swap their parts first, or use --force");
    }
  }
}
