package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Head;
import org.riglab.api.network.Unroll;

/**
 * Networks that use the parts of a build instead of those of the installed plugin, until they are
 * moved back.
 */
final class DevNetworks implements AutoCloseable {
  private final Networks networks;
  private final List<String> names;
  private final Map<String, NetworkSpec> before = new LinkedHashMap<>();

  /**
   * @param networks swaps parts
   * @param names of the networks; each must exist
   */
  DevNetworks(Networks networks, List<String> names) {
    this.networks = networks;
    this.names = List.copyOf(names);
    names.forEach(networks::get);
  }

  /**
   * Moves the networks whose parts the build has under another name. Those that have been moved use
   * the parts of the next build without this.
   *
   * @param parts of the build, for example {@code gate my-gate-dev}
   * @param suffix of the other names
   * @return a line for each network that was moved
   */
  List<String> follow(List<String> parts, String suffix) {
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      NetworkSpec old = networks.get(name).spec();
      NetworkSpec spec = renamed(old, parts, suffix);
      if (!spec.equals(old)) {
        networks.swap(name, spec);
        before.putIfAbsent(name, old);
        lines.add("network " + name + " uses the build");
      }
    }
    return lines;
  }

  private static NetworkSpec renamed(NetworkSpec old, List<String> parts, String suffix) {
    return new NetworkSpec(
        renamed(old.backbone(), Backbone.KIND, parts, suffix),
        renamed(old.head(), Head.KIND, parts, suffix),
        renamed(old.gate(), Gate.KIND, parts, suffix),
        renamed(old.unroll(), Unroll.KIND, parts, suffix),
        old.feedback(),
        old.iterations(),
        old.classes(),
        old.batchNorm(),
        old.seed());
  }

  private static PartSpec renamed(PartSpec part, String kind, List<String> parts, String suffix) {
    String name = part.name() + suffix;
    return parts.contains(kind + " " + name) ? new PartSpec(name, part.options()) : part;
  }

  /** Moves the networks back. */
  @Override
  public void close() {
    before.forEach(networks::swap);
    before.clear();
  }
}
