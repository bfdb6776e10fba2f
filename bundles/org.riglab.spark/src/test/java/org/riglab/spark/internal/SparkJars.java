package org.riglab.spark.internal;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.riglab.engine.maven.MavenFile;

/** Spark as 'rig spark setup' would install it, from what Maven has resolved for this test. */
final class SparkJars {
  private static final Set<String> ENTRIES =
      Set.of("api", "common", "gson", "imageio", "jna", "pytorch");

  private SparkJars() {}

  private static List<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.isEmpty())
        .map(Path::of)
        .toList();
  }

  /** The class path's files by name. */
  static Map<String, Path> byName() {
    Map<String, Path> files = new LinkedHashMap<>();
    classPath().forEach(path -> files.putIfAbsent(path.getFileName().toString(), path));
    return files;
  }

  /** Makes an installation. */
  static Path install(Path home) throws IOException {
    Path jars = Files.createDirectories(home.resolve("jars"));
    Map<String, Path> present = byName();
    for (MavenFile file : SparkInstallation.files()) {
      Files.createSymbolicLink(jars.resolve(file.jar()), present.get(file.jar()));
    }
    return home;
  }

  /** What a job needs besides, as the distribution has it. */
  static List<Path> ours() {
    Set<String> spark =
        SparkInstallation.files().stream().map(MavenFile::jar).collect(Collectors.toSet());
    return classPath().stream()
        .filter(path -> !spark.contains(path.getFileName().toString()))
        .filter(
            path -> {
              String name = path.getFileName().toString();
              return Files.isDirectory(path)
                  || name.startsWith("org.riglab.")
                  || ENTRIES.contains(name.replaceFirst("-.*", ""));
            })
        .toList();
  }
}
