package org.riglab.plugins.internal;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.riglab.plugins.internal.PluginBundles.Started;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs plugins from the home at start, and changes them while everything else runs. A bundle is
 * only stopped when nobody uses it any more, unless somebody insists: stopping cannot wait long.
 */
@Component(
    immediate = true,
    configurationPid = PluginConfig.PID,
    service = {Plugins.class, Deliveries.class})
public final class PluginManager implements Plugins, Deliveries {
  private static final Logger LOG = LoggerFactory.getLogger(PluginManager.class);

  private final Registry registry;
  private final Networks networks;
  private final PluginUsers users;
  private final PluginStore store;
  private final KeptJars jars;
  private final PluginBundles bundles;
  private volatile Settings settings;

  /** One change at a time; listing needs no lock. */
  private final ReentrantLock changing = new ReentrantLock();

  private final Map<String, Installed> installed = new ConcurrentSkipListMap<>();

  private final AtomicLong visits = new AtomicLong();

  /** The configuration, understood. */
  private record Settings(Trust trust, long mostBytes, PluginSources sources) {}

  /**
   * A plugin that is stored, and its bundle.
   *
   * @param name symbolic name
   * @param version bundle version; empty if the file is unreadable
   * @param sha256 digest; empty if the record is unreadable
   * @param bundle null if it does not run
   * @param parts kind and name of each
   * @param problem why it does not run
   */
  record Installed(
      String name,
      String version,
      String sha256,
      Bundle bundle,
      List<String> parts,
      String problem) {}

  /**
   * @param context of this bundle
   * @param registry where parts appear and who uses them
   * @param networks may need parts
   * @param components knows why a component does not come up
   * @param guard is there before a plugin's first class is loaded
   * @param config whose jars may be installed, and where from
   */
  @Activate
  public PluginManager(
      BundleContext context,
      @Reference Registry registry,
      @Reference Networks networks,
      @Reference ServiceComponentRuntime components,
      @Reference ExitGuard guard,
      PluginConfig config) {
    this.registry = registry;
    this.networks = networks;
    this.users = new PluginUsers(registry, networks);
    this.bundles = new PluginBundles(context, registry, components);
    this.store = new PluginStore(networks.home().resolve("plugins"), Clock.systemUTC());
    this.jars = new KeptJars(store);
    configure(config);
    restore();
  }

  /** What runs goes on as it is; what is installed from now on must satisfy the configuration. */
  @Modified
  void configure(PluginConfig config) {
    settings =
        new Settings(
            Trust.of(config, networks.home()),
            config.max_size() << 20,
            new PluginSources(store, List.of(config.repositories()), config.max_size() << 20));
  }

