package org.riglab.plugins.internal;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Kinds;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;
import org.riglab.api.network.Gate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plugins as bundles of the framework: installs, starts, looks at and drops them. */
final class PluginBundles {
  private static final Logger LOG = LoggerFactory.getLogger(PluginBundles.class);
  private static final String CONFIGURATION_ADMIN = "org.osgi.service.cm.ConfigurationAdmin";

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Patience patience = new Patience(LIMIT);
  private final GoneVersions gone = new GoneVersions();
  private final LibraryBundles libraries;
  private final BundleContext context;
  private final Registry registry;
  private final PluginComponents components;

  /** A bundle that has just been started, and its parts. */
  record Started(Bundle bundle, List<String> parts) {}

  PluginBundles(BundleContext context, Registry registry, PluginComponents components) {
    this.context = context;
    this.registry = registry;
    this.components = components;
    this.libraries = new LibraryBundles(context);
  }

  /** The libraries of plugins. */
  LibraryBundles libraries() {
    return libraries;
  }

  /** Those that were installed as plugins, by whatever process used the framework's cache. */
  List<Bundle> all() {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> bundle.getLocation().startsWith(PluginJar.LOCATION))
        .toList();
  }

  /** Installs and starts a bundle; on failure nothing of it is left. */
  Started start(PluginJar jar) {
    Bundle bundle = install(jar, jar.location());
    try {
      return new Started(bundle, start(jar, bundle));
    } catch (RuntimeException | Error e) {
      fail(bundle, e);
      throw e;
    }
  }

  /** Drops a bundle that did not start. One that does not return from its start may not stop. */
  void fail(Bundle bundle, Throwable e) {
    if (Patience.gaveUp(e)) {
      registry.block(bundle.getBundleId(), e.getMessage());
      Thread thread = new Thread(() -> tryToDrop(bundle), "stop of " + bundle.getSymbolicName());
      thread.setDaemon(true);
      thread.start();
    } else {
      drop(bundle);
    }
  }

  private void tryToDrop(Bundle bundle) {
    try {
      drop(bundle);
    } catch (IllegalStateException e) {
      LOG.debug("the framework has stopped before {}", bundle, e);
    }
  }

  /**
   * Installs and starts several plugins, each of which may need services of the others, in any
   * order: components are judged when all bundles have been started.
   *
   * @param jars what to start
   * @param failed receives each plugin that does not start, and why; nothing of it is left
   * @return those that run
   */
  Map<PluginJar, Started> start(
      Collection<PluginJar> jars, BiConsumer<PluginJar, Throwable> failed) {
    Map<PluginJar, Bundle> running = new LinkedHashMap<>();
    for (PluginJar jar : jars) {
      Bundle bundle = null;
      try {
        bundle = install(jar, jar.location());
        activate(jar, bundle);
        running.put(jar, bundle);
      } catch (RuntimeException | LinkageError e) {
        if (bundle != null) {
          fail(bundle, e);
        }
        failed.accept(jar, e);
      }
    }
    Map<PluginJar, Started> started;
    int before;
    do {
      before = running.size();
      started = judge(running, failed);
      // One that is dropped takes its services along: the others are judged again.
    } while (running.size() < before);
    return started;
  }

  /** Looks at the components of running plugins, and drops those that lack something. */
  private Map<PluginJar, Started> judge(
      Map<PluginJar, Bundle> running, BiConsumer<PluginJar, Throwable> failed) {
    Map<PluginJar, Started> started = new LinkedHashMap<>();
    for (PluginJar jar : List.copyOf(running.keySet())) {
      Bundle bundle = running.get(jar);
      try {
        started.put(jar, new Started(bundle, parts(jar, bundle)));
      } catch (RuntimeException | LinkageError e) {
        running.remove(jar);
        fail(bundle, e);
        failed.accept(jar, e);
      }
    }
    return started;
  }

  List<String> start(PluginJar jar, Bundle bundle) {
    activate(jar, bundle);
    return parts(jar, bundle);
  }

  private void activate(PluginJar jar, Bundle bundle) {
    List<String> missing = missing(bundle);
    if (!missing.isEmpty()) {
      throw new RigException("plugin " + jar.title() + " needs " + String.join("; and ", missing));
    }
    patience.run(
        "plugin " + jar.title(),
        name -> owns(jar, name),
        () -> {
          run(jar, bundle);
          return bundle;
        });
  }

  private static boolean owns(PluginJar jar, String className) {
    return jar.contents().entries().contains(className.replace('.', '/') + ".class");
  }

  private static void run(PluginJar jar, Bundle bundle) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      // DJL looks for its natives through the thread's context class loader, also where a plugin is
      // the first in the process to need them.
      thread.setContextClassLoader(djl());
      bundle.start(Bundle.START_TRANSIENT);
    } catch (BundleException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new RigException(
          RigException.Kind.PART_FAILED,
          "plugin " + jar.title() + " does not start: " + PluginJar.oneLine("" + cause),
          e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** The class loader of DJL, of which parts are made. */
  private static ClassLoader djl() {
    try {
      return Gate.class.getClassLoader().loadClass("ai.djl.ndarray.NDArray").getClassLoader();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("Riglab's org.riglab.api has no DJL", e);
    }
  }

  Bundle install(PluginJar jar, String location) {
    Bundle there = context.getBundle(location);
    if (there != null) {
      return there;
    }
    for (Bundle bundle : context.getBundles()) {
      if (jar.name().equals(bundle.getSymbolicName())
          && !bundle.getLocation().startsWith(PluginJar.LOCATION)) {
        throw new RigException(
            RigException.Kind.CONFLICT, jar.name() + " is a bundle of Riglab, not a plugin");
      }
    }
    return libraries.install(jar, location);
  }

  /** In words, what a bundle cannot be wired to. */
  List<String> missing(Bundle bundle) {
    return new Requirements(context).missing(bundle);
  }

  private List<String> parts(PluginJar jar, Bundle bundle) {
    List<String> waiting = components.waiting(bundle);
    if (!waiting.isEmpty()) {
      throw new RigException(
          RigException.Kind.PART_FAILED,
          "plugin " + jar.title() + " does not start: " + String.join("; ", waiting));
    }
    // Components that are not immediate are constructed here.
    List<PartInfo> parts =
        patience.run(
            "plugin " + jar.title(),
            name -> owns(jar, name),
            () -> registry.partsOf(bundle.getBundleId()));
    if (parts.isEmpty()) {
      throw new RigException(
          "plugin "
              + jar.title()
              + " provides no part: none of its services has a riglab.name and the interface of a"
              + " kind, from Riglab's org.riglab.api");
    }
    return parts.stream().map(p -> p.kind() + " " + p.name()).sorted().toList();
  }

  /**
   * Refuses two parts of one name: a spec would no longer say which of them it means.
   *
   * @param jar a plugin
   * @param parts kind and name of each that it will have
   * @param except parts that it has already
   * @param replace whether it may stand in for others, if it can
   */
  void checkNames(PluginJar jar, Collection<String> parts, Set<String> except, boolean replace) {
    for (ServiceReference<?> other : clashes(jar.name(), parts, except)) {
      Bundle owner = other.getBundle();
      String theirs = String.join(", ", part(other));
      String title = owner.getSymbolicName() + " " + owner.getVersion();
      if (!replace) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            "plugin %s has a part with a name that is in use: %s of %s; give it another name, or %sinstall with --replace"
                .formatted(
                    jar.title(),
                    theirs,
                    title,
                    // an update keeps the names it has; another one is no mere update
                    except.isEmpty() ? "" : "remove " + jar.name() + " and "));
      }
      boolean plugin = owner.getLocation().startsWith(PluginJar.LOCATION);
      if (plugin && jar.version().compareTo(owner.getVersion()) <= 0) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            "plugin %s cannot replace %s of %s: of two plugins with the same part the newest version is used"
                .formatted(jar.title(), theirs, title));
      }
    }
  }

  /**
   * Bundles of another name that have a part which a plugin wants to have.
   *
   * @param name symbolic name of the plugin
   * @param parts kind and name of each
   * @param except parts that it has already
   * @return services of the same kind and name
   */
  private List<ServiceReference<?>> clashes(
      String name, Collection<String> parts, Set<String> except) {
    try {
      ServiceReference<?>[] services =
          context.getAllServiceReferences(null, "(" + Provider.NAME + "=*)");
      return services == null
          ? List.of()
          : Arrays.stream(services)
              .filter(s -> s.getBundle() != null && !name.equals(s.getBundle().getSymbolicName()))
              .filter(s -> part(s).stream().anyMatch(p -> parts.contains(p) && !except.contains(p)))
              .<ServiceReference<?>>map(s -> s)
              .toList();
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("a constant", e);
    }
  }

  /** Kind and name of what a service provides. */
  private static Set<String> part(ServiceReference<?> service) {
    Set<String> parts = new TreeSet<>();
    if (service.getProperty(Constants.OBJECTCLASS) instanceof String[] types) {
      for (String type : types) {
        Kinds.of(type)
            .ifPresent(kind -> parts.add(kind + " " + service.getProperty(Provider.NAME)));
      }
    }
    return parts;
  }

  /** Versions of a plugin that were dropped, and whose classes are still in memory. */
  List<String> held(String name) {
    return gone.held(name);
  }

  /** Stops and uninstalls a bundle, and waits until the framework has released its classes. */
  void drop(Bundle bundle) {
    if (bundle.getState() != Bundle.UNINSTALLED) {
      gone.add(bundle);
      forgetUses(bundle);
      try {
        bundle.stop(Bundle.STOP_TRANSIENT);
      } catch (BundleException e) {
        LOG.error("{} fails to stop", bundle, e);
      }
      try {
        bundle.uninstall();
      } catch (BundleException e) {
        LOG.error("{} fails to uninstall", bundle, e);
      }
    }
    libraries.refresh(List.of(bundle));
    libraries.dropUnused();
  }

  /**
   * Lets the framework forget that a bundle used Configuration Admin, which SCR asks in the name of
   * each bundle that has components. Felix Framework drops such a use, and with it the bundle, once
   * it was given back through service objects; what SCR gives back it keeps, counted to zero, until
   * the service goes, and that is for ever.
   */
  private void forgetUses(Bundle bundle) {
    BundleContext user = bundle.getBundleContext();
    if (user == null) {
      return; // not started
    }
    try {
      ServiceReference<?>[] used = context.getAllServiceReferences(CONFIGURATION_ADMIN, null);
      for (ServiceReference<?> service : used == null ? new ServiceReference<?>[0] : used) {
        takeAndGiveBack(user.getServiceObjects(service));
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("the expression contains no filter", e);
    } catch (RuntimeException e) {
      // No reason to keep the bundle: what is lost is some memory.
      LOG.warn("The framework keeps {} until it stops", bundle, e);
    }
  }

  private static <S> void takeAndGiveBack(ServiceObjects<S> objects) {
    S service = objects.getService();
    if (service != null) {
      objects.ungetService(service);
    }
  }
}
