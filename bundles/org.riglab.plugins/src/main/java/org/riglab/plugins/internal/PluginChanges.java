package org.riglab.plugins.internal;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.osgi.framework.Bundle;
import org.riglab.api.RigException;
import org.riglab.api.bench.PluginHost;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Plugins.Plugin;
import org.riglab.api.bench.Plugins.Update;
import org.riglab.api.bench.Registry;
import org.riglab.plugins.internal.PluginBundles.Started;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes what is installed in this process: bundles first, then the record, so that a failure
 * leaves everything as it was. A bundle is only stopped when it has no users any more, unless that
 * is forced: stopping cannot wait long. The caller holds the {@link StoreLock}.
 */
final class PluginChanges {
  private static final Logger LOG = LoggerFactory.getLogger(PluginChanges.class);

  private final InstalledPlugins installed;
  private final PluginStore store;
  private final PluginBundles bundles;
  private final PluginUsers users;
  private final Registry registry;
  private final Elsewhere elsewhere;
  private final AtomicLong visits = new AtomicLong();

  PluginChanges(
      InstalledPlugins installed,
      PluginStore store,
      PluginBundles bundles,
      PluginUsers users,
      Registry registry,
      Elsewhere elsewhere) {
    this.installed = installed;
    this.store = store;
    this.bundles = bundles;
    this.users = users;
    this.registry = registry;
    this.elsewhere = elsewhere;
  }

  /**
   * @param replace whether it may stand in for parts of others, see {@link
   *     PluginBundles#checkNames}
   * @throws RigException CONFLICT if a plugin of its name is installed
   */
  Plugin install(PluginJar jar, boolean replace) {
    Optional<InstalledPlugin> there = installed.find(jar.name());
    if (there.isPresent()) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "plugin "
              + jar.name()
              + " "
              + there.get().version()
              + " is already installed; use update");
    }
    bundles.checkNames(jar, DeclaredParts.of(jar), Set.of(), replace);
    Started started = bundles.start(jar);
    try {
      bundles.checkNames(jar, started.parts(), Set.of(), replace);
      store.install(jar);
    } catch (RuntimeException | Error e) {
      bundles.drop(started.bundle());
      throw e;
    }
    InstalledPlugin now = InstalledPlugin.of(jar, started);
    installed.put(now);
    LOG.info("Installed plugin {} sha256:{}", jar.title(), jar.sha256());
    return installed.plugin(now);
  }

  /**
   * @param begin when this began, by {@link System#nanoTime}
   * @throws RigException CONFLICT if that jar, or its version, is installed already
   */
  Update update(PluginJar jar, long begin) {
    InstalledPlugin old = installed.require(jar.name());
    if (jar.sha256().equals(old.sha256()) && old.bundle() != null) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "plugin " + jar.title() + " is already installed with the same content");
    }
    if (jar.version().toString().equals(old.version()) && old.bundle() != null) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "plugin "
              + jar.title()
              + " is already installed with other content; change the version of the new one");
    }
    Plugin before = installed.plugin(old);
    InstalledPlugin now =
        exchange(
            old,
            jar,
            () -> elsewhere.first(others -> exchange(others, jar), () -> store.install(jar)));
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    if (old.bundle() != null) {
      bundles.drop(old.bundle());
    }
    LOG.info(
        "Updated plugin {} from {} to {} sha256:{}",
        jar.name(),
        old.version(),
        jar.version(),
        jar.sha256());
    return new Update(before, installed.plugin(now), before.users(), millis);
  }

  private static void exchange(PluginHost others, PluginJar jar) {
    jar.libraries().forEach(library -> others.exchange(library.file()));
    others.exchange(jar.file());
  }

  /** Starts the new one and moves everybody over; on failure everybody is where they were. */
  InstalledPlugin exchange(InstalledPlugin old, PluginJar jar, Runnable record) {
    Set<String> had = had(old);
    bundles.checkNames(jar, DeclaredParts.of(jar), had, false);
    Started started = bundles.start(jar);
    try {
      bundles.checkNames(jar, started.parts(), had, false);
      users.moveOver(old, started, jar);
      record.run();
    } catch (RuntimeException | Error e) {
      users.moveBack(old, started.bundle());
      bundles.drop(started.bundle());
      throw e;
    }
    InstalledPlugin now = InstalledPlugin.of(jar, started);
    installed.put(now);
    return now;
  }

  /** Its parts, also if it does not run. */
  private Set<String> had(InstalledPlugin old) {
    if (old.bundle() != null || old.sha256().isEmpty()) {
      return Set.copyOf(old.parts());
    }
    try {
      return DeclaredParts.of(store.jars().read(old.sha256()));
    } catch (RigException e) {
      LOG.debug("the parts of {} are not known", old.name(), e);
      return Set.of();
    }
  }

  /** As {@link Plugins#visit} does, with a staged jar. */
  <T> T visit(PluginJar jar, BiFunction<Plugin, Long, T> look) {
    Bundle bundle = null;
    try {
      bundle = bundles.install(jar, jar.location() + ":visit" + visits.incrementAndGet());
      registry.retire(bundle.getBundleId()); // before it starts: no leases on its parts
      List<String> parts = bundles.start(jar, bundle);
      Plugin plugin =
          new Plugin(
              jar.name(), jar.version().toString(), jar.sha256(), "visiting", parts, List.of());
      return look.apply(plugin, bundle.getBundleId());
    } catch (RigException e) {
      if (Patience.gaveUp(e)) {
        bundles.fail(bundle, e);
        bundle = null;
      }
      throw e;
    } finally {
      if (bundle != null) {
        bundles.drop(bundle);
        registry.reinstate(bundle.getBundleId());
      }
    }
  }

  /**
   * @param force whether also if it is used
   * @param record writes that it is gone
   */
  void remove(InstalledPlugin plugin, boolean force, Runnable record) {
    if (plugin.bundle() == null) {
      record.run();
    } else {
      users.refuse(plugin, force);
      long id = plugin.bundle().getBundleId();
      // No lease may be taken between the second check and the stop.
      if (!force) {
        registry.retire(id);
      }
      try {
        users.refuse(plugin, force);
        record.run();
      } catch (RuntimeException | Error e) {
        registry.reinstate(id);
        throw e;
      }
      bundles.drop(plugin.bundle());
    }
    installed.remove(plugin.name());
    LOG.info("Removed plugin {} {}", plugin.name(), plugin.version());
  }
}
