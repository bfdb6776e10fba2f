package org.riglab.api.engine;

import java.nio.file.Path;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Installs Apache Spark for this home, which is needed to use a cluster. Thread safe. */
@ProviderType
public interface SparkSetup {
  /**
   * @return the version that is fetched
   */
  String version();

  /**
   * @return the installation that jobs use: that of the configuration, of the environment variable
   *     {@code SPARK_HOME}, or of this home; empty if there is none
   * @throws org.riglab.api.RigException if one is named that is not an installation of the right
   *     version
   */
  Optional<Path> home();

  /**
   * Downloads Spark from Maven repositories, with the user's Maven configuration, into this home.
   * An interrupted download is resumed. Nothing is downloaded if it is there already.
   *
   * @param watcher receives the progress
   * @return the installation
   * @throws org.riglab.api.RigException of kind UNAVAILABLE if it is not available in the
   *     repositories, INVALID if a file's digest is wrong, NO_SPACE if the disk is too small
   */
  Path fetch(EngineSetup.Watcher watcher);
}
