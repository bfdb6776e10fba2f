package org.riglab.parts.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentConstants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Kinds;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;
import org.riglab.parts.AnnotationOptions;
import org.riglab.parts.EngineLookup;
import org.riglab.parts.Names;
import org.riglab.parts.PartEvents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps references to providers' services, never the services: whoever wants one takes a lease. No
 * foreign code runs under the lock.
 */
@Component(
    service = {Registry.class, PartEvents.class},
    immediate = true)
public final class PartRegistry implements Registry, PartEvents {
  private static final Logger LOG = LoggerFactory.getLogger(PartRegistry.class);

  /** SCR gives up on a component that takes more than 5 s to stop. */
  private static final long HOLD_NANOS = TimeUnit.SECONDS.toNanos(4);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  private final BundleContext context;
  private final ServiceComponentRuntime components;
  private final Digests digests = new Digests();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final ServiceTracker<Provider, Entry> tracker;

  private final Object lock = new Object();
  private final Set<Entry> entries = new LinkedHashSet<>();
  private final Set<Long> retiring = new HashSet<>();
  private final Map<Long, String> blocked = new HashMap<>();

  /** Until when a bundle's stop is held back, by {@link System#nanoTime}. */
  private final Map<Long, Long> holds = new HashMap<>();

  /**
   * @param context of this bundle
   * @param components knows why a provider does not start
   */
  @Activate
  public PartRegistry(BundleContext context, @Reference ServiceComponentRuntime components) {
    EngineLookup.findEngines();
    this.context = context;
    this.components = components;
    this.tracker = new ServiceTracker<>(context, filter(), new Tracking());
    tracker.open();
  }

  @Deactivate
  void close() {
    List<Entry> all;
    synchronized (lock) {
      all = List.copyOf(entries);
    }
    // One deadline for all of them; afterwards the tracker finds nothing left to wait for.
    all.forEach(this::revoke);
    hold(all, System.nanoTime() + HOLD_NANOS);
    tracker.close();
  }

  private final class Tracking implements ServiceTrackerCustomizer<Provider, Entry> {
    @Override
    public Entry addingService(ServiceReference<Provider> reference) {
      Entry entry = entry(reference).orElse(null);
      if (entry != null) {
        synchronized (lock) {
          entries.add(entry);
        }
        tell(listener -> listener.appeared(part(entry, entry.about(), List.of())));
      }
      return entry;
    }

    @Override
    public void modifiedService(ServiceReference<Provider> reference, Entry entry) {
      // Name and kind are fixed for the life of a part; the ranking is read when it is needed.
    }

    @Override
    public void removedService(ServiceReference<Provider> reference, Entry entry) {
      revoke(entry);
      hold(List.of(entry), deadline(entry.bundleId));
      forget(entry.bundleId);
    }
  }

