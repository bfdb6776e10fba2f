package org.riglab.plugins.internal;

import java.nio.file.Path;
import java.util.Map;

/** Changes of the plugins without a command: from the inbox, and by other processes. */
interface Deliveries {
  /**
   * @return the folder in which plugins are kept
   */
  Path folder();

  /**
   * Installs a jar, or updates the plugin of its name to it.
   *
   * @param jar the bundle
   * @return what was done, in one line
   * @throws org.riglab.api.RigException if it is refused; says why
   */
  String deliver(Path jar);

  /**
   * Does what another process has done to the plugins of this home.
   *
   * @return the plugins that run in this process now, by name; each with the reason why it is not
   *     what the home records, empty if it is
   */
  Map<String, String> catchUp();

  /**
   * @return the processes that follow the home
   */
  Followers followers();
}
