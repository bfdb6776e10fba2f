package org.riglab.parts.internal;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.riglab.base.Sha256;

/** SHA-256 of bundles' jars, computed once per installed state. */
final class Digests {
  /** What the plugin manager verified before it installed the bundle. */
  private static final Pattern VERIFIED = Pattern.compile("riglab:plugin:.*:([0-9a-f]{64})");

  private static final String REFERENCE = "reference:";

  private record State(long bundleId, long lastModified) {}

  private final Map<State, String> cache = new ConcurrentHashMap<>();

  /**
   * @param bundle an installed bundle
   * @return the digest in hexadecimal; empty if the framework does not show the jar
   */
  String of(Bundle bundle) {
    State state = new State(bundle.getBundleId(), bundle.getLastModified());
    cache.keySet().removeIf(s -> s.bundleId() == state.bundleId() && !s.equals(state));
    return cache.computeIfAbsent(state, s -> compute(bundle));
  }

  /** Forgets a bundle that has gone. */
  void forget(long bundleId) {
    cache.keySet().removeIf(s -> s.bundleId() == bundleId);
  }

  private static String compute(Bundle bundle) {
    Matcher verified = VERIFIED.matcher(bundle.getLocation());
    if (verified.matches()) {
      return verified.group(1);
    }
    return jar(bundle).map(Digests::digest).orElse("");
  }

  private static Optional<Path> jar(Bundle bundle) {
    String location = bundle.getLocation();
    if (location.startsWith(REFERENCE)) {
      return Optional.of(Path.of(URI.create(location.substring(REFERENCE.length()))))
          .filter(Files::isRegularFile);
    }
    // Felix keeps its copy of a bundle's current revision beside the bundle's data area.
    File data = bundle.getDataFile("");
    if (data == null) {
      return Optional.empty();
    }
    try (Stream<Path> revisions = Files.list(data.toPath().toAbsolutePath().getParent())) {
      return revisions
          .filter(p -> p.getFileName().toString().startsWith("version"))
          .map(p -> p.resolve("bundle.jar"))
          .filter(Files::isRegularFile)
          .max(Comparator.comparingLong(p -> p.toFile().lastModified()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(Path jar) {
    try {
      return Sha256.of(jar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
