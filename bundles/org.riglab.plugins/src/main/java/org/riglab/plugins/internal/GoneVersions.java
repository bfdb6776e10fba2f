package org.riglab.plugins.internal;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** Versions of plugins that were stopped in this process, and whether their classes have gone. */
final class GoneVersions {
  /** One that is not collected by then never will be. */
  private static final int COLLECTIONS = 3;

  private final Queue<Gone> gone = new ConcurrentLinkedQueue<>();

  private record Gone(String name, String version, WeakReference<ClassLoader> classes) {}

  /**
   * @param bundle of a plugin, before it is stopped
   */
  void add(Bundle bundle) {
    gone.removeIf(version -> version.classes().refersTo(null));
    BundleWiring wiring = bundle.adapt(BundleWiring.class);
    if (wiring != null && wiring.getClassLoader() != null) {
      gone.add(
          new Gone(
              bundle.getSymbolicName(),
              bundle.getVersion().toString(),
              new WeakReference<>(wiring.getClassLoader())));
    }
  }

  /**
   * Collects garbage to find out.
   *
   * @param name of a plugin
   * @return versions of it whose classes are still in memory
   */
  List<String> held(String name) {
    for (int i = 0; i < COLLECTIONS && !gone.isEmpty(); i++) {
      System.gc();
      gone.removeIf(version -> version.classes().refersTo(null));
    }
    return gone.stream().filter(g -> g.name().equals(name)).map(Gone::version).toList();
  }
}
