package org.riglab.spark.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;

/** An installation of Spark. */
final class SparkHome {
  /** Installations of another one do not understand a driver of this one. */
  static final String VERSION = "4.0";

  private static final Pattern CORE = Pattern.compile("spark-core_2\\.13-([0-9.]+)\\.jar");

  private SparkHome() {}

  /**
   * @param directory where it should be
   * @param named who says so
   * @return its jars
   * @throws RigException UNAVAILABLE if it is not there, or of another version
   */
  static Path jars(Path directory, String named) {
    Path jars = directory.resolve("jars");
    String version = version(jars).orElse("");
    if (!version.startsWith(VERSION + ".")) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "%s (%s) %s; right is an installation of Spark %s"
              .formatted(
                  directory,
                  named,
                  version.isEmpty()
                      ? "has no jars/spark-core_2.13-VERSION.jar"
                      : "is Spark " + version,
                  VERSION));
    }
    return jars;
  }

  private static Optional<String> version(Path jars) {
    if (!Files.isDirectory(jars)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(jars)) {
      return files
          .map(file -> CORE.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(match -> match.group(1))
          .findFirst();
    } catch (IOException e) {
      throw FileFailures.reading(jars, e);
    }
  }
}
