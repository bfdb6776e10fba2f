package org.riglab.plugins.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the plugins of this process to what the store records. */
final class PluginRestore {
  private static final Logger LOG = LoggerFactory.getLogger(PluginRestore.class);

  private final InstalledPlugins installed;
  private final PluginStore store;
  private final PluginBundles bundles;
  private final PluginChanges changes;
  private final Elsewhere elsewhere;

  PluginRestore(
      InstalledPlugins installed,
      PluginStore store,
      PluginBundles bundles,
      PluginChanges changes,
      Elsewhere elsewhere) {
    this.elsewhere = elsewhere;
    this.installed = installed;
    this.store = store;
    this.bundles = bundles;
    this.changes = changes;
  }

  /** At the start of the process: starts what is recorded, and drops what is not. */
  void atStart(Trust trust) {
    try {
      store.tidy();
    } catch (RigException e) {
      LOG.error("Plugins of an earlier release are not adopted: {}", e.getMessage(), e);
    }
    List<PluginStore.Stored> stored = new ArrayList<>();
    for (String name : store.names()) {
      try {
        store.stored(name).filter(PluginStore.Stored::installed).ifPresent(stored::add);
      } catch (RigException e) {
        outOfOrder(name, "", "", e);
      }
    }
    Set<String> locations =
        stored.stream()
            .map(s -> PluginJar.location(s.name(), s.versions().get(0).sha256()))
            .collect(Collectors.toSet());
    bundles.all().stream()
        .filter(bundle -> !locations.contains(bundle.getLocation()))
        .forEach(bundles::drop);
    restore(stored, trust);
  }

  /** Starts plugins together; one that does not start is listed with the reason. */
  private void restore(List<PluginStore.Stored> stored, Trust trust) {
    List<PluginJar> jars = new ArrayList<>();
    for (PluginStore.Stored s : stored) {
      PluginStore.Version last = s.versions().get(0);
      try {
        PluginJar jar = store.read(last);
        if (!jar.name().equals(s.name())) {
          throw new RigException(jar.file() + " is " + jar.title() + ", not " + s.name());
        }
        trust.check(jar, false);
        jars.add(jar);
      } catch (RigException e) {
        outOfOrder(s.name(), last.version(), last.sha256(), e);
      }
    }
    bundles
        .start(jars, (jar, e) -> outOfOrder(jar.name(), jar.version().toString(), jar.sha256(), e))
        .forEach((jar, started) -> installed.put(InstalledPlugin.of(jar, started)));
  }

  private void outOfOrder(String name, String version, String sha256, Throwable e) {
    String problem = e instanceof RigException ? e.getMessage() : e.toString();
    LOG.error("Plugin {} is not active: {}", name, problem, e);
    installed.put(new InstalledPlugin(name, version, sha256, null, List.of(), problem));
  }

  /**
   * Later: does what another process has done to the plugins of this home.
   *
   * @return see {@link Deliveries#catchUp}
   */
  Map<String, String> follow(Trust trust) {
    Map<String, String> kept = new HashMap<>();
    Set<String> names = new TreeSet<>(store.names());
    installed.all().forEach(plugin -> names.add(plugin.name()));
    List<PluginStore.Stored> added = new ArrayList<>();
    for (String name : names) {
      try {
        follow(name, added, trust);
      } catch (RigException e) {
        LOG.warn("Plugin {} is unchanged in this process: {}", name, e.getMessage(), e);
        kept.put(name, e.getMessage());
      }
    }
    restore(added, trust);
    Map<String, String> running = new HashMap<>();
    for (InstalledPlugin plugin : installed.all()) {
      if (plugin.bundle() != null) {
        running.put(plugin.name(), kept.getOrDefault(plugin.name(), ""));
      }
    }
    return running;
  }

  private void follow(String name, List<PluginStore.Stored> added, Trust trust) {
    Optional<PluginStore.Stored> record = store.stored(name);
    Optional<PluginStore.Stored> stored = record.filter(PluginStore.Stored::installed);
    Optional<PluginStore.Version> wanted = stored.map(s -> s.versions().get(0));
    InstalledPlugin here = installed.find(name).orElse(null);
    if (wanted.isEmpty()) {
      if (here != null && !here.sha256().isEmpty()) {
        boolean forced = record.map(PluginStore.Stored::forced).orElse(false);
        LOG.info("Continues without plugin {}", name);
        changes.remove(
            here, forced, () -> elsewhere.first(others -> others.remove(name), () -> {}));
      }
    } else if (here == null) {
      added.add(stored.get());
    } else if (!here.sha256().equals(wanted.get().sha256())) {
      PluginJar jar = store.read(wanted.get());
      trust.check(jar, false);
      changes.exchange(here, jar, () -> LOG.info("Switches to plugin {}", jar.title()));
      if (here.bundle() != null) {
        bundles.drop(here.bundle());
      }
    }
  }
}
