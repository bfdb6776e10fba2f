package org.riglab.itests;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Manifest;

/** Builds plugins as a stranger's build would, from the packages below {@code plugins}. */
final class PluginJars {
  private final Path directory;

  PluginJars(Path directory) throws Exception {
    this.directory = Files.createDirectories(directory);
  }

  Path directory() {
    return directory;
  }

  /**
   * @param file name of the jar
   * @param symbolicName of the bundle
   * @param version of the bundle
   * @param packageName below {@code plugins}; empty for none
   * @param headers more bnd instructions
   */
  Path build(
      String file,
      String symbolicName,
      String version,
      String packageName,
      Map<String, String> headers)
      throws Exception {
    try (Builder builder = new Builder()) {
      builder.addClasspath(new File("target/test-classes"));
      builder.addClasspath(Platform.jar("org.riglab.api").toFile());
      builder.addClasspath(Platform.jar("org.riglab.djl").toFile());
      builder.setProperty("Bundle-SymbolicName", symbolicName);
      builder.setProperty("Bundle-Version", version);
      if (packageName.isEmpty()) {
        builder.setProperty("-resourceonly", "true");
      } else {
        builder.setProperty("-privatepackage", "org.riglab.itests.plugins." + packageName);
      }
      builder.setProperty("-noimportjava", "true");
      headers.forEach(builder::setProperty);
      Path jar = directory.resolve(file);
      builder.build().write(jar.toFile());
      if (!builder.isOk()) {
        throw new IllegalStateException(file + ": " + builder.getErrors() + builder.getWarnings());
      }
      return jar;
    }
  }

  /** A plugin of the same content in another version. */
  Path version(Path jar, String file, String version) throws Exception {
    try (Jar copy = new Jar(jar.toFile())) {
      Manifest manifest = copy.getManifest();
      manifest.getMainAttributes().putValue("Bundle-Version", version);
      copy.setManifest(manifest);
      Path to = directory.resolve(file);
      copy.write(to.toFile());
      return to;
    }
  }
}
