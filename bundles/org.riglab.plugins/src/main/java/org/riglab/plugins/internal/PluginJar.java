package org.riglab.plugins.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.regex.Pattern;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.riglab.api.RigException;

/**
 * A jar that may be a plugin, or a library of plugins: a bundle that exports packages.
 *
 * @param file where it is
 * @param sha256 digest of its bytes in hexadecimal
 * @param name symbolic name
 * @param version bundle version
 * @param contents what it holds
 * @param libraries bundles that it needs beside those of the bench
 */
record PluginJar(
    Path file,
    String sha256,
    String name,
    Version version,
    JarContents contents,
    List<PluginJar> libraries) {
  /** Prefix of the location under which plugins are installed. */
  static final String LOCATION = "riglab:plugin:";

  /** Prefix of the location under which their libraries are installed. */
  static final String LIBRARY = "riglab:library:";

  PluginJar {
    libraries = List.copyOf(libraries);
  }

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  /** Packages of the API, of which a plugin must not have a copy. */
  private static final String API = "org/riglab/api/";

  /**
   * Reads a jar, all of it.
   *
   * @param file the jar
   * @param sha256 digest of its bytes
   * @param shown how messages call the file
   * @return the plugin
   * @throws RigException if it cannot be one; says why
   */
  static PluginJar read(Path file, String sha256, String shown) {
    PluginJar jar = bundle(file, sha256, shown);
    if (jar.isLibrary()) {
      throw new RigException(
          shown
              + " exports packages; a plugin must export nothing, so that it can be removed without"
              + " other bundles");
    }
    Attributes headers = jar.contents().manifest().getMainAttributes();
    if (headers.getValue("Service-Component") == null
        && headers.getValue(Constants.BUNDLE_ACTIVATOR) == null) {
      throw new RigException(
          shown
              + " provides no part: its manifest has no Service-Component; check that a class has"
              + " @Component and that the build uses bnd-maven-plugin");
    }
    return jar;
  }

  /**
   * Reads a jar, all of it.
   *
   * @param file the jar
   * @param sha256 digest of its bytes
   * @param shown how messages call the file
   * @return the library
   * @throws RigException if it cannot be one; says why
   */
  static PluginJar library(Path file, String sha256, String shown) {
    PluginJar jar = bundle(file, sha256, shown);
    if (!jar.isLibrary()) {
      throw new RigException(
          shown + " exports no package; a library of plugins is a bundle that exports some");
    }
    return jar;
  }

  /** A bundle, plugin or library. */
  static PluginJar bundle(Path file, String sha256, String shown) {
    JarContents contents = JarContents.read(file, shown);
    Attributes headers = contents.manifest().getMainAttributes();
    String header = headers.getValue(Constants.BUNDLE_SYMBOLICNAME);
    if (header == null || !"2".equals(headers.getValue(Constants.BUNDLE_MANIFESTVERSION))) {
      throw new RigException(
          shown
              + " is not a bundle: its manifest requires Bundle-ManifestVersion 2 and a"
              + " Bundle-SymbolicName; bnd-maven-plugin writes both");
    }
    String name = header.split(";", 2)[0].trim();
    if (!NAME.matcher(name).matches()) {
      throw new RigException(
          shown
              + " has the symbolic name '"
              + oneLine(name)
              + "', which is not one: letters, digits, dots, dashes and underscores are");
    }
    if (headers.getValue(Constants.FRAGMENT_HOST) != null) {
      throw new RigException(shown + " is a fragment; a plugin must be a bundle");
    }
    if (contents.entries().stream().anyMatch(e -> e.startsWith(API) && e.endsWith(".class"))) {
      throw new RigException(
          shown
              + " contains classes of org.riglab.api, so its parts would not implement Riglab's"
              + " interfaces; use scope provided for that dependency");
    }
    return new PluginJar(file, sha256, name, version(headers, shown), contents, List.of());
  }

  private static Version version(Attributes headers, String shown) {
    try {
      return Version.parseVersion(headers.getValue(Constants.BUNDLE_VERSION));
    } catch (IllegalArgumentException e) {
      throw new RigException(shown + " has a malformed version: " + oneLine(e.getMessage()), e);
    }
  }

  /**
   * The bundle's location: tells the content, so that the framework's copy needs no second look.
   */
  String location() {
    return isLibrary() ? LIBRARY + name + ":" + sha256 : location(name, sha256);
  }

  static String location(String name, String sha256) {
    return LOCATION + name + ":" + sha256;
  }

  /** Whether it is a library of plugins, and none itself. */
  boolean isLibrary() {
    return contents.manifest().getMainAttributes().getValue(Constants.EXPORT_PACKAGE) != null;
  }

  /**
   * @param needed what it needs
   * @return the same with these libraries
   */
  PluginJar with(List<PluginJar> needed) {
    return new PluginJar(file, sha256, name, version, contents, needed);
  }

  /** For messages. */
  String title() {
    return name + " " + version;
  }

  /**
   * @param message of a library, perhaps quoting an untrusted file
   * @return its first line, without anything a terminal would act on
   */
  static String oneLine(String message) {
    return String.valueOf(message)
        .lines()
        .findFirst()
        .orElse("")
        .replaceAll("\\p{Cntrl}", "?")
        .strip();
  }
}
