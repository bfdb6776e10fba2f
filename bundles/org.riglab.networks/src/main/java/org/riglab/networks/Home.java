package org.riglab.networks;

import java.nio.file.Path;
import org.osgi.framework.BundleContext;

/** Where models, runs and plugins are kept. */
public final class Home {
  private Home() {}

  /**
   * @param context of any bundle
   * @return the framework property {@code riglab.home}, or {@code .riglab} in the user's home
   */
  public static Path of(BundleContext context) {
    String home = context.getProperty("riglab.home");
    return (home == null ? Path.of(System.getProperty("user.home"), ".riglab") : Path.of(home))
        .toAbsolutePath()
        .normalize();
  }
}
