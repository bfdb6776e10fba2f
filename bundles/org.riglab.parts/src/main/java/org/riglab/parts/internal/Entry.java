package org.riglab.parts.internal;

import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.riglab.api.Provider;
import org.riglab.api.bench.OptionInfo;

/** A provider's service, and who relies on it; what changes is guarded by the registry's lock. */
final class Entry {
  /** Begins the location of a bundle of the distribution, which the launcher installs. */
  private static final String BUILT_IN = "reference:";

  /**
   * What a lease gets comes last: a plugin's part before a built-in one, whatever their versions;
   * then the newest version, the highest ranking, and the bundle. Nothing of it depends on the
   * order in which bundles were installed, except for bundles of one name and version.
   */
  static final Comparator<Entry> PREFERENCE =
      Comparator.comparing((Entry e) -> !e.owner.getLocation().startsWith(BUILT_IN))
          .thenComparing(e -> e.owner.getVersion())
          .thenComparingInt(Entry::ranking)
          .thenComparing(e -> e.bundle)
          .thenComparingLong(e -> e.bundleId);

  final String kind;
  final String name;
  final ServiceReference<? extends Provider> reference;
  final Bundle owner;
  final long bundleId;
  final String bundle;
  final String version;

  final Set<PartLease<?>> leases = new LinkedHashSet<>();
  final Set<StepInProgress> steps = new HashSet<>();

  /** The options that the provider described; null until they are needed. */
  volatile List<OptionInfo> options;

  Entry(String kind, String name, ServiceReference<? extends Provider> reference) {
    this.kind = kind;
    this.name = name;
    this.reference = reference;
    this.owner = reference.getBundle();
    this.bundleId = owner.getBundleId();
    this.bundle = owner.getSymbolicName();
    this.version = owner.getVersion().toString();
  }

  private int ranking() {
    return reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer i ? i : 0;
  }

  String about() {
    return reference.getProperty(Provider.ABOUT) instanceof String s ? s : "";
  }

  /** For messages, for example {@code gate mul-sigmoid of org.riglab.gates 0.1.0}. */
  @Override
  public String toString() {
    return kind + " " + name + " of " + bundle + " " + version;
  }
}