  private void restore() {
    try {
      store.tidy();
    } catch (RigException e) {
      LOG.error("Plugins of an earlier time are not taken over: {}", e.getMessage(), e);
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
    restore(stored);
  }

  /** Starts plugins together; one that does not start is listed with the reason. */
  private void restore(List<PluginStore.Stored> stored) {
    List<PluginJar> jars = new ArrayList<>();
    for (PluginStore.Stored s : stored) {
      PluginStore.Version last = s.versions().get(0);
      try {
        PluginJar jar = store.read(last.sha256());
        if (!jar.name().equals(s.name())) {
          throw new RigException(jar.file() + " is " + jar.title() + ", not " + s.name());
        }
        settings.trust().check(jar, false);
        jars.add(jar);
      } catch (RigException e) {
        outOfOrder(s.name(), last.version(), last.sha256(), e);
      }
    }
    bundles
        .start(jars, (jar, e) -> outOfOrder(jar.name(), jar.version().toString(), jar.sha256(), e))
        .forEach((jar, started) -> installed.put(jar.name(), installed(jar, started)));
  }

  private void outOfOrder(String name, String version, String sha256, Throwable e) {
    String problem = e instanceof RigException ? e.getMessage() : e.toString();
    LOG.error("Plugin {} is out of order: {}", name, problem, e);
    installed.put(name, new Installed(name, version, sha256, null, List.of(), problem));
  }

  private static Installed installed(PluginJar jar, Started started) {
    return new Installed(
        jar.name(), jar.version().toString(), jar.sha256(), started.bundle(), started.parts(), "");
  }

  // What is there

  @Override
  public List<Plugin> list() {
    return installed.values().stream().map(this::plugin).toList();
  }

  private Plugin plugin(Installed i) {
    return new Plugin(i.name(), i.version(), i.sha256(), state(i), i.parts(), users.of(i));
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

  @Override
  public List<Kept> kept() {
    return jars.all();
  }

  @Override
  public Diagnosis doctor(String name) {
    Optional<PluginStore.Stored> stored = Optional.empty();
    List<Check> checks = new ArrayList<>();
    try {
      stored = store.stored(name);
    } catch (RigException e) {
      checks.add(new Check("record", false, e.getMessage()));
    }
    Installed plugin = installed.get(name);
    if (plugin == null && stored.isEmpty() && checks.isEmpty()) {
      throw unknown(name);
    }
    if (plugin == null) {
      checks.add(new Check("installed", false, jars.removed(stored)));
    } else {
      checks.addAll(
          new PluginDoctor(store, settings.trust(), bundles, registry)
              .examine(plugin, state(plugin), users.of(plugin)));
    }
    return new Diagnosis(
        name, checks.stream().allMatch(Check::ok), checks, stored.map(jars::of).orElse(List.of()));
  }

  // Changes

  /** One change of one process at a time. */
  private <T> T change(Supplier<T> change) {
    changing.lock();
    try (StoreLock held = StoreLock.take(store.directory())) {
      Objects.requireNonNull(held);
      return change.get();
    } finally {
      changing.unlock();
    }
  }

  /** Copies a jar into the store and verifies it; nothing of it has run. */
  private PluginJar stage(PluginSources.Source source) {
    Settings now = settings;
    PluginJar jar = store.stage(source.file(), source.shown(), now.mostBytes());
    try {
      now.trust().check(jar, !source.kept());
      return jar;
    } catch (RuntimeException | Error e) {
      PluginStore.discard(jar.file());
      throw e;
    }
  }

  private <T> T staged(String source, Function<PluginJar, T> change) {
    PluginJar jar = settings.sources().with(source, this::stage);
    try {
      return change(() -> change.apply(jar));
    } finally {
      PluginStore.discard(jar.file());
    }
  }

  @Override
  public Plugin install(String source, boolean replace) {
    return staged(source, jar -> install(jar, replace));
  }

  private Plugin install(PluginJar jar, boolean replace) {
    Installed there = installed.get(jar.name());
    if (there != null) {
      throw new RigException(
          "plugin " + there.name() + " " + there.version() + " is installed already; update it");
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
    Installed now = installed(jar, started);
    installed.put(jar.name(), now);
    LOG.info("Installed plugin {} sha256:{}", jar.title(), jar.sha256());
    return plugin(now);
  }

  @Override
  public Update update(String source) {
    long begin = System.nanoTime();
    return staged(source, jar -> update(jar, begin));
  }

  @Override
  public Update rollback(String name) {
    long begin = System.nanoTime();
    return change(
        () -> {
          installed(name);
          List<PluginStore.Version> versions =
              store.stored(name).map(PluginStore.Stored::versions).orElse(List.of());
          if (versions.size() < 2) {
            throw new RigException("plugin " + name + " has no earlier version to go back to");
          }
          PluginJar jar = store.read(versions.get(1).sha256());
          settings.trust().check(jar, false);
          return update(jar, begin);
        });
  }

  private Update update(PluginJar jar, long begin) {
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
    Installed now = exchange(old, jar, () -> store.install(jar));
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
    return new Update(before, plugin(now), before.users(), millis);
  }

  /** Starts the new one and moves everybody over; on failure everybody is where they were. */
  private Installed exchange(Installed old, PluginJar jar, Runnable record) {
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
    Installed now = installed(jar, started);
    installed.put(jar.name(), now);
    return now;
  }

  /** Its parts, also if it does not run. */
  private Set<String> had(Installed old) {
    if (old.bundle() != null || old.sha256().isEmpty()) {
      return Set.copyOf(old.parts());
    }
    try {
      return DeclaredParts.of(store.read(old.sha256()));
    } catch (RigException e) {
      LOG.debug("it had none that anybody knows", e);
      return Set.of();
    }
  }

  @Override
  public <T> T visit(Path file, BiFunction<Plugin, Long, T> look) {
    PluginJar jar = stage(new PluginSources.Source(file, file.toString(), false));
    Bundle bundle = null;
    try {
      bundle = bundles.install(jar, jar.location() + ":visit" + visits.incrementAndGet());
      registry.retire(bundle.getBundleId()); // before it starts: nobody gets a lease on its parts
      List<String> parts = bundles.start(jar, bundle);
      Plugin plugin =
          new Plugin(
              jar.name(), jar.version().toString(), jar.sha256(), "visiting", parts, List.of());
      return look.apply(plugin, bundle.getBundleId());
    } finally {
      if (bundle != null) {
        bundles.drop(bundle);
        registry.reinstate(bundle.getBundleId());
      }
      PluginStore.discard(jar.file());
    }
  }

  @Override
  public void remove(String name, boolean force) {
    change(
        () -> {
          remove(installed(name), force, () -> store.remove(name));
          return name;
        });
  }

  private void remove(Installed plugin, boolean force, Runnable record) {
    if (plugin.bundle() == null) {
      record.run();
    } else {
      users.refuse(plugin, force);
      long id = plugin.bundle().getBundleId();
      // Nobody may take a lease between the second look and the stop.
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

  @Override
  public List<Kept> prune(Set<String> used) {
    return change(() -> jars.prune(used));
  }

  // Without a command

  @Override
  public Path folder() {
    return store.directory();
  }

  @Override
  public String deliver(Path jar) {
    long begin = System.nanoTime();
    return staged(
        jar.toString(),
        staged -> {
          Installed there = installed.get(staged.name());
          if (there == null) {
            return "installed " + install(staged, false).name() + " " + staged.version();
          }
          if (there.bundle() != null && there.sha256().equals(staged.sha256())) {
            return staged.title() + " is installed already"; // a process died before it said so
          }
          return "updated " + update(staged, begin).after().name() + " to " + staged.version();
        });
  }

  @Override
  public void follow() {
    change(
        () -> {
          Set<String> names = new TreeSet<>(installed.keySet());
          names.addAll(store.names());
          List<PluginStore.Stored> added = new ArrayList<>();
          for (String name : names) {
            try {
              follow(name, added);
            } catch (RigException e) {
              LOG.warn("Plugin {} stays as it is here: {}", name, e.getMessage(), e);
            }
          }
          restore(added);
          return names;
        });
  }

  private void follow(String name, List<PluginStore.Stored> added) {
    Optional<PluginStore.Stored> stored = store.stored(name).filter(PluginStore.Stored::installed);
    Optional<PluginStore.Version> wanted = stored.map(s -> s.versions().get(0));
    Installed here = installed.get(name);
    if (wanted.isEmpty()) {
      if (here != null && !here.sha256().isEmpty()) {
        remove(here, false, () -> LOG.info("Follows without plugin {}", name));
      }
    } else if (here == null) {
      added.add(stored.get());
    } else if (!here.sha256().equals(wanted.get().sha256())) {
      PluginJar jar = store.read(wanted.get().sha256());
      settings.trust().check(jar, false);
      exchange(here, jar, () -> LOG.info("Follows to plugin {}", jar.title()));
      if (here.bundle() != null) {
        bundles.drop(here.bundle());
      }
    }
  }

  private Installed installed(String name) {
    Installed plugin = installed.get(name);
    if (plugin == null) {
      throw unknown(name);
    }
    return plugin;
  }

  private RigException unknown(String name) {
    return new RigException(
        "there is no plugin '"
            + name
            + "' installed; "
            + (installed.isEmpty()
                ? "there is none at all"
                : (installed.size() == 1 ? "there is " : "there are ")
                    + String.join(", ", installed.keySet())));
  }
}
