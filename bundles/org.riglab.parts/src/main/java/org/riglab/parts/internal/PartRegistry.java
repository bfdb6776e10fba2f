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
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceObjects;
import org.osgi.framework.ServiceReference;
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
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;
import org.riglab.parts.AnnotationOptions;
import org.riglab.parts.EngineLookup;
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

  private final PartServices services;
  private final PartDescriptions descriptions;
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
    this.services = new PartServices(context, components);
    this.descriptions = new PartDescriptions(services, digests);
    this.tracker = new ServiceTracker<>(context, PartKinds.filter(), new Tracking());
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
      Entry entry = PartKinds.entry(reference).orElse(null);
      if (entry != null) {
        synchronized (lock) {
          entries.add(entry);
        }
        tell(listener -> listener.appeared(descriptions.part(entry, entry.about(), List.of())));
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

  // What is there

  @Override
  public List<PartInfo> parts(String kind) {
    if (!kind.isEmpty()) {
      PartKinds.require(kind);
    }
    List<String> order = PartKinds.names();
    Map<String, Entry> best = new HashMap<>();
    synchronized (lock) {
      Comparator<Entry> preference =
          Comparator.comparing((Entry e) -> leasable(e)).thenComparing(Entry.PREFERENCE);
      for (Entry e : entries) {
        if ((kind.isEmpty() || e.kind.equals(kind)) && !blocked.containsKey(e.bundleId)) {
          best.merge(e.kind + " " + e.name, e, (a, b) -> preference.compare(a, b) >= 0 ? a : b);
        }
      }
    }
    return best.values().stream()
        .sorted(
            Comparator.comparingInt((Entry e) -> order.indexOf(e.kind)).thenComparing(e -> e.name))
        .map(descriptions::describe)
        .toList();
  }

  @Override
  public List<PartInfo> partsOf(long bundleId) {
    List<Entry> own;
    synchronized (lock) {
      own = entries.stream().filter(e -> e.bundleId == bundleId).toList();
    }
    return own.stream().map(e -> descriptions.describe(e, services.objects(e))).toList();
  }

  @Override
  public Options options(String part, Provider provider, Map<String, ?> values) {
    return AnnotationOptions.check(part, PartDescriptions.declared(part, provider), values);
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
      ServiceObjects<P> objects = (ServiceObjects<P>) services.objects(entry);
      P service = services.take(entry, objects);
      PartInfo part;
      try {
        part = descriptions.part(entry, entry.about(), descriptions.options(entry, service));
      } catch (RuntimeException e) {
        PartServices.give(objects, service);
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
    List<Entry> sameKind = entries.stream().filter(e -> PartKinds.type(e.kind) == kind).toList();
    List<Entry> sameName = sameKind.stream().filter(e -> e.name.equals(name)).toList();
    Optional<Entry> best = sameName.stream().filter(this::leasable).max(Entry.PREFERENCE);
    if (best.isPresent()) {
      return best.get();
    }
    for (Entry entry : sameName) {
      if (blocked.containsKey(entry.bundleId)) {
        throw new RigException(
            RigException.Kind.PART_FAILED,
            entry
                + " is not active: "
                + blocked.get(entry.bundleId)
                + "; update or remove the plugin");
      }
    }
    if (!sameName.isEmpty()) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          sameName.get(0) + " is about to be removed; wait until that is done");
    }
    throw PartKinds.missing(kind, name, sameKind);
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
    tell(listener -> listener.gone(descriptions.part(entry, entry.about(), List.of())));
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
