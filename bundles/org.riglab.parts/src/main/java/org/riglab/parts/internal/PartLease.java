package org.riglab.parts.internal;

import org.osgi.framework.ServiceObjects;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;

/** A lease. Once closed or revoked it holds nothing that leads to the plugin's classes. */
final class PartLease<P extends Provider> implements Lease<P> {
  private enum State {
    OPEN("lease on %s is not open yet"),
    CLOSED("lease on %s is closed"),
    REVOKED("%s has gone");

    private final String message;

    State(String message) {
      this.message = message;
    }
  }

  private final PartRegistry registry;
  private final String user;
  private final String title;
  private Entry entry;
  private PartInfo part;
  private ServiceObjects<P> objects;
  private P service;
  private State state = State.OPEN;

  PartLease(PartRegistry registry, Entry entry, String user) {
    this.registry = registry;
    this.entry = entry;
    this.user = user;
    this.title = entry.toString();
  }

  String user() {
    return user;
  }

  /** Hands over the service; it is given back at once if the lease was revoked meanwhile. */
  void open(ServiceObjects<P> from, P instance, PartInfo of) {
    synchronized (this) {
      part = of;
      if (state == State.OPEN) {
        objects = from;
        service = instance;
        return;
      }
    }
    PartServices.give(from, instance);
  }

  @Override
  public synchronized P service() {
    if (service == null) {
      throw new RigException(RigException.Kind.UNAVAILABLE, String.format(state.message, title));
    }
    return service;
  }

  @Override
  public synchronized PartInfo part() {
    return part;
  }

  @Override
  public boolean retiring() {
    Entry current = entry();
    return current == null || registry.retiring(current.bundleId);
  }

  @Override
  public synchronized boolean revoked() {
    return state == State.REVOKED;
  }

  /** The part leased, null once closed or revoked. */
  synchronized Entry entry() {
    return entry;
  }

  void revoke() {
    end(State.REVOKED);
  }

  @Override
  public void close() {
    Entry was = entry();
    end(State.CLOSED);
    if (was != null) {
      registry.closed(this, was);
    }
  }

  private void end(State how) {
    ServiceObjects<P> from;
    P instance;
    synchronized (this) {
      if (state != State.OPEN) {
        return;
      }
      state = how;
      entry = null;
      from = objects;
      instance = service;
      objects = null;
      service = null;
    }
    if (instance != null) {
      PartServices.give(from, instance);
    }
  }
}
