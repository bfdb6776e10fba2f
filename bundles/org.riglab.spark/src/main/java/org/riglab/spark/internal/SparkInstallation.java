package org.riglab.spark.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.engine.EngineSetup;
import org.riglab.api.engine.SparkSetup;
import org.riglab.base.AtomicFile;
import org.riglab.engine.maven.MavenFile;
import org.riglab.engine.maven.MavenFiles;

/** Finds or fetches Spark. */
@Component(configurationPid = SparkPredictor.PID, service = SparkSetup.class)
public final class SparkInstallation implements SparkSetup {
  private static final String LIST = "spark.txt";

  private final MavenFiles maven;
  private final Path own;
  private final String configured;
  private final Map<String, String> environment;

  /**
   * @param maven fetches files
   * @param context says where the home is
   * @param config settings
   */
  @Activate
  public SparkInstallation(
      @Reference MavenFiles maven, BundleContext context, SparkPredictor.Config config) {
    this(maven, Path.of(context.getProperty("riglab.home")), config.spark_home(), System.getenv());
  }

  SparkInstallation(
      MavenFiles maven, Path home, String configured, Map<String, String> environment) {
    this.maven = maven;
    this.own = home.resolve("spark/spark-" + version());
    this.configured = configured;
    this.environment = environment;
  }

  @Override
  public String version() {
    return files().stream()
        .filter(file -> file.name().equals("spark-core_2.13"))
        .map(MavenFile::version)
        .findFirst()
        .orElseThrow();
  }

  /** What is fetched: tests compare with what Maven has. */
  static List<MavenFile> files() {
    try (InputStream in = SparkInstallation.class.getResourceAsStream(LIST);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      return lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(SparkInstallation::file)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code group name version bytes sha256}. */
  private static MavenFile file(String line) {
    String[] words = line.split(" ");
    return new MavenFile(words[0], words[1], words[2], "", Long.parseLong(words[3]), words[4]);
  }

  @Override
  public Optional<Path> home() {
    String named = environment.getOrDefault("SPARK_HOME", "");
    if (!configured.isEmpty()) {
      return Optional.of(checked(Path.of(configured), "spark.home of org.riglab.spark"));
    } else if (!named.isEmpty()) {
      return Optional.of(checked(Path.of(named), "SPARK_HOME"));
    }
    // Written last
    return Files.exists(own.resolve("RELEASE")) ? Optional.of(own) : Optional.empty();
  }

  private static Path checked(Path directory, String named) {
    Path absolute = directory.toAbsolutePath().normalize();
    SparkHome.jars(absolute, named);
    return absolute;
  }

  @Override
  public Path fetch(EngineSetup.Watcher watcher) {
    maven.fetch(files(), own.resolve("jars"), watcher);
    AtomicFile.writeText(
        own.resolve("RELEASE"),
        "Spark %s from Maven: what predictions of Riglab need\n".formatted(version()));
    return own;
  }
}
