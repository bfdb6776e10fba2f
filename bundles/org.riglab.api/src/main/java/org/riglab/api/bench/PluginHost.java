package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Where the plugins of a home run: this process (service property {@value #LOCAL} is true), or the
 * workers of this server (false). A change of a plugin is made in every worker before the home
 * records it, so that it happens everywhere or nowhere.
 */
@ProviderType
public interface PluginHost {
  /** Service property, a Boolean: whether the plugins run in this process. */
  String LOCAL = "riglab.local";

  /**
   * @param plugin symbolic name of a plugin's bundle
   * @return who holds leases on its parts
   */
  List<String> users(String plugin);

  /**
   * Replaces a plugin by another version, as {@link Plugins#update(String)} does, or starts it
   * where there was none. The home records nothing.
   *
   * @param jar a verified bundle
   * @throws org.riglab.api.RigException if it does not start, or a user would lose a part; then
   *     nothing has changed
   */
  void exchange(Path jar);

  /**
   * Stops a plugin; runs that use it checkpoint and pause. The home records nothing.
   *
   * @param plugin symbolic name of its bundle
   */
  void remove(String plugin);

  /** Makes what runs here agree with what the home records, which other processes change, too. */
  void follow();
}
