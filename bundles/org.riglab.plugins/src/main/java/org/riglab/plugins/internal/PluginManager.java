package org.riglab.plugins.internal;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PluginHost;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Installs plugins from the home at start, and changes them while everything else runs. */
@Component(
    immediate = true,
    configurationPid = PluginConfig.PID,
    property = PluginHost.LOCAL + ":Boolean=true",
    service = {Plugins.class, Deliveries.class, PluginHost.class})
public final class PluginManager implements Plugins, Deliveries, PluginHost {
  private static final Logger LOG = LoggerFactory.getLogger(PluginManager.class);

  /** How long other processes may take to follow; a step that is held back takes 4 s. */
  private static final long FOLLOW_SECONDS = 30;

  private final BundleContext context;
  private final Registry registry;
  private final Networks networks;
  private final PluginUsers users;
  private final PluginStore store;
  private final Followers followers;
  private final KeptJars kept;
  private final PluginComponents components;
  private final PluginBundles bundles;
  private final InstalledPlugins installed;
  private final PluginChanges changes;
  private final PluginRestore restore;
  private final Elsewhere elsewhere = new Elsewhere(() -> this.workers);
  private final HostedPlugins hosted;
  private volatile Settings settings;

  /** Those of this process's workers, where it is a server. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY,
      target = "(" + PluginHost.LOCAL + "=false)")
  volatile PluginHost workers;

  /** One change at a time; listing needs no lock. */
  private final ReentrantLock changing = new ReentrantLock();

  /** The configuration, understood. */
  private record Settings(Trust trust, long mostBytes, PluginSources sources) {}

  /**
   * @param context of this bundle
   * @param registry where parts appear and who uses them
   * @param networks may need parts
   * @param components knows why a component does not come up
   * @param config whose jars may be installed, and where from
   */
  @Activate
  public PluginManager(
      BundleContext context,
      @Reference Registry registry,
      @Reference Networks networks,
      @Reference ServiceComponentRuntime components,
      PluginConfig config) {
    this.context = context;
    this.registry = registry;
    this.networks = networks;
    this.users = new PluginUsers(registry, networks, elsewhere);
    this.components = new PluginComponents(components);
    this.bundles = new PluginBundles(context, registry, this.components);
    this.store = new PluginStore(networks.home().resolve("plugins"), Clock.systemUTC());
    this.followers = new Followers(store.directory());
    this.kept = new KeptJars(store);
    this.installed = new InstalledPlugins(registry, users);
    this.changes = new PluginChanges(installed, store, bundles, users, registry, elsewhere);
    this.restore = new PluginRestore(installed, store, bundles, changes, elsewhere);
    this.hosted = new HostedPlugins(installed, changes, bundles, registry);
    configure(config);
    restore.atStart(settings.trust());
  }

  /**
   * Installed plugins are not checked again; those installed from now on must satisfy the
   * configuration.
   */
  @Modified
  void configure(PluginConfig config) {
    settings =
        new Settings(
            Trust.of(config, networks.home()),
            config.max_size() << 20,
            new PluginSources(
                store,
                List.of(config.repositories()),
                config.max_size() << 20,
                CatalogueService.of(config, new Requirements.Here(context))));
  }

  // What is there

  @Override
  public List<Plugin> list() {
    return installed.list();
  }

  @Override
  public List<Kept> kept() {
    return kept.all();
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
    InstalledPlugin plugin = installed.find(name).orElse(null);
    if (plugin == null && stored.isEmpty() && checks.isEmpty()) {
      throw installed.unknown(name);
    }
    if (plugin == null) {
      checks.add(new Check("installed", false, kept.removed(stored)));
    } else {
      checks.addAll(
          new PluginDoctor(store, settings.trust(), bundles, components, registry)
              .examine(plugin, installed.state(plugin), users.of(plugin)));
    }
    return new Diagnosis(
        name, checks.stream().allMatch(Check::ok), checks, stored.map(kept::of).orElse(List.of()));
  }

  // Changes

  /**
   * One change of one process at a time. The lock of the home comes first: a server holds it while
   * it asks its workers for the same change, and they must not wait for it then.
   */
  private <T> T change(Supplier<T> change) {
    try (StoreLock held = StoreLock.take(store.directory())) {
      Objects.requireNonNull(held);
      return here(change);
    }
  }

  private <T> T here(Supplier<T> change) {
    changing.lock();
    try {
      return change.get();
    } finally {
      changing.unlock();
    }
  }

