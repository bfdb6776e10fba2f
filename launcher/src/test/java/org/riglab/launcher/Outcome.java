package org.riglab.launcher;

import static org.junit.Assert.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process did.
 *
 * @param command what was run, for messages
 * @param status its exit status
 * @param text both its streams
 */
record Outcome(List<String> command, int status, String text) {
  /**
   * Runs a process to its end; a test's own timeout ends it.
   *
   * @param directory where
   * @param command what
   */
  static Outcome of(Path directory, List<String> command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    // What the build was told about itself is not for others
    builder.environment().keySet().removeIf(name -> name.startsWith("MAVEN_"));
    // A short build is over before optimised code pays.
    builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    Process process = builder.start();
    process.getOutputStream().close();
    try (InputStream out = process.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(command, process.waitFor(), text);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** The text, if the status was that one. */
  String ended(int expected) {
    assertEquals(String.join(" ", command) + " said\n" + text, expected, status);
    return text;
  }

  /**
   * Builds a project as a stranger would: outside this build, against the distribution's Maven
   * repository, without a network.
   *
   * @param project its folder
   * @param local a local repository to use, made by {@link #localRepository}
   * @param words goals and options
   */
  static Outcome maven(Path project, Path local, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "mvn",
                "-B",
                "-ntp",
                "-o",
                "-Daether.offline.protocols=file",
                "-Dmaven.repo.local=" + local,
                "-Driglab.repository="
                    + ScratchDistribution.built().resolve("repository").toUri()));
    command.addAll(List.of(words));
    return of(project, command);
  }

  /**
   * Makes a local repository with everything that this build's has, and none of our own artifacts:
   * those of an earlier build have the same version.
   *
   * @param folder to make
   * @return the folder
   */
  static Path localRepository(Path folder) throws IOException {
    Path existing =
        Path.of(
            System.getProperty(
                "localRepository", System.getProperty("user.home") + "/.m2/repository"));
    link(existing, folder, List.of("org", "riglab"));
    return folder;
  }

  private static void link(Path from, Path to, List<String> without) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> entries = Files.list(from)) {
      for (Path entry : entries.toList()) {
        Path link = to.resolve(entry.getFileName());
        if (!entry.getFileName().toString().equals(without.get(0))) {
          Files.createSymbolicLink(link, entry);
        } else if (without.size() > 1) {
          link(entry, link, without.subList(1, without.size()));
        }
      }
    }
  }
}
