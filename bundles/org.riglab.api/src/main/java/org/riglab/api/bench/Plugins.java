package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.osgi.annotation.versioning.ProviderType;

/** Strangers' bundles: installed, updated and removed in the running process. */
@ProviderType
public interface Plugins {
  /**
   * @return what is installed, by name
   */
  List<Plugin> list();

  /**
   * Installs a plugin and waits until its parts are there. On failure nothing is left behind.
   *
   * @param jar the bundle
   * @return the plugin
   * @throws org.riglab.api.RigException if the file is no plugin, it is installed already, or it
   *     does not start; says why
   */
  Plugin install(Path jar);

  /**
   * Replaces a plugin by another version: the new one starts beside the old one, networks move over
   * at their next step, then the old one goes. On failure the old one has never stopped.
   *
   * @param jar the bundle, of the same symbolic name
   * @return what happened
   */
  Update update(Path jar);

  /**
   * Starts a jar beside everything, lets somebody look at it, and takes it away again. Nobody can
   * lease its parts, it is not kept, and a plugin of the same name stays as it is.
   *
   * @param <T> of the answer
   * @param jar the bundle
   * @param look is given the plugin and the id of its bundle; its answer holds nothing of either
   * @return the answer
   * @throws org.riglab.api.RigException if the file is no plugin, or it does not start; says why
   */
  <T> T visit(Path jar, BiFunction<Plugin, Long, T> look);

  /**
   * Removes a plugin.
   *
   * @param name symbolic name of its bundle
   * @param force whether it goes although it is used; networks that use it are then out of order
   *     until it is back, runs checkpoint and pause
   * @throws org.riglab.api.RigException if it is used and not forced; names its users
   */
  void remove(String name, boolean force);

  /**
   * A plugin.
   *
   * @param name symbolic name of its bundle
   * @param version of its bundle
   * @param sha256 digest of the jar in hexadecimal
   * @param state active, or why not
   * @param parts its parts, for example {@code gate channel-spatial}
   * @param users who holds leases on them, and the networks in the home that name them
   */
  record Plugin(
      String name,
      String version,
      String sha256,
      String state,
      List<String> parts,
      List<String> users) {}

  /**
   * A replaced plugin.
   *
   * @param before the old one
   * @param after the new one
   * @param moved the users that moved over
   * @param millis from verifying the jar to the last user's move
   */
  record Update(Plugin before, Plugin after, List<String> moved, long millis) {}
}
