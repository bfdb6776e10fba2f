package org.riglab.plugins.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plugins as they were kept before release 0.1, {@code NAME@SHA256.jar} beside the records: taken
 * over when a process finds them.
 */
final class FormerJars {
  private static final Logger LOG = LoggerFactory.getLogger(FormerJars.class);
  private static final Pattern FORMER = Pattern.compile("(.+)@([0-9a-f]{64})\\.jar");

  /** What is not finished by then never will be. */
  private static final Duration STALE = Duration.ofHours(1);

  private final PluginStore store;
  private final JarFiles jars;
  private final Clock clock;

  FormerJars(PluginStore store, JarFiles jars, Clock clock) {
    this.store = store;
    this.jars = jars;
    this.clock = clock;
  }

  /**
   * Takes over plugins that were kept under their names, and removes what a process that died left
   * unfinished; unless another process is at it.
   */
  void tidy() {
    Path directory = store.directory();
    boolean clean =
        !Files.isDirectory(directory)
            || stale().isEmpty()
                && JarFiles.list(directory).stream()
                    .noneMatch(f -> FORMER.matcher(f.getFileName().toString()).matches());
    if (clean) {
      return;
    }
    Optional<StoreLock> lock = StoreLock.tryTake(directory);
    if (lock.isPresent()) {
      try (StoreLock held = lock.get()) {
        tidyUnder(held);
      }
    }
  }

  private List<Path> stale() {
    return jars.unfinished(clock.instant().minus(STALE));
  }

  private void tidyUnder(StoreLock held) {
    Objects.requireNonNull(held);
    TreeMap<Instant, Path> former = new TreeMap<>();
    for (Path file : JarFiles.list(store.directory())) {
      if (FORMER.matcher(file.getFileName().toString()).matches()) {
        Instant time = Instant.ofEpochMilli(file.toFile().lastModified());
        while (former.containsKey(time)) {
          time = time.plusNanos(1);
        }
        former.put(time, file);
      }
    }
    former.forEach(this::takeOver);
    stale().forEach(JarFiles::discard);
  }

  private void takeOver(Instant since, Path file) {
    Matcher matcher = FORMER.matcher(file.getFileName().toString());
    if (!matcher.matches()) {
      return;
    }
    String name = matcher.group(1);
    String sha256 = matcher.group(2);
    Optional<PluginStore.Stored> stored = store.readable(name);
    boolean known =
        stored.stream()
            .flatMap(s -> s.versions().stream())
            .anyMatch(v -> v.sha256().equals(sha256));
    if (!known) {
      String version;
      try {
        version = PluginJar.read(file, sha256, file.toString()).version().toString();
      } catch (RigException e) {
        LOG.warn("{} is adopted without checks", file, e);
        version = "";
      }
      try {
        Path part = jars.unfinished();
        Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
        jars.keep(part, sha256);
      } catch (IOException e) {
        throw FileFailures.writing(jars.file(sha256), e);
      }
      List<PluginStore.Version> versions =
          new ArrayList<>(List.of(new PluginStore.Version(sha256, version, since)));
      stored.ifPresent(s -> versions.addAll(s.versions()));
      store.write(new PluginStore.Stored(name, true, false, versions));
    }
    JarFiles.discard(file);
  }
}
