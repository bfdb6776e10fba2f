package org.riglab.plugins.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.osgi.framework.Bundle;
import org.riglab.api.RigException;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Plugins.Check;
import org.riglab.api.bench.Registry;

/** Looks at a plugin in the order in which it comes up: the first thing that is wrong is why. */
final class PluginDoctor {
  private final PluginStore store;
  private final Trust trust;
  private final PluginBundles bundles;
  private final PluginComponents components;
  private final Registry registry;

  PluginDoctor(
      PluginStore store,
      Trust trust,
      PluginBundles bundles,
      PluginComponents components,
      Registry registry) {
    this.store = store;
    this.trust = trust;
    this.bundles = bundles;
    this.components = components;
    this.registry = registry;
  }

  /**
   * @param plugin what is installed
   * @param state of its bundle
   * @param users who uses it
   * @return what was found
   */
  List<Check> examine(InstalledPlugin plugin, String state, List<String> users) {
    List<Check> checks = new ArrayList<>();
    file(plugin, checks).ifPresent(jar -> trust(jar, checks));
    Bundle bundle = plugin.bundle();
    if (bundle == null) {
      checks.add(new Check("bundle", false, "does not run: " + plugin.problem()));
      return checks;
    }
    checks.add(new Check("bundle", state.equals("active"), state));
    if (bundle.getState() != Bundle.UNINSTALLED) {
      bundle(plugin, checks);
    }
    checks.add(
        new Check("users", true, users.isEmpty() ? "it has no users" : String.join(", ", users)));
    List<String> held = bundles.held(plugin.name());
    checks.add(
        new Check(
            "memory",
            held.isEmpty(),
            held.isEmpty()
                ? "this process holds no earlier version"
                : "this process still holds the classes of %s: a thread, a thread local or a listener"
                        .formatted(String.join(", ", held))
                    + " refers to them"));
    return checks;
  }

  private Optional<PluginJar> file(InstalledPlugin plugin, List<Check> checks) {
    if (plugin.sha256().isEmpty()) {
      return Optional.empty();
    }
    try {
      PluginJar jar = store.jars().read(plugin.sha256());
      checks.add(
          new Check(
              "file",
              true,
              "%s, %d bytes, is the installed file"
                  .formatted(jar.file(), jar.file().toFile().length())));
      return Optional.of(jar);
    } catch (RigException e) {
      checks.add(new Check("file", false, e.getMessage()));
      return Optional.empty();
    }
  }

  private void trust(PluginJar jar, List<Check> checks) {
    try {
      checks.add(new Check("trust", true, trust.check(jar, false)));
    } catch (RigException e) {
      checks.add(new Check("trust", false, e.getMessage()));
    }
  }

  private void bundle(InstalledPlugin plugin, List<Check> checks) {
    List<String> missing = bundles.missing(plugin.bundle());
    checks.add(
        new Check(
            "imports",
            missing.isEmpty(),
            missing.isEmpty() ? "all are there" : "needs " + String.join("; and ", missing)));
    List<String> wrong = new ArrayList<>(components.waiting(plugin.bundle()));
    wrong.addAll(components.failed(plugin.bundle()));
    checks.add(
        new Check(
            "components",
            wrong.isEmpty(),
            wrong.isEmpty()
                ? "there are %d, all satisfied".formatted(components.count(plugin.bundle()))
                : String.join("; ", wrong)));
    List<PartInfo> taken = registry.parts("");
    for (String part : new TreeSet<>(plugin.parts())) {
      checks.add(part(plugin, part, taken));
    }
  }

  private static Check part(InstalledPlugin plugin, String part, List<PartInfo> taken) {
    Optional<PartInfo> found =
        taken.stream().filter(p -> (p.kind() + " " + p.name()).equals(part)).findFirst();
    if (found.isEmpty()) {
      return new Check("part", false, part + " no longer exists");
    }
    boolean own = found.get().bundleId() == plugin.bundle().getBundleId();
    return new Check(
        "part",
        own,
        own
            ? part + " is used by networks"
            : "%s is shadowed by %s %s, whose version is higher"
                .formatted(part, found.get().bundle(), found.get().version()));
  }
}
