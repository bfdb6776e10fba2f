package org.riglab.plugins.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.osgi.framework.Constants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bundles that lie in the distribution, whether or not this process runs them. */
final class Distribution {
  private static final Logger LOG = LoggerFactory.getLogger(Distribution.class);

  private final Path root;

  Distribution(Path root) {
    this.root = root;
  }

  static Optional<Distribution> here() {
    return Optional.ofNullable(System.getProperty("riglab.distribution"))
        .map(Path::of)
        .filter(Files::isDirectory)
        .map(Distribution::new);
  }

  /**
   * @param packageName a Java package
   * @return a phrase for the bundle that exports it; empty if there is none
   */
  Optional<String> exporter(String packageName) {
    try (Stream<Path> files = Files.walk(root.resolve("repository"))) {
      for (Path jar : files.filter(f -> f.toString().endsWith(".jar")).sorted().toList()) {
        Optional<String> phrase = exporter(jar, packageName);
        if (phrase.isPresent()) {
          return phrase;
        }
      }
    } catch (IOException e) {
      LOG.debug("cannot read the distribution", e);
    }
    return Optional.empty();
  }

  private Optional<String> exporter(Path jar, String packageName) throws IOException {
    try (JarFile file = new JarFile(jar.toFile(), false)) {
      Manifest manifest = file.getManifest();
      if (manifest == null) {
        return Optional.empty();
      }
      Attributes headers = manifest.getMainAttributes();
      for (String clause : clauses(headers.getValue(Constants.EXPORT_PACKAGE), ',')) {
        List<String> words = clauses(clause, ';');
        if (words.contains(packageName)) {
          String version =
              words.stream()
                  .filter(word -> word.startsWith("version="))
                  .map(word -> word.substring("version=".length()).replace("\"", ""))
                  .findFirst()
                  .orElse("0.0.0");
          return Optional.of(
              "%s %s of the distribution%s has it in version %s, but does not run in this process"
                  .formatted(
                      clauses(headers.getValue(Constants.BUNDLE_SYMBOLICNAME), ';').get(0),
                      headers.getValue(Constants.BUNDLE_VERSION),
                      feature(jar),
                      version));
        }
      }
    }
    return Optional.empty();
  }

  /** Which feature a bundle belongs to, by its artifact. */
  private String feature(Path jar) throws IOException {
    String artifact = jar.getParent().getParent().getFileName().toString();
    try (Stream<Path> features = Files.list(root.resolve("features"))) {
      for (Path feature : features.sorted().toList()) {
        if (Files.readString(feature).contains(":" + artifact + ":")) {
          String name = feature.getFileName().toString();
          return " (feature " + name.substring(0, name.lastIndexOf('.')) + ")";
        }
      }
    }
    return "";
  }

  /** Splits a manifest header; what is quoted stays together. */
  static List<String> clauses(String header, char separator) {
    List<String> clauses = new ArrayList<>();
    StringBuilder clause = new StringBuilder();
    boolean quoted = false;
    for (char c : (header == null ? "" : header).toCharArray()) {
      quoted ^= c == '"';
      if (c == separator && !quoted) {
        clauses.add(clause.toString().strip());
        clause.setLength(0);
      } else {
        clause.append(c);
      }
    }
    clauses.add(clause.toString().strip());
    return clauses;
  }
}
