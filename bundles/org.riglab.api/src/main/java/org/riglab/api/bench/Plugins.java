package org.riglab.api.bench;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.osgi.annotation.versioning.ProviderType;

/** Installs, updates and removes plugins in the running process. */
@ProviderType
public interface Plugins {
  /**
   * @return the installed plugins, by name
   */
  List<Plugin> list();

  /**
   * Installs a plugin from a file; the same as {@link #install(String, boolean)} without replacing.
   *
   * @param jar the bundle
   * @return the plugin
   */
  default Plugin install(Path jar) {
    return install(jar.toAbsolutePath().toString(), false);
  }

  /**
   * Installs a plugin and waits until its parts are available. On failure nothing is changed.
   *
   * @param source a file, {@code sha256:DIGEST} of a stored jar, or the Maven coordinate {@code
   *     group:artifact:version}
   * @param replace whether a part may have the same name as a part of another bundle, which it then
   *     replaces
   * @return the plugin
   * @throws org.riglab.api.RigException if there is no such jar, it is not a plugin or not trusted,
   *     it is already installed, the name of a part is used by another bundle, or it does not
   *     start; the message states the reason
   */
  Plugin install(String source, boolean replace);

  /**
   * Replaces a plugin by a file; the same as {@link #update(String)}.
   *
   * @param jar the bundle, of the same symbolic name
   * @return the update
   */
  default Update update(Path jar) {
    return update(jar.toAbsolutePath().toString());
  }

  /**
   * Replaces a plugin by another version: the new one starts in addition to the old one, networks
   * switch to it at their next step, and then the old one is uninstalled. On failure the old one
   * keeps running without interruption.
   *
   * @param source as in {@link #install(String, boolean)}; of the same symbolic name
   * @return the update
   */
  Update update(String source);

  /**
   * Updates a plugin to the previously installed version. A second rollback returns to the current
   * one.
   *
   * @param name symbolic name of its bundle
   * @return the update
   * @throws org.riglab.api.RigException if there is none, or its jar is no longer stored
   */
  Update rollback(String name);

  /**
   * Starts a jar temporarily, passes it to a function, and uninstalls it. Its parts cannot be
   * leased, it is not stored, and an installed plugin of the same name is not affected.
   *
   * @param <T> type of the result
   * @param jar the bundle
   * @param look receives the plugin and the id of its bundle; its result must not reference them
   * @return the result of the function
   * @throws org.riglab.api.RigException if the file is not a plugin, or it does not start; the
   *     message states the reason
   */
  <T> T visit(Path jar, BiFunction<Plugin, Long, T> look);

  /**
   * Removes a plugin.
   *
   * @param name symbolic name of its bundle
   * @param force whether it is removed even if it is used; networks that use it cannot run until it
   *     is installed again, runs write a checkpoint and pause
   * @throws org.riglab.api.RigException if it is used and not forced; the message names its users
   */
  void remove(String name, boolean force);

  /**
   * Checks a plugin and finds out why it is not active. Also accepts removed plugins, as long as a
   * jar of them is stored.
   *
   * @param name symbolic name of its bundle
   * @return the diagnosis
   * @throws org.riglab.api.RigException if the plugin is unknown
   */
  Diagnosis doctor(String name);

  /**
   * @return all stored jars, by name of the plugin, last installed first
   */
  List<Kept> kept();

  /**
   * Deletes stored jars, except those of installed plugins and those required for a rollback.
   *
   * @param used digests of other jars to keep, in hexadecimal: those used by runs
   * @return the deleted jars
   */
  List<Kept> prune(Set<String> used);

  /**
   * A plugin.
   *
   * @param name symbolic name of its bundle
   * @param version of its bundle
   * @param sha256 digest of the jar in hexadecimal
   * @param state active, or why not
   * @param parts its parts, for example {@code gate channel-spatial}
   * @param users holders of leases on them, and networks in the home that use them
   */
  record Plugin(
      String name,
      String version,
      String sha256,
      String state,
      List<String> parts,
      List<String> users) {}

  /**
   * An update of a plugin.
   *
   * @param before the old version
   * @param after the new version
   * @param moved the users that switched to the new version
   * @param millis from verifying the jar until the last user has switched
   */
  record Update(Plugin before, Plugin after, List<String> moved, long millis) {}

  /**
   * The diagnosis of a plugin.
   *
   * @param name symbolic name of its bundle
   * @param healthy whether it is installed and nothing is wrong
   * @param checks the checks, in the order of a plugin's start
   * @param versions the jars that were installed, the last one first
   */
  record Diagnosis(String name, boolean healthy, List<Check> checks, List<Kept> versions) {}

  /**
   * The result of one check of a plugin.
   *
   * @param name of the check, for example file
   * @param ok whether it passed
   * @param text one line
   */
  record Check(String name, boolean ok, String text) {}

  /**
   * A jar that was installed.
   *
   * @param name symbolic name of its bundle
   * @param version of its bundle
   * @param sha256 digest in hexadecimal
   * @param bytes its length; 0 if it is no longer stored
   * @param since when it was last installed, by the wall clock
   * @param installed whether it is currently installed
   */
  record Kept(
      String name, String version, String sha256, long bytes, Instant since, boolean installed) {}
}
