package org.riglab.plugins.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.Plugins.Kept;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The jars that are kept, with what is known of them. */
final class KeptJars {
  private static final Logger LOG = LoggerFactory.getLogger(KeptJars.class);
  private static final int SHORT = 16;

  private final PluginStore store;

  KeptJars(PluginStore store) {
    this.store = store;
  }

  /** By name of the plugin, what was installed last first. */
  List<Kept> all() {
    List<Kept> kept = new ArrayList<>();
    for (String name : store.names()) {
      try {
        store.stored(name).ifPresent(stored -> kept.addAll(of(stored)));
      } catch (RigException e) {
        LOG.warn("skipped plugin {}", name, e);
      }
    }
    Set<String> known = kept.stream().map(Kept::sha256).collect(Collectors.toSet());
    known.addAll(libraries());
    for (String sha256 : store.jars().digests()) {
      if (!known.contains(sha256)) { // a process died before it could say what this is
        kept.add(new Kept("", "", sha256, length(sha256), Instant.EPOCH, false));
      }
    }
    return kept.stream().filter(k -> k.bytes() > 0).toList();
  }

  /** Digests of the libraries of all versions that are recorded. */
  private Set<String> libraries() {
    Set<String> digests = new HashSet<>();
    for (String name : store.names()) {
      store
          .readable(name)
          .ifPresent(stored -> stored.versions().forEach(v -> digests.addAll(v.libraries())));
    }
    return digests;
  }

  /** Everything that was installed under a name, also what is no longer kept. */
  List<Kept> of(PluginStore.Stored stored) {
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
    return store.jars().file(sha256).toFile().length();
  }

  /** What to say of a plugin that is not installed any more. */
  String removed(Optional<PluginStore.Stored> stored) {
    return stored.stream()
        .flatMap(s -> of(s).stream())
        .filter(k -> k.bytes() > 0)
        .findFirst()
        .map(
            k ->
                "it was removed; 'plugin install sha256:%s' installs %s again"
                    .formatted(k.sha256().substring(0, SHORT), k.version()))
        .orElse("it was removed");
  }

  /**
   * Deletes what is neither installed, nor what a rollback goes to, nor used.
   *
   * @param used digests
   * @return what was deleted
   */
  List<Kept> prune(Set<String> used) {
    List<Kept> gone = new ArrayList<>();
    for (String name : store.names()) {
      store.stored(name).ifPresent(stored -> gone.addAll(prune(stored, used)));
    }
    Set<String> stay =
        all().stream()
            .filter(k -> !k.name().isEmpty())
            .map(Kept::sha256)
            .collect(Collectors.toSet());
    Set<String> listed = gone.stream().map(Kept::sha256).collect(Collectors.toSet());
    for (Kept k : all()) {
      String sha256 = k.sha256();
      if (!stay.contains(sha256) && !used.contains(sha256) && listed.add(sha256)) {
        gone.add(k);
      }
    }
    for (Kept k : gone) {
      if (!stay.contains(k.sha256())) {
        JarFiles.discard(store.jars().file(k.sha256()));
      }
    }
    return gone;
  }

  /** The record goes first: a jar without a record does no harm. */
  private List<Kept> prune(PluginStore.Stored stored, Set<String> used) {
    List<PluginStore.Version> stay = new ArrayList<>();
    List<Kept> gone = new ArrayList<>();
    List<Kept> all = of(stored);
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
      store.write(new PluginStore.Stored(stored.name(), stored.installed(), stored.forced(), stay));
    }
    return gone.stream().filter(k -> k.bytes() > 0).toList();
  }
}
