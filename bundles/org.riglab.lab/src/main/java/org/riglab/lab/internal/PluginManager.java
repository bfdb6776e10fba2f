package org.riglab.lab.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;
import org.riglab.api.RigException;
import org.riglab.api.bench.Bench;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Part;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Unroll;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs plugins from the home at start, and changes them while everything else runs. A bundle is
 * only stopped when nobody uses it any more, unless somebody insists: stopping cannot wait long.
 */
@Component(immediate = true)
public final class PluginManager implements Plugins {
  private static final Logger LOG = LoggerFactory.getLogger(PluginManager.class);

  /** Runs move over after their current step; no step takes this long. */
  private static final long MOVE_MILLIS = TimeUnit.MINUTES.toMillis(5);

  private static final long REFRESH_SECONDS = 30;

  private final BundleContext context;
  private final Registry registry;
  private final Bench bench;
  private final ServiceComponentRuntime components;
  private final PluginStore store;

  /** One change at a time; listing needs no lock. */
  private final ReentrantLock changing = new ReentrantLock();

  private final Map<String, Installed> installed = new ConcurrentSkipListMap<>();

  private final AtomicLong visits = new AtomicLong();

  /**
   * A plugin that is stored, and its bundle.
   *
   * @param name symbolic name
   * @param version bundle version; empty if the file is unreadable
   * @param sha256 digest
   * @param file in the store
   * @param bundle null if it does not run
   * @param parts kind and name of each
   * @param problem why it does not run
   */
  private record Installed(
      String name,
      String version,
      String sha256,
      Path file,
      Bundle bundle,
      List<String> parts,
      String problem) {}

  /** A bundle that has just been started, and its parts. */
  private record Started(Bundle bundle, List<String> parts) {}

  /**
   * @param context of this bundle
   * @param registry where parts appear and who uses them
   * @param bench whose networks need parts
   * @param components knows why a component does not come up
   * @param guard is there before a plugin's first class is loaded
   */
  @Activate
  public PluginManager(
      BundleContext context,
      @Reference Registry registry,
      @Reference Bench bench,
      @Reference ServiceComponentRuntime components,
      @Reference ExitGuard guard) {
    this.context = context;
    this.registry = registry;
    this.bench = bench;
    this.components = components;
    this.store = new PluginStore(bench.home().resolve("plugins"));
    restore();
  }

  private void restore() {
    List<PluginStore.Stored> stored = store.stored();
    Set<String> locations =
        stored.stream()
            .map(s -> PluginJar.LOCATION + s.name() + ":" + s.sha256())
            .collect(Collectors.toSet());
    for (Bundle bundle : context.getBundles()) {
      String location = bundle.getLocation();
      if (location.startsWith(PluginJar.LOCATION) && !locations.contains(location)) {
        drop(bundle);
      }
    }
    for (PluginStore.Stored s : stored) {
      installed.put(s.name(), restore(s));
    }
  }

  private Installed restore(PluginStore.Stored stored) {
    String version = "";
    try {
      PluginJar jar = PluginStore.read(stored);
      version = jar.version().toString();
      Started started = start(jar);
      return installed(jar, jar.file(), started);
    } catch (RigException e) {
      LOG.error("Plugin {} is out of order: {}", stored.name(), e.getMessage(), e);
      return new Installed(
          stored.name(), version, stored.sha256(), stored.file(), null, List.of(), e.getMessage());
    }
  }

  private static Installed installed(PluginJar jar, Path file, Started started) {
    return new Installed(
        jar.name(),
        jar.version().toString(),
        jar.sha256(),
        file,
        started.bundle(),
        started.parts(),
        "");
  }

  // What is there

  @Override
  public List<Plugin> list() {
    return installed.values().stream().map(this::plugin).toList();
  }

  private Plugin plugin(Installed i) {
    return new Plugin(i.name(), i.version(), i.sha256(), state(i), i.parts(), users(i));
  }

  /** Who holds leases, and the networks in the home that would not assemble without the plugin. */
  private List<String> users(Installed i) {
    if (i.bundle() == null) {
      return List.of();
    }
    Set<String> users = new TreeSet<>(holders(i));
    for (String name : bench.networks()) {
      try {
        NetworkSpec spec = bench.network(name).spec();
        if (i.parts().contains(Backbone.KIND + " " + spec.backbone().name())
            || i.parts().contains(Unroll.KIND + " " + spec.unroll().name())
            || i.parts().contains(Gate.KIND + " " + spec.gate().name())) {
          users.add("network " + name);
        }
      } catch (RigException e) {
        // a network that cannot be read needs no plugin
        LOG.warn("skipped network {}", name, e);
      }
    }
    return List.copyOf(users);
  }