  private static Filter filter() {
    String kinds =
        Kinds.ALL.values().stream()
            .map(kind -> "(" + Constants.OBJECTCLASS + "=" + kind.getName() + ")")
            .collect(Collectors.joining("", "(|", ")"));
    try {
      return FrameworkUtil.createFilter("(&(" + Provider.NAME + "=*)" + kinds + ")");
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Entry> entry(ServiceReference<? extends Provider> reference) {
    Set<String> classes = Set.of((String[]) reference.getProperty(Constants.OBJECTCLASS));
    List<String> kinds =
        Kinds.ALL.keySet().stream()
            .filter(k -> classes.contains(Kinds.ALL.get(k).getName()))
            .toList();
    Object name = reference.getProperty(Provider.NAME);
    if (kinds.size() == 1 && name instanceof String s && NAME.matcher(s).matches()) {
      return Optional.of(new Entry(kinds.get(0), s, reference));
    }
    LOG.warn(
        "Ignored a service of bundle {}: it needs one kind, and a {} of letters, digits, dot, dash"
            + " and underscore; it has {} and {}",
        reference.getBundle().getSymbolicName(),
        Provider.NAME,
        kinds,
        name);
    return Optional.empty();
  }

  // What is there

  @Override
  public List<PartInfo> parts(String kind) {
    if (!kind.isEmpty() && !Kinds.ALL.containsKey(kind)) {
      throw new RigException(
          "there is no kind '"
              + kind
              + "'; there are "
              + Names.nearestFirst(kind, Kinds.ALL.keySet()).collect(Collectors.joining(", ")));
    }
    List<String> order = List.copyOf(Kinds.ALL.keySet());
    Map<String, Entry> best = new HashMap<>();
    synchronized (lock) {
      Comparator<Entry> preference =
          Comparator.comparing((Entry e) -> leasable(e)).thenComparing(Entry.PREFERENCE);
      for (Entry e : entries) {
        if (kind.isEmpty() || e.kind.equals(kind)) {
          best.merge(e.kind + " " + e.name, e, (a, b) -> preference.compare(a, b) >= 0 ? a : b);
        }
      }
    }
    return best.values().stream()
        .sorted(
            Comparator.comparingInt((Entry e) -> order.indexOf(e.kind)).thenComparing(e -> e.name))
        .map(this::describe)
        .toList();
  }

  @Override
  public List<PartInfo> partsOf(long bundleId) {
    List<Entry> own;
    synchronized (lock) {
      own = entries.stream().filter(e -> e.bundleId == bundleId).toList();
    }
    return own.stream().map(e -> describe(e, objects(e))).toList();
  }

  /** Runs the provider only if nobody has asked for its options before. */
  private PartInfo describe(Entry entry) {
    synchronized (lock) {
      if (entry.options != null) {
        return part(entry, entry.about(), entry.options);
      }
    }
    try {
      return describe(entry, objects(entry));
    } catch (RigException e) {
      return part(entry, "out of order: " + e.getMessage(), List.of());
    }
  }

  private <P extends Provider> PartInfo describe(Entry entry, ServiceObjects<P> objects) {
    P provider = take(entry, objects);
    try {
      return part(entry, entry.about(), options(entry, provider));
    } finally {
      give(objects, provider);
    }
  }

  private List<OptionInfo> options(Entry entry, Provider provider) {
    synchronized (lock) {
      if (entry.options != null) {
        return entry.options;
      }
    }
    String what = entry.kind + " " + entry.name;
    List<OptionInfo> options = AnnotationOptions.describe(what, declared(what, provider));
    synchronized (lock) {
      entry.options = options;
    }
    return options;
  }

  private static Class<? extends java.lang.annotation.Annotation> declared(
      String part, Provider provider) {
    try {
      Class<? extends java.lang.annotation.Annotation> type = provider.options();
      if (type != null) {
        return type;
      }
    } catch (RuntimeException | LinkageError e) {
      throw new RigException(part + " does not tell its options: " + e, e);
    }
    throw new RigException(part + " does not tell its options: it answers null");
  }

  private PartInfo part(Entry entry, String about, List<OptionInfo> options) {
    return new PartInfo(
        entry.kind,
        entry.name,
        about,
        options,
        entry.bundle,
        entry.version,
        digests.of(entry.owner),
        entry.bundleId);
  }

  @Override
  public Options options(String part, Provider provider, Map<String, ?> values) {
    return AnnotationOptions.check(part, declared(part, provider), values);
  }

  // Leases

  @Override
  public <P extends Provider> Lease<P> lease(Class<P> kind, String name, String user) {
    PartLease<P> lease;
    Entry entry;
    synchronized (lock) {
      entry = find(kind, name);
      lease = new PartLease<>(this, entry, user);
      entry.leases.add(lease);
    }
    boolean opened = false;
    try {
      @SuppressWarnings("unchecked") // the entry's kind is this class
      ServiceObjects<P> objects = (ServiceObjects<P>) objects(entry);
      P service = take(entry, objects);
      PartInfo part;
      try {
        part = part(entry, entry.about(), options(entry, service));
      } catch (RuntimeException e) {
        give(objects, service);
        throw e;
      }
      lease.open(objects, service, part);
      opened = true;
      return lease;
    } finally {
      if (!opened) {
        lease.close();
      }
    }
  }

  private boolean leasable(Entry entry) {
    return !retiring.contains(entry.bundleId) && !blocked.containsKey(entry.bundleId);
  }

  private Entry find(Class<?> kind, String name) {
    List<Entry> sameKind = entries.stream().filter(e -> Kinds.ALL.get(e.kind) == kind).toList();
    List<Entry> sameName = sameKind.stream().filter(e -> e.name.equals(name)).toList();
    Optional<Entry> best = sameName.stream().filter(this::leasable).max(Entry.PREFERENCE);
    if (best.isPresent()) {
      return best.get();
    }
    for (Entry entry : sameName) {
      if (blocked.containsKey(entry.bundleId)) {
        throw new RigException(
            entry
                + " is out of order: "
                + blocked.get(entry.bundleId)
                + "; update or remove the plugin");
      }
    }
    if (!sameName.isEmpty()) {
      throw new RigException(sameName.get(0) + " is about to be removed; wait until that is done");
    }
    String title =
        Kinds.of(kind.getName())
            .orElseThrow(() -> new IllegalArgumentException(kind + " is no kind of part"));
    List<String> names = sameKind.stream().map(e -> e.name).distinct().sorted().toList();
    throw new RigException(
        RigException.Kind.NOT_FOUND,
        "there is no "
            + title
            + " '"
            + name
            + "'; "
            + (names.isEmpty()
                ? "there is none at all"
                : "there are "
                    + Names.nearestFirst(name, names).collect(Collectors.joining(", "))));
  }

  private ServiceObjects<? extends Provider> objects(Entry entry) {
    ServiceObjects<? extends Provider> objects = context.getServiceObjects(entry.reference);
    if (objects == null) {
      throw new RigException(entry + " has gone");
    }
    return objects;
  }

  private <P extends Provider> P take(Entry entry, ServiceObjects<P> objects) {
    P service;
    try {
      service = EngineLookup.call(objects::getService);
    } catch (RuntimeException | LinkageError e) {
      throw new RigException(entry + " does not start: " + e, e);
    }
    if (service == null) {
      throw new RigException(entry + " does not start: " + reason(entry.reference));
    }
    return service;
  }

  static <P> void give(ServiceObjects<P> objects, P service) {
    try {
      objects.ungetService(service);
    } catch (IllegalStateException | IllegalArgumentException e) {
      // The framework has taken the service back already: its bundle or ours has stopped.
      LOG.debug("Service was taken back before it was given back", e);
    }
  }

  /** The root of what the component's constructor or activator threw, as SCR recorded it. */
  private String reason(ServiceReference<?> reference) {
    Object id = reference.getProperty(ComponentConstants.COMPONENT_ID);
    return components.getComponentDescriptionDTOs(reference.getBundle()).stream()
        .flatMap(d -> components.getComponentConfigurationDTOs(d).stream())
        .filter(c -> Long.valueOf(c.id).equals(id) && c.failure != null)
        .map(c -> root(c.failure))
        .findFirst()
        .orElse("its service is not there");
  }

  /** The exception that a printed stack trace goes back to: its last cause, or its first line. */
  private static String root(String trace) {
    String cause = "Caused by: ";
    return trace
        .lines()
        .filter(line -> line.startsWith(cause))
        .map(line -> line.substring(cause.length()))
        .reduce((first, last) -> last)
        .orElseGet(() -> trace.lines().findFirst().orElse(""));
  }

  void closed(PartLease<?> lease, Entry entry) {
    synchronized (lock) {
      entry.leases.remove(lease);
      lock.notifyAll();
    }
  }

  @Override
  public List<String> users(long bundleId) {
    synchronized (lock) {
      return leases(bundleId).stream().map(PartLease::user).distinct().sorted().toList();
    }
  }

  private List<PartLease<?>> leases(long bundleId) {
    List<PartLease<?>> leases = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.bundleId == bundleId) {
        leases.addAll(entry.leases);
      }
    }
    return leases;
  }

