package org.riglab.networks.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;
import org.riglab.parts.AnnotationOptions;
import org.riglab.parts.PartEvents;

/** Parts without a framework: every provider is a bundle of its own. */
public class FakeRegistry implements Registry, PartEvents {
  /** By name; whoever takes one away revokes its leases. */
  public final Map<String, Provider> providers = new LinkedHashMap<>();

  public final Set<Lease<?>> open = new HashSet<>();

  /** Names of parts whose leases, also new ones, are retiring. */
  public final Set<String> retiring = new HashSet<>();

  private final Set<Lease<?>> retired = new HashSet<>();
  private final List<Listener> listeners = new ArrayList<>();

  public final void put(String name, Provider provider) {
    providers.put(name, provider);
  }

  private long id(String name) {
    return new ArrayList<>(providers.keySet()).indexOf(name);
  }

  @Override
  public List<PartInfo> parts(String kind) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <P extends Provider> Lease<P> lease(Class<P> kind, String name, String user) {
    Provider provider = providers.get(name);
    if (!kind.isInstance(provider)) {
      throw new RigException("there is no " + kind.getSimpleName() + " '" + name + "'");
    }
    Lease<P> lease =
        new Lease<>() {
          @Override
          public P service() {
            return kind.cast(provider);
          }

          @Override
          public PartInfo part() {
            return new PartInfo(
                kind.getSimpleName().toLowerCase(java.util.Locale.ROOT),
                name,
                "",
                List.of(),
                "bundle." + name,
                "1.0.0",
                "00",
                id(name));
          }

          @Override
          public boolean retiring() {
            return retiring.contains(name) || retired.contains(this);
          }

          @Override
          public boolean revoked() {
            return providers.get(name) != provider;
          }

          @Override
          public void close() {
            open.remove(this);
          }
        };
    open.add(lease);
    return lease;
  }

  /** The names of what is leased. */
  public final List<String> leased() {
    return open.stream().map(lease -> lease.part().name()).toList();
  }

  /** A newer part of that name is there: open leases are retiring, new ones are not. */
  public final void replace(String name) {
    open.stream().filter(lease -> lease.part().name().equals(name)).forEach(retired::add);
  }

  @Override
  public Options options(String part, Provider provider, Map<String, ?> values) {
    return AnnotationOptions.check(part, provider.options(), values);
  }

  @Override
  public List<PartInfo> partsOf(long bundleId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<String> users(long bundleId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void retire(long bundleId) {
    listeners.forEach(listener -> listener.retiring(bundleId));
  }

  @Override
  public void block(long bundleId, String why) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<String> blocked(long bundleId) {
    return Optional.empty();
  }

  @Override
  public void reinstate(long bundleId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean awaitUnused(long bundleId, long millis) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void add(Listener listener) {
    listeners.add(listener);
  }

  @Override
  public void remove(Listener listener) {
    listeners.remove(listener);
  }

  @Override
  public Step enter(Collection<? extends Lease<?>> leases) {
    for (Lease<?> lease : leases) {
      if (lease.revoked()) {
        throw new RigException(lease.part().name() + " is gone");
      }
    }
    return () -> {};
  }
}