  private List<String> holders(Installed i) {
    return registry.users(i.bundle().getBundleId());
  }

  private String state(Installed i) {
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
      case Bundle.UNINSTALLED -> "uninstalled by somebody else";
      default -> "stopped by somebody else";
    };
  }

  // Changes

  @Override
  public Plugin install(Path file) {
    changing.lock();
    try {
      PluginJar jar = store.stage(file);
      try {
        Installed there = installed.get(jar.name());
        if (there != null) {
          throw new RigException(
              "plugin "
                  + there.name()
                  + " "
                  + there.version()
                  + " is installed already; update it");
        }
        Started started = start(jar);
        Installed now = installed(jar, keepOrDrop(jar, started), started);
        installed.put(jar.name(), now);
        return plugin(now);
      } finally {
        PluginStore.discard(jar.file());
      }
    } finally {
      changing.unlock();
    }
  }

  private Path keepOrDrop(PluginJar jar, Started started) {
    try {
      return store.keep(jar);
    } catch (RigException e) {
      drop(started.bundle());
      throw e;
    }
  }

  @Override
  public Update update(Path file) {
    changing.lock();
    try {
      long begin = System.nanoTime();
      PluginJar jar = store.stage(file);
      try {
        Installed old = installed(jar.name());
        if (jar.sha256().equals(old.sha256()) && old.bundle() != null) {
          throw new RigException("plugin " + jar.title() + " is installed already, byte for byte");
        }
        if (jar.version().toString().equals(old.version()) && old.bundle() != null) {
          throw new RigException(
              "plugin "
                  + jar.title()
                  + " is installed already with other content; give the new one another version");
        }
        Plugin before = plugin(old);
        Started started = start(jar);
        Path kept;
        try {
          moveOver(old, started, jar);
          kept = store.keep(jar);
        } catch (RigException e) {
          moveBack(old, started.bundle());
          throw e;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        Installed now = installed(jar, kept, started);
        installed.put(jar.name(), now);
        if (old.bundle() != null) {
          drop(old.bundle());
        }
        if (!old.file().equals(kept)) {
          PluginStore.discard(old.file());
        }
        return new Update(before, plugin(now), before.users(), millis);
      } finally {
        PluginStore.discard(jar.file());
      }
    } finally {
      changing.unlock();
    }
  }

  private void moveOver(Installed old, Started started, PluginJar jar) {
    if (old.bundle() == null) {
      return;
    }
    long id = old.bundle().getBundleId();
    List<String> users = users(old);
    Set<String> lost = new HashSet<>(old.parts());
    lost.removeAll(started.parts());
    if (!lost.isEmpty() && !users.isEmpty()) {
      throw new RigException(
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
            "plugin "
                + old.name()
                + " "
                + old.version()
                + " stays: it is still used by "
                + String.join(", ", holders(old)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(
          "interrupted; plugin " + old.name() + " " + old.version() + " stays", e);
    }
  }

  /** Whoever has moved to the new bundle already moves back before it goes. */
  private void moveBack(Installed old, Bundle bundle) {
    if (old.bundle() != null) {
      registry.reinstate(old.bundle().getBundleId());
    }
    registry.retire(bundle.getBundleId());
    try {
      if (!registry.awaitUnused(bundle.getBundleId(), MOVE_MILLIS)) {
        LOG.warn("{} goes although it is used", bundle);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    drop(bundle);
  }

  @Override
  public void remove(String name, boolean force) {
    changing.lock();
    try {
      Installed plugin = installed(name);
      if (plugin.bundle() != null) {
        refuseIfUsed(plugin, force);
        long id = plugin.bundle().getBundleId();
        if (!force) {
          // Nobody may take a lease between the second look and the stop.
          registry.retire(id);
          try {
            refuseIfUsed(plugin, false);
          } catch (RigException e) {
            registry.reinstate(id);
            throw e;
          }
        }
        drop(plugin.bundle());
      }
      PluginStore.discard(plugin.file());
      installed.remove(name);
    } finally {
      changing.unlock();
    }
  }

  private void refuseIfUsed(Installed plugin, boolean force) {
    List<String> users = users(plugin);
    if (!users.isEmpty() && !force) {
      throw new RigException(
          "plugin "
              + plugin.name()
              + " is used by "
              + String.join(", ", users)
              + "; swap their parts first, or force it");
    }
  }

  private Installed installed(String name) {
    Installed plugin = installed.get(name);
    if (plugin == null) {
      throw new RigException(
          "there is no plugin '"
              + name
              + "' installed; "
              + (installed.isEmpty()
                  ? "there is none at all"
                  : "there are " + String.join(", ", installed.keySet())));
    }
    return plugin;
  }

  // Bundles

  /** Installs and starts a bundle; on failure nothing of it is left. */
  private Started start(PluginJar jar) {
    Bundle bundle = install(jar, jar.location());
    try {
      return new Started(bundle, start(jar, bundle));
    } catch (RigException e) {
      drop(bundle);
      throw e;
    }
  }

  private List<String> start(PluginJar jar, Bundle bundle) {
    List<String> missing = new Requirements(context).missing(bundle);
    if (!missing.isEmpty()) {
      throw new RigException("plugin " + jar.title() + " needs " + String.join("; and ", missing));
    }
    try {
      bundle.start(Bundle.START_TRANSIENT);
    } catch (BundleException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new RigException("plugin " + jar.title() + " does not start: " + cause, e);
    }
    return parts(jar, bundle);
  }

  @Override
  public <T> T visit(Path file, BiFunction<Plugin, Long, T> look) {
    PluginJar jar = store.stage(file);
    Bundle bundle = null;
    try {
      bundle = install(jar, jar.location() + ":visit" + visits.incrementAndGet());
      registry.retire(bundle.getBundleId()); // before it starts: nobody gets a lease on its parts
      List<String> parts = start(jar, bundle);
      Plugin plugin =
          new Plugin(
              jar.name(), jar.version().toString(), jar.sha256(), "visiting", parts, List.of());
      return look.apply(plugin, bundle.getBundleId());
    } finally {
      if (bundle != null) {
        drop(bundle);
        registry.reinstate(bundle.getBundleId());
      }
      PluginStore.discard(jar.file());
    }
  }

  private Bundle install(PluginJar jar, String location) {
    Bundle there = context.getBundle(location);
    if (there != null) {
      return there;
    }
    for (Bundle bundle : context.getBundles()) {
      if (jar.name().equals(bundle.getSymbolicName())
          && !bundle.getLocation().startsWith(PluginJar.LOCATION)) {
        throw new RigException(jar.name() + " is a bundle of the bench itself, not a plugin");
      }
    }
    try (InputStream bytes = Files.newInputStream(jar.file())) {
      return context.installBundle(location, bytes);
    } catch (BundleException | IOException e) {
      throw new RigException(
          "plugin " + jar.title() + " cannot be installed: " + e.getMessage(), e);
    }
  }

  private List<String> parts(PluginJar jar, Bundle bundle) {
    List<String> waiting = waiting(bundle);
    if (!waiting.isEmpty()) {
      throw new RigException(
          "plugin " + jar.title() + " does not start: " + String.join("; ", waiting));
    }
    List<Part> parts = registry.partsOf(bundle.getBundleId());
    if (parts.isEmpty()) {
      throw new RigException(
          "plugin "
              + jar.title()
              + " provides no part: none of its services has a riglab.name and the interface of a"
              + " kind, from the bench's org.riglab.api");
    }
    return parts.stream().map(p -> p.kind() + " " + p.name()).sorted().toList();
  }

  /** Components that wait for something; SCR has looked at all of them when start returns. */
  private List<String> waiting(Bundle bundle) {
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

  /** Stops and uninstalls a bundle, and waits until the framework has let go of its classes. */
  private void drop(Bundle bundle) {
    try {
      if (bundle.getState() != Bundle.UNINSTALLED) {
        bundle.stop(Bundle.STOP_TRANSIENT);
        bundle.uninstall();
      }
    } catch (BundleException e) {
      LOG.error("{} does not go cleanly", bundle, e);
    }
    CountDownLatch refreshed = new CountDownLatch(1);
    context
        .getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
        .adapt(FrameworkWiring.class)
        .refreshBundles(
            List.of(bundle),
            event -> {
              if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                refreshed.countDown();
              }
            });
    try {
      if (!refreshed.await(REFRESH_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("The framework has not let go of {} after {} s", bundle, REFRESH_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
