package org.riglab.plugins.internal;

import java.util.List;
import org.osgi.framework.Bundle;
import org.riglab.plugins.internal.PluginBundles.Started;

/**
 * A plugin that is stored, and its bundle.
 *
 * @param name symbolic name
 * @param version bundle version; empty if the file is unreadable
 * @param sha256 digest; empty if the record is unreadable
 * @param bundle null if it does not run
 * @param parts kind and name of each
 * @param problem why it does not run
 */
record InstalledPlugin(
    String name, String version, String sha256, Bundle bundle, List<String> parts, String problem) {
  /** A plugin that runs. */
  static InstalledPlugin of(PluginJar jar, Started started) {
    return new InstalledPlugin(
        jar.name(), jar.version().toString(), jar.sha256(), started.bundle(), started.parts(), "");
  }
}
