package org.riglab.plugins.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.riglab.api.bench.PluginHost;
import org.riglab.api.bench.Registry;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes the plugins of a worker as its server asks for it; the server writes the record. */
final class HostedPlugins {
  private static final Logger LOG = LoggerFactory.getLogger(HostedPlugins.class);

  private final InstalledPlugins installed;
  private final PluginChanges changes;
  private final PluginBundles bundles;
  private final Registry registry;

  HostedPlugins(
      InstalledPlugins installed, PluginChanges changes, PluginBundles bundles, Registry registry) {
    this.installed = installed;
    this.changes = changes;
    this.bundles = bundles;
    this.registry = registry;
  }

  /** See {@link PluginHost#users}. */
  List<String> users(String plugin) {
    return installed
        .find(plugin)
        .filter(here -> here.bundle() != null)
        .map(here -> registry.users(here.bundle().getBundleId()))
        .orElse(List.of());
  }

  /** See {@link PluginHost#exchange}. */
  void exchange(Path file) {
    PluginJar jar = read(file);
    if (jar.isLibrary()) {
      bundles.libraries().expect(jar);
      return;
    }
    Optional<InstalledPlugin> there = installed.find(jar.name());
    if (there.isEmpty()) {
      installed.put(InstalledPlugin.of(jar, bundles.start(jar)));
      return;
    }
    InstalledPlugin here = there.get();
    if (here.bundle() == null || !jar.sha256().equals(here.sha256())) {
      changes.exchange(here, jar, () -> LOG.info("Switches to plugin {}", jar.title()));
      if (here.bundle() != null) {
        bundles.drop(here.bundle());
      }
    }
  }

  /** The server has verified it, and keeps it until this process has answered. */
  private static PluginJar read(Path file) {
    try {
      return PluginJar.bundle(file, Sha256.of(file), file.toString());
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  /** See {@link PluginHost#remove}. */
  void remove(String plugin) {
    installed
        .find(plugin)
        .ifPresent(
            here ->
                changes.remove(here, true, () -> LOG.info("Continues without plugin {}", plugin)));
  }
}
