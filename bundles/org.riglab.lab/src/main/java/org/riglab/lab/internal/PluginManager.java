package org.riglab.lab.internal;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
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
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.riglab.api.RigException;
import org.riglab.api.bench.Bench;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Unroll;
import org.riglab.lab.internal.PluginBundles.Started;
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

  /** Runs move over after their current step; no step takes this long. */
  private static final long MOVE_MILLIS = TimeUnit.MINUTES.toMillis(5);

  private final Registry registry;
  private final Bench bench;
  private final PluginStore store;
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
   * @param bench whose networks need parts
   * @param components knows why a component does not come up
   * @param guard is there before a plugin's first class is loaded
   * @param config whose jars may be installed, and where from
   */
  @Activate
  public PluginManager(
      BundleContext context,
      @Reference Registry registry,
      @Reference Bench bench,
      @Reference ServiceComponentRuntime components,
      @Reference ExitGuard guard,
      PluginConfig config) {
    this.registry = registry;
    this.bench = bench;
    this.bundles = new PluginBundles(context, registry, components);
    this.store = new PluginStore(bench.home().resolve("plugins"), Clock.systemUTC());
    configure(config);
    restore();
  }

  /** What runs goes on as it is; what is installed from now on must satisfy the configuration. */
  @Modified
  void configure(PluginConfig config) {
    settings =
        new Settings(
            Trust.of(config, bench.home()),
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
        LOG.error("Plugin {} is out of order: {}", name, e.getMessage(), e);
        installed.put(name, new Installed(name, "", "", null, List.of(), e.getMessage()));
      }
    }
    Set<String> locations =
        stored.stream()
            .map(s -> PluginJar.location(s.name(), s.versions().get(0).sha256()))
            .collect(Collectors.toSet());
    bundles.all().stream()
        .filter(bundle -> !locations.contains(bundle.getLocation()))
        .forEach(bundles::drop);
    for (PluginStore.Stored s : stored) {
      installed.put(s.name(), restore(s.name(), s.versions().get(0)));
    }
  }

  private Installed restore(String name, PluginStore.Version last) {
    try {
      PluginJar jar = store.read(last.sha256());
      if (!jar.name().equals(name)) {
        throw new RigException(jar.file() + " is " + jar.title() + ", not " + name);
      }
      settings.trust().check(jar, false);
      return installed(jar, bundles.start(jar));
    } catch (RigException e) {
      LOG.error("Plugin {} is out of order: {}", name, e.getMessage(), e);
      return new Installed(name, last.version(), last.sha256(), null, List.of(), e.getMessage());
    }
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

  @Override
  public List<Kept> kept() {
    List<Kept> kept = new ArrayList<>();
    for (String name : store.names()) {
      try {
        store.stored(name).ifPresent(stored -> kept.addAll(kept(stored)));
      } catch (RigException e) {
        LOG.warn("skipped plugin {}", name, e);
      }
    }
    Set<String> known = kept.stream().map(Kept::sha256).collect(Collectors.toSet());
    for (String sha256 : store.digests()) {
      if (!known.contains(sha256)) { // a process died before it could say what this is
        kept.add(new Kept("", "", sha256, length(sha256), Instant.EPOCH, false));
      }
    }
    return kept.stream().filter(k -> k.bytes() > 0).toList();
  }

  private List<Kept> kept(PluginStore.Stored stored) {
    List<Kept> kept = new ArrayList<>();
    for (PluginStore.Version v : stored.versions()) {
      kept.add(
          new Kept(
              stored.name(),
              v.version(),
              v.sha256(),
              length(v.sha256()),
              v.since(),
              stored.installed() && kept.isEmpty()));
    }
    return kept;
  }

  private long length(String sha256) {
    return store.file(sha256).toFile().length();
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
      checks.add(new Check("installed", false, removed(stored)));
    } else {
      checks.addAll(
          new PluginDoctor(store, settings.trust(), bundles, registry)
              .examine(plugin, state(plugin), users(plugin)));
    }
    return new Diagnosis(
        name,
        checks.stream().allMatch(Check::ok),
        checks,
        stored.map(this::kept).orElse(List.of()));
  }

  private String removed(Optional<PluginStore.Stored> stored) {
    return stored.stream()
        .flatMap(s -> kept(s).stream())
        .filter(k -> k.bytes() > 0)
        .findFirst()
        .map(
            k ->
                "it was removed; 'plugin install sha256:%s' brings %s back"
                    .formatted(k.sha256().substring(0, 16), k.version()))
        .orElse("it was removed");
  }

  // Changes

  /** One change of one process at a time. */
  private <T> T change(Supplier<T> change) {
    changing.lock();
    try (PluginStore.Lock held = store.lock()) {
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
    } catch (RigException e) {
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
    checkNames(jar, DeclaredParts.of(jar), Set.of(), replace);
    Started started = bundles.start(jar);
    try {
      checkNames(jar, started.parts(), Set.of(), replace);
      store.install(jar);
    } catch (RigException e) {
      bundles.drop(started.bundle());
      throw e;
    }
    Installed now = installed(jar, started);
    installed.put(jar.name(), now);
    LOG.info("Installed plugin {} sha256:{}", jar.title(), jar.sha256());
    return plugin(now);
  }

  /** Two parts of one name: a spec would no longer say which of them it means. */
  private void checkNames(
      PluginJar jar, Collection<String> parts, Set<String> except, boolean replace) {
    for (ServiceReference<?> other : bundles.clashes(jar.name(), parts, except)) {
      Bundle owner = other.getBundle();
      String theirs = String.join(", ", PluginBundles.part(other));
      String title = owner.getSymbolicName() + " " + owner.getVersion();
      if (!replace) {
        throw new RigException(
            "plugin %s has a part of a name that is taken: %s of %s; give it another name, or install with --replace"
                .formatted(jar.title(), theirs, title));
      }
      if (jar.version().compareTo(owner.getVersion()) <= 0) {
        throw new RigException(
            "plugin %s cannot stand in for %s of %s: of two parts with one name the newest version is taken"
                .formatted(jar.title(), theirs, title));
      }
    }
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
    checkNames(jar, DeclaredParts.of(jar), had, false);
    Started started = bundles.start(jar);
    try {
      checkNames(jar, started.parts(), had, false);
      moveOver(old, started, jar);
      record.run();
    } catch (RigException e) {
      moveBack(old, started.bundle());
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
    bundles.drop(bundle);
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
      refuseIfUsed(plugin, force);
      long id = plugin.bundle().getBundleId();
      // Nobody may take a lease between the second look and the stop.
      if (!force) {
        registry.retire(id);
      }
      try {
        refuseIfUsed(plugin, force);
        record.run();
      } catch (RigException e) {
        registry.reinstate(id);
        throw e;
      }
      bundles.drop(plugin.bundle());
    }
    installed.remove(plugin.name());
    LOG.info("Removed plugin {} {}", plugin.name(), plugin.version());
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

  @Override
  public List<Kept> prune(Set<String> used) {
    return change(
        () -> {
          List<Kept> gone = new ArrayList<>();
          for (String name : store.names()) {
            store.stored(name).ifPresent(stored -> gone.addAll(prune(stored, used)));
          }
          Set<String> stay =
              kept().stream()
                  .filter(k -> !k.name().isEmpty())
                  .map(Kept::sha256)
                  .collect(Collectors.toSet());
          Set<String> listed = gone.stream().map(Kept::sha256).collect(Collectors.toSet());
          for (Kept k : kept()) {
            String sha256 = k.sha256();
            if (!stay.contains(sha256) && !used.contains(sha256) && listed.add(sha256)) {
              gone.add(k);
            }
          }
          for (Kept k : gone) {
            if (!stay.contains(k.sha256())) {
              PluginStore.discard(store.file(k.sha256()));
            }
          }
          return gone;
        });
  }

  /** The record goes first: a jar that nobody names is only a jar too many. */
  private List<Kept> prune(PluginStore.Stored stored, Set<String> used) {
    List<PluginStore.Version> stay = new ArrayList<>();
    List<Kept> gone = new ArrayList<>();
    List<Kept> all = kept(stored);
    for (int i = 0; i < all.size(); i++) {
      // The first is installed, the second is what a rollback goes to.
      if (stored.installed() && i < 2 || used.contains(all.get(i).sha256())) {
        stay.add(stored.versions().get(i));
      } else {
        gone.add(all.get(i));
      }
    }
    if (stay.isEmpty()) {
      store.forget(stored.name());
    } else if (!gone.isEmpty()) {
      store.write(new PluginStore.Stored(stored.name(), stored.installed(), stay));
    }
    return gone.stream().filter(k -> k.bytes() > 0).toList();
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
          for (String name : names) {
            try {
              follow(name);
            } catch (RigException e) {
              LOG.warn("Plugin {} stays as it is here: {}", name, e.getMessage(), e);
            }
          }
          return names;
        });
  }

  private void follow(String name) {
    Optional<PluginStore.Version> wanted =
        store
            .stored(name)
            .filter(PluginStore.Stored::installed)
            .map(stored -> stored.versions().get(0));
    Installed here = installed.get(name);
    if (wanted.isEmpty()) {
      if (here != null && !here.sha256().isEmpty()) {
        remove(here, false, () -> LOG.info("Follows without plugin {}", name));
      }
    } else if (here == null) {
      installed.put(name, restore(name, wanted.get()));
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
                : "there are " + String.join(", ", installed.keySet())));
  }
}
