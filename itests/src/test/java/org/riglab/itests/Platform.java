package org.riglab.itests;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;
import static org.ops4j.pax.exam.CoreOptions.vmOption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Constants;

/** The bench as it is distributed, in a JVM of its own. */
final class Platform {
  static final String PLUGINS = "riglab.itests.plugins";

  private Platform() {}

  /** What logging needs comes first, lest somebody logs before it is there. */
  private static final List<String> FIRST =
      List.of("logback-classic.jar", "logback-core.jar", "slf4j-api.jar", "spifly");

  /** The bundles of the build and what they need, as jars. */
  static List<Path> bundles() throws IOException {
    List<Path> bundles = new ArrayList<>();
    try (Stream<Path> jars = Files.list(Path.of("target/bundles"))) {
      Comparator<Path> order = Comparator.comparingInt(Platform::rank);
      for (Path jar : jars.sorted(order.thenComparing(Path::compareTo)).toList()) {
        if (header(jar, Constants.BUNDLE_SYMBOLICNAME) != null) {
          bundles.add(jar.toAbsolutePath());
        }
      }
    }
    return bundles;
  }

  private static int rank(Path jar) {
    String name = jar.getFileName().toString();
    return -1 - FIRST.indexOf(FIRST.stream().filter(name::contains).findFirst().orElse(""));
  }

  static boolean fragment(Path jar) throws IOException {
    return header(jar, Constants.FRAGMENT_HOST) != null;
  }

  private static String header(Path jar, String name) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      Attributes headers = file.getManifest().getMainAttributes();
      return headers.getValue(name);
    }
  }

  /**
   * @param name of the test: its home is empty, and its plugins are those just built
   */
  static Option configuration(String name, PluginJars plugins) throws IOException {
    Path home = Files.createTempDirectory(Files.createDirectories(Path.of("target/homes")), name);
    List<Option> options = new ArrayList<>();
    for (Path jar : bundles()) {
      var provision = bundle("reference:" + jar.toUri());
      options.add(
          fragment(jar) ? provision.noStart() : provision.startLevel(rank(jar) < 0 ? 1 : 3));
    }
    return composite(
        composite(options.toArray(Option[]::new)),
        junitBundles(),
        frameworkProperty("riglab.home").value(home.toAbsolutePath().toString()),
        frameworkProperty("org.apache.felix.log.maxSize").value("0"),
        systemProperty(PLUGINS).value(plugins.directory().toAbsolutePath().toString()),
        systemProperty("pax.exam.osgi.unresolved.fail").value("true"),
        systemProperty("OPT_OUT_TRACKING").value("true"),
        systemProperty("java.awt.headless").value("true"),
        systemProperty("logback.configurationFile")
            .value(Path.of("src/test/resources/logback-itests.xml").toAbsolutePath().toString()),
        systemProperty("riglab.itests.log")
            .value(Path.of("target", name + ".log").toAbsolutePath().toString()),
        // A heap that is there from the start: what the resident set gains is native.
        vmOption("-Xms512m"),
        vmOption("-Xmx512m"),
        vmOption("-XX:+AlwaysPreTouch"));
  }
}