  // Going

  @Override
  public void retire(long bundleId) {
    synchronized (lock) {
      retiring.add(bundleId);
    }
    tell(listener -> listener.retiring(bundleId));
  }

  @Override
  public void reinstate(long bundleId) {
    synchronized (lock) {
      retiring.remove(bundleId);
    }
  }

  @Override
  public void block(long bundleId, String why) {
    List<PartLease<?>> leases;
    synchronized (lock) {
      blocked.put(bundleId, why);
      leases = leases(bundleId);
      entries.stream().filter(e -> e.bundleId == bundleId).forEach(e -> e.leases.clear());
      lock.notifyAll();
    }
    leases.forEach(PartLease::revoke);
    tell(listener -> listener.retiring(bundleId));
  }

  @Override
  public Optional<String> blocked(long bundleId) {
    synchronized (lock) {
      return Optional.ofNullable(blocked.get(bundleId));
    }
  }

  boolean retiring(long bundleId) {
    synchronized (lock) {
      return retiring.contains(bundleId);
    }
  }

  @Override
  public boolean awaitUnused(long bundleId, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    synchronized (lock) {
      while (!leases(bundleId).isEmpty()) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(lock, left);
      }
      return true;
    }
  }

  private void revoke(Entry entry) {
    List<PartLease<?>> leases;
    synchronized (lock) {
      if (!entries.remove(entry)) {
        return;
      }
      leases = List.copyOf(entry.leases);
      entry.leases.clear();
      lock.notifyAll();
    }
    leases.forEach(PartLease::revoke);
    tell(listener -> listener.gone(part(entry, entry.about(), List.of())));
  }

  /** One deadline for all parts of a bundle that stops: they are unregistered one by one. */
  private long deadline(long bundleId) {
    long now = System.nanoTime();
    synchronized (lock) {
      // A deadline that has long passed is of a part that went alone.
      return holds.compute(
          bundleId, (id, old) -> old == null || now - old > HOLD_NANOS ? now + HOLD_NANOS : old);
    }
  }

  private void forget(long bundleId) {
    synchronized (lock) {
      if (entries.stream().noneMatch(e -> e.bundleId == bundleId)) {
        holds.remove(bundleId);
        retiring.remove(bundleId);
        blocked.remove(bundleId);
        digests.forget(bundleId);
      }
    }
  }

  /** Waits until the steps that rely on parts have ended, other threads' steps only. */
  private void hold(List<Entry> gone, long deadline) {
    synchronized (lock) {
      while (gone.stream()
          .flatMap(e -> e.steps.stream())
          .anyMatch(step -> step.thread() != Thread.currentThread())) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          LOG.warn("{} went away in the middle of a step", gone);
          return;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(lock, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  // Events

  @Override
  public Step enter(Collection<? extends Lease<?>> leases) {
    synchronized (lock) {
      Set<Entry> used = new HashSet<>();
      for (Lease<?> lease : leases) {
        Entry entry = ((PartLease<?>) lease).entry();
        if (entry == null) {
          lease.service(); // says what has become of it
        }
        used.add(entry);
      }
      StepInProgress step = new StepInProgress(Thread.currentThread(), Set.copyOf(used), this);
      used.forEach(entry -> entry.steps.add(step));
      return step;
    }
  }

  void left(StepInProgress step) {
    synchronized (lock) {
      step.entries().forEach(entry -> entry.steps.remove(step));
      lock.notifyAll();
    }
  }

  @Override
  public void add(Listener listener) {
    listeners.add(listener);
  }

  @Override
  public void remove(Listener listener) {
    listeners.remove(listener);
  }

  private void tell(Consumer<Listener> event) {
    for (Listener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        LOG.error("A listener failed", e);
      }
    }
  }
}
