package org.riglab.itests;

import static org.ops4j.pax.exam.CoreOptions.bootClasspathLibrary;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;
import static org.ops4j.pax.exam.CoreOptions.vmOption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Constants;
import org.riglab.launcher.Features;
import org.riglab.launcher.StartException;

/** The distribution that this build has made, in a JVM of its own. */
final class Platform {
  static final String PLUGINS = "riglab.itests.plugins";

  private Platform() {}

  /** The distribution that this build has made. */
  static Path distribution() {
    return Path.of(System.getProperty("riglab.distribution"));
  }

  /** What a shell of the distribution runs, without the shell itself. */
  static Features features() throws IOException, StartException {
    List<String> names = new ArrayList<>(List.of("core", "training", "onnx"));
    try (Stream<Path> files = Files.list(distribution().resolve("features"))) {
      files
          .map(f -> f.getFileName().toString().replace(".json", ""))
          .filter(f -> f.startsWith("native-"))
          .forEach(names::add);
    }
    return Features.read(distribution().resolve("features"), names);
  }

  static Path jar(Features.Artifact artifact) {
    return distribution().resolve("repository").resolve(artifact.path());
  }

  /** The jar of a bundle of the distribution. */
  static Path jar(String name) throws IOException, StartException {
    return features().bundles().stream()
        .filter(artifact -> artifact.id().split(":")[1].equals(name))
        .map(Platform::jar)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no feature names " + name));
  }

  /** What the launcher has beside the framework, from where bundles get for example slf4j. */
  private static List<Path> libraries() throws IOException {
    try (Stream<Path> jars = Files.list(distribution().resolve("lib"))) {
      return jars.filter(j -> !j.getFileName().toString().startsWith("org.apache.felix.framework"))
          .toList();
    }
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
  static Option configuration(String name, PluginJars plugins) throws IOException, StartException {
    Path home = Files.createTempDirectory(Files.createDirectories(Path.of("target/homes")), name);
    List<Option> options = new ArrayList<>();
    Features features = features();
    for (Features.Artifact artifact : features.bundles()) {
      Path jar = jar(artifact);
      var provision = bundle("reference:" + jar.toUri()).startLevel(artifact.startLevel());
      options.add(fragment(jar) ? provision.noStart() : provision);
    }
    for (Path library : libraries()) {
      options.add(bootClasspathLibrary(library.toUri().toString()).afterFramework());
    }
    features
        .framework()
        .forEach(
            (key, value) -> {
              if (key.equals(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA)) {
                // beside those that the test runner adds
                options.add(systemPackages(value.split(",")));
              } else if (!key.equals(Constants.FRAMEWORK_BEGINNING_STARTLEVEL)) {
                options.add(frameworkProperty(key).value(value));
              }
            });
    return composite(
        composite(options.toArray(Option[]::new)),
        junitBundles(),
        frameworkProperty("riglab.home").value(home.toAbsolutePath().toString()),
        // where a server finds its workers
        systemProperty("riglab.distribution").value(distribution().toRealPath().toString()),
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