  /** Copies a jar into the store and verifies it; nothing of it has run. */
  private PluginJar stage(PluginSources.Source source) {
    Settings now = settings;
    PluginJar jar = store.jars().stage(source.file(), source.shown(), now.mostBytes());
    try {
      jar = now.sources().withLibraries(jar);
      now.trust().check(jar, !source.kept());
      return jar;
    } catch (RuntimeException | Error e) {
      discard(jar);
      throw e;
    }
  }

  private static void discard(PluginJar jar) {
    JarFiles.discard(jar.file());
    jar.libraries().forEach(library -> JarFiles.discard(library.file()));
  }

  private <T> T staged(String source, Function<PluginJar, T> change) {
    PluginJar jar = settings.sources().with(source, this::stage);
    try {
      return change(() -> change.apply(jar));
    } finally {
      discard(jar);
    }
  }

  @Override
  public Plugin install(String source, boolean replace) {
    return staged(source, jar -> changes.install(jar, replace));
  }

  @Override
  public Update update(String source) {
    long begin = System.nanoTime();
    return staged(source, jar -> changes.update(jar, begin));
  }

  @Override
  public Update rollback(String name) {
    long begin = System.nanoTime();
    return change(
        () -> {
          installed.require(name);
          List<PluginStore.Version> versions =
              store.stored(name).map(PluginStore.Stored::versions).orElse(List.of());
          if (versions.size() < 2) {
            throw new RigException(
                RigException.Kind.CONFLICT, "plugin " + name + " has no earlier version");
          }
          PluginJar jar = store.read(versions.get(1));
          settings.trust().check(jar, false);
          return changes.update(jar, begin);
        });
  }

  @Override
  public <T> T visit(Path file, BiFunction<Plugin, Long, T> look) {
    PluginJar jar = stage(new PluginSources.Source(file, file.toString(), false));
    try {
      return changes.visit(jar, look);
    } finally {
      discard(jar);
    }
  }

  @Override
  public void remove(String name, boolean force) {
    Optional<PluginStore.Stored> before =
        change(
            () -> {
              InstalledPlugin plugin = installed.require(name);
              Optional<PluginStore.Stored> stored = store.readable(name);
              changes.remove(
                  plugin,
                  force,
                  () ->
                      elsewhere.first(
                          others -> others.remove(name), () -> store.remove(name, force)));
              return stored;
            });
    // Without the lock: the others need it to follow.
    List<Followers.Keeper> keepers = followers.without(name, FOLLOW_SECONDS);
    if (keepers.isEmpty()) {
      return;
    }
    String who = keepers.stream().map(Followers.Keeper::words).collect(Collectors.joining("; "));
    if (force) {
      throw new RigException(
          RigException.Kind.BUSY,
          "plugin " + name + " is removed from the home, but is still active in " + who);
    }
    before.ifPresent(stored -> reinstall(name, stored));
    throw new RigException(
        RigException.Kind.BUSY,
        "plugin " + name + " remains installed: it is used in " + who + "; or use --force");
  }

  /** Takes a removal back, unless another change was made meanwhile. */
  private void reinstall(String name, PluginStore.Stored before) {
    change(
        () -> {
          if (store.readable(name).filter(PluginStore.Stored::installed).isEmpty()) {
            store.write(before);
          }
          return restore.follow(settings.trust());
        });
  }

  @Override
  public Followers followers() {
    return followers;
  }

  @Override
  public List<Kept> prune(Set<String> used) {
    return change(() -> kept.prune(used));
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
          Optional<InstalledPlugin> there = installed.find(staged.name());
          if (there.isEmpty()) {
            return "installed " + changes.install(staged, false).name() + " " + staged.version();
          }
          if (there.get().bundle() != null && there.get().sha256().equals(staged.sha256())) {
            return staged.title() + " is installed already"; // a process died before it said so
          }
          return "updated "
              + changes.update(staged, begin).after().name()
              + " to "
              + staged.version();
        });
  }

  @Override
  public void follow() {
    catchUp();
  }

  @Override
  public Map<String, String> catchUp() {
    Map<String, String> running = change(() -> restore.follow(settings.trust()));
    elsewhere.follow();
    return running;
  }

  // As a worker

  @Override
  public List<String> users(String plugin) {
    return hosted.users(plugin);
  }

  @Override
  public void exchange(Path jar) {
    here(
        () -> {
          hosted.exchange(jar);
          return jar;
        });
  }

  @Override
  public void remove(String plugin) {
    here(
        () -> {
          hosted.remove(plugin);
          return plugin;
        });
  }
}
