package org.riglab.plugins.internal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.riglab.base.FileFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the inbox did not take: jars, each with a file of one line that says why. They stay until
 * they are deleted.
 *
 * @param folder where they lie
 */
record RefusedJars(Path folder) {
  private static final Logger LOG = LoggerFactory.getLogger(RefusedJars.class);
  private static final String REASON = ".txt";
  private static final int SHOWN = 3;

  /**
   * @param plugins the folder in which plugins are kept
   */
  static RefusedJars in(Path plugins) {
    return new RefusedJars(plugins.resolve("refused"));
  }

  /** Moves a jar here. */
  void add(Path jar, String why) throws IOException {
    Files.createDirectories(folder);
    Path to = folder.resolve(jar.getFileName());
    Files.writeString(folder.resolve(jar.getFileName() + REASON), why + System.lineSeparator());
    Files.move(jar, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** One line about the jars that lie here; empty if there is none. */
  Optional<String> summary() {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
      files.forEach(jars::add);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("cannot read " + folder + ": " + FileFailures.reason(e));
    }
    if (jars.isEmpty()) {
      return Optional.empty();
    }
    String lines =
        jars.stream()
            .sorted()
            .limit(SHOWN)
            .map(RefusedJars::line)
            .collect(Collectors.joining("; "));
    int more = jars.size() - SHOWN;
    return Optional.of(
        "%s%s (%s)".formatted(lines, more > 0 ? "; and " + more + " more" : "", folder));
  }

  private static String line(Path jar) {
    try {
      String why = Files.readString(jar.resolveSibling(jar.getFileName() + REASON));
      return line(jar.getFileName().toString(), why);
    } catch (IOException e) {
      LOG.debug("no reason is recorded for {}", jar, e);
      return line(jar.getFileName().toString(), "the reason was not recorded");
    }
  }

  static String line(String jar, String why) {
    return jar + " was refused: " + why.lines().findFirst().orElse("");
  }
}
