package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A host of the plugins of a home: this process (service property {@value #LOCAL} is true), or the
 * workers of this server (false). A change of a plugin is made in every worker before it is
 * recorded in the home, so that it is made in all processes or in none.
 */
@ProviderType
public interface PluginHost {
  /** Service property, a Boolean: whether the plugins run in this process. */
  String LOCAL = "riglab.local";

  /**
   * @param plugin symbolic name of a plugin's bundle
   * @return the holders of leases on its parts
   */
  List<String> users(String plugin);

  /**
   * As {@link #users(String)} for many plugins at once.
   *
   * @param plugins symbolic names
   * @return the holders of leases on the parts of each of them
   */
  default Map<String, List<String>> users(Set<String> plugins) {
    return plugins.stream().collect(Collectors.toMap(plugin -> plugin, this::users));
  }

  /**
   * Replaces a plugin by another version, as {@link Plugins#update(String)} does, or starts it if
   * it was not installed. Nothing is recorded in the home.
   *
   * @param jar a verified bundle
   * @throws org.riglab.api.RigException if it does not start, or a user would lose a part; nothing
   *     is changed then
   */
  void exchange(Path jar);

  /**
   * Stops a plugin; runs that use it write a checkpoint and pause. Nothing is recorded in the home.
   *
   * @param plugin symbolic name of its bundle
   */
  void remove(String plugin);

  /**
   * Synchronises the running plugins with the record of the home, which other processes can change.
   */
  void follow();
}
