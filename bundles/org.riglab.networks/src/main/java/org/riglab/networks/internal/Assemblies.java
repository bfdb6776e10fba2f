package org.riglab.networks.internal;

import ai.djl.Device;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.network.Unroll;
import org.riglab.parts.PartCalls;
import org.riglab.parts.PartEvents;

/**
 * Assembles networks from the parts of the running process.
 *
 * @param registry where parts are leased
 * @param events hold bundles back during a step
 */
record Assemblies(Registry registry, PartEvents events) {
  /** The parts of a network, which nobody will give values. */
  Wiring wired(NetworkSpec spec) {
    return new Wiring(spec, Parts.of(registry), "the check of a spec");
  }

  /** A network with values drawn from the seed of its spec. */
  Assembly initialised(String name, NetworkSpec spec, Device device) {
    return new Assembly(spec, registry, events, user(name), device);
  }

  /** A network whose parameters have no values. */
  Assembly blank(String name, NetworkSpec spec, Device device) {
    return new Assembly(spec, Parts.of(registry), events, user(name), device, false);
  }

  /** What an unroll strategy asks of specs; what most ask for if it is not there. */
  Specs.Strategy strategy(String unroll) {
    try (Lease<Unroll> lease = registry.lease(Unroll.class, unroll, "a network spec")) {
      return PartCalls.guarded(
          lease.part(),
          "",
          () ->
              new Specs.Strategy(
                  List.copyOf(lease.service().defaultFeedback()),
                  lease.service().defaultIterations()));
    } catch (RigException e) {
      if (e.kind() == RigException.Kind.NOT_FOUND) {
        return Specs.Strategies.UNKNOWN.of(unroll);
      }
      throw e;
    }
  }

  /** A spec with a head; one of release 0.1 names none. */
  NetworkSpec resolved(NetworkSpec spec) {
    return HeadSpecs.resolved(spec, registry);
  }

  private static String user(String name) {
    return "network " + name;
  }

  /** A network with the values of its file; the slot does not know of it. */
  Assembly stored(Slot slot, Device device) {
    Assembly assembly = blank(slot.name(), ModelFile.read(slot.file()).spec(), device);
    boolean loaded = false;
    try {
      assembly.load(WeightMatching.own(assembly.shapes(), slot.file(), slot.name()));
      loaded = true;
      return assembly;
    } finally {
      if (!loaded) {
        assembly.close();
      }
    }
  }

  /** The copy of a slot in memory; made from its file if need be. For the user of the slot. */
  Assembly live(Slot slot, Device device) {
    Assembly live = slot.live(device);
    if (live != null) {
      return live;
    }
    Slot.Stamp before = slot.stamp();
    Assembly stored = stored(slot, device);
    boolean replaced = false;
    try {
      slot.replace(stored, before);
      replaced = true;
      return stored;
    } finally {
      if (!replaced) {
        stored.close();
      }
    }
  }
}
