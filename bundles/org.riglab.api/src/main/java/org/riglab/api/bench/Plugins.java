package org.riglab.api.bench;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
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
   * Installs a plugin from a file; the same as {@link #install(String, boolean)} without replacing.
   *
   * @param jar the bundle
   * @return the plugin
   */
  default Plugin install(Path jar) {
    return install(jar.toAbsolutePath().toString(), false);
  }

  /**
   * Installs a plugin and waits until its parts are there. On failure nothing is left behind.
   *
   * @param source a file, {@code sha256:DIGEST} of a jar that was kept, or the Maven coordinate
   *     {@code group:artifact:version}
   * @param replace whether a part may have the name of another bundle's, which it then stands in
   *     for
   * @return the plugin
   * @throws org.riglab.api.RigException if there is no such jar, it is no plugin or not trusted, it
   *     is installed already, a part's name is taken, or it does not start; says why
   */
  Plugin install(String source, boolean replace);

  /**
   * Replaces a plugin by a file; the same as {@link #update(String)}.
   *
   * @param jar the bundle, of the same symbolic name
   * @return what happened
   */
  default Update update(Path jar) {
    return update(jar.toAbsolutePath().toString());
  }

  /**
   * Replaces a plugin by another version: the new one starts beside the old one, networks move over
   * at their next step, then the old one goes. On failure the old one has never stopped.
   *
   * @param source as in {@link #install(String, boolean)}; of the same symbolic name
   * @return what happened
   */
  Update update(String source);

  /**
   * Updates a plugin to the version that was installed before this one. Doing so twice returns.
   *
   * @param name symbolic name of its bundle
   * @return what happened
   * @throws org.riglab.api.RigException if there was none, or its jar is no longer kept
   */
  Update rollback(String name);

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
   * Looks why a plugin is not active, or whether all is well with it. Also knows plugins that were
   * removed, as long as a jar of them is kept.
   *
   * @param name symbolic name of its bundle
   * @return what was found
   * @throws org.riglab.api.RigException if nobody has heard of it
   */
  Diagnosis doctor(String name);

  /**
   * @return every jar that is kept, by name of the plugin, what was installed last first
   */
  List<Kept> kept();

  /**
   * Deletes kept jars. Those of installed plugins stay, and those that a rollback would need.
   *
   * @param used digests that stay as well, in hexadecimal: what runs were made with
   * @return what was deleted
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

  /**
   * How a plugin is.
   *
   * @param name symbolic name of its bundle
   * @param healthy whether it is installed and nothing is wrong
   * @param checks what was looked at, in the order in which a plugin comes up
   * @param versions the jars that were installed, the last one first
   */
  record Diagnosis(String name, boolean healthy, List<Check> checks, List<Kept> versions) {}

  /**
   * Something about a plugin.
   *
   * @param name what was looked at, for example file
   * @param ok whether it is as it should be
   * @param text one line
   */
  record Check(String name, boolean ok, String text) {}

  /**
   * A jar that was installed.
   *
   * @param name symbolic name of its bundle
   * @param version of its bundle
   * @param sha256 digest in hexadecimal
   * @param bytes its length; 0 if it is no longer kept
   * @param since when it was last installed, by the wall clock
   * @param installed whether it is the one that is installed
   */
  record Kept(
      String name, String version, String sha256, long bytes, Instant since, boolean installed) {}
}
