package org.riglab.plugins.internal;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.riglab.api.bench.PluginHost;

/**
 * The other processes in which a change of this one's plugins is made first: the workers of a
 * server.
 *
 * @param workers none, where it gives null
 */
record Elsewhere(Supplier<PluginHost> workers) {
  /** Who holds leases on parts of plugins there, by plugin. */
  Map<String, List<String>> users(Set<String> plugins) {
    PluginHost others = workers.get();
    return others == null || plugins.isEmpty() ? Map.of() : others.users(plugins);
  }

  /**
   * Changes the workers, and then the home; where one of them cannot, the workers go back to what
   * the home records.
   */
  void first(Consumer<PluginHost> change, Runnable record) {
    PluginHost others = workers.get();
    if (others == null) {
      record.run();
      return;
    }
    try {
      change.accept(others);
      record.run();
    } catch (RuntimeException | Error e) {
      others.follow();
      throw e;
    }
  }

  /** Tells the workers that the home records something else now. */
  void follow() {
    PluginHost others = workers.get();
    if (others != null) {
      others.follow();
    }
  }
}
