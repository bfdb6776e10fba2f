package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Plugins.Kept;
import org.riglab.api.lab.Run;

/**
 * Whether the plugins that runs were made with are there. Built-in parts are not asked for: they
 * change with it, and a comparison says so.
 */
final class Provenance {
  private static final int SHORT = 16;

  private final Supplier<List<PartInfo>> parts;
  private final Supplier<List<Kept>> kept;

  /**
   * @param parts that are there
   * @param kept jars of plugins that are or were installed
   */
  Provenance(Supplier<List<PartInfo>> parts, Supplier<List<Kept>> kept) {
    this.parts = parts;
    this.kept = kept;
  }

  /** A bundle as a run names it. */
  private record Source(String part, String bundle, String version, String sha256) {
    static Optional<Source> of(String part, String text) {
      String[] words = text.split(" ", -1);
      return words.length == 3 && !words[2].isEmpty()
          ? Optional.of(new Source(part, words[0], words[1], words[2]))
          : Optional.empty();
    }

    String title() {
      return "plugin %s %s (sha256 %s)".formatted(bundle, version, shortened(sha256));
    }
  }

  private static String shortened(String sha256) {
    return sha256.substring(0, Math.min(SHORT, sha256.length()));
  }

  /**
   * @param runs some
   * @return the same; those that have ended and whose plugins are not installed any more warn of it
   */
  List<Run> annotate(List<Run> runs) {
    Set<String> there = parts.get().stream().map(PartInfo::sha256).collect(Collectors.toSet());
    boolean all =
        runs.stream()
            .flatMap(run -> sources(run).stream())
            .allMatch(source -> there.contains(source.sha256()));
    return all ? runs : annotate(runs, parts.get(), kept.get());
  }

  private static List<Run> annotate(List<Run> runs, List<PartInfo> parts, List<Kept> kept) {
    List<Run> annotated = new ArrayList<>();
    for (Run run : runs) {
      Set<String> lines = new TreeSet<>();
      for (Source source : sources(run)) {
        if (run.state().ended()
            && parts.stream().noneMatch(p -> p.bundle().equals(source.bundle()))
            && kept.stream().noneMatch(k -> k.installed() && k.name().equals(source.bundle()))) {
          lines.add(gone(source, kept));
        }
      }
      annotated.add(lines.isEmpty() ? run : warned(run, lines));
    }
    return annotated;
  }

  private static List<Source> sources(Run run) {
    return sources(run.parts());
  }

  private static List<Source> sources(Map<String, String> parts) {
    return parts.entrySet().stream()
        .flatMap(e -> Source.of(e.getKey(), e.getValue()).stream())
        .toList();
  }

  /**
   * @param parts as {@link Run#parts} has them
   * @return SHA-256 of their bundles
   */
  static List<String> digests(Map<String, String> parts) {
    return sources(parts).stream().map(Source::sha256).toList();
  }

  private static String gone(Source source, List<Kept> kept) {
    return source.title() + " is not installed; " + back(source, "install", kept);
  }

  private static String back(Source source, String command, List<Kept> kept) {
    return kept.stream().anyMatch(k -> k.sha256().equals(source.sha256()))
        ? "'plugin %s sha256:%s' installs it again".formatted(command, shortened(source.sha256()))
        : "'plugin %s FILE' with that jar installs it again".formatted(command);
  }

  /**
   * Refuses if a run cannot be repeated with what is there.
   *
   * @param run has started
   * @throws RigException naming the plugins that are missing or have another digest
   */
  void require(Run run) {
    List<PartInfo> there = parts.get();
    List<Kept> jars = kept.get();
    Set<String> lines = new TreeSet<>();
    for (Source source : sources(run)) {
      Optional<PartInfo> part =
          there.stream().filter(p -> (p.kind() + " " + p.name()).equals(source.part())).findFirst();
      if (part.filter(p -> p.sha256().equals(source.sha256())).isEmpty()) {
        differs(source, part, there, jars).ifPresent(lines::add);
      }
    }
    if (!lines.isEmpty()) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "run %d cannot be repeated: %s".formatted(run.id(), String.join("; ", lines)));
    }
  }

  private static Optional<String> differs(
      Source source, Optional<PartInfo> part, List<PartInfo> there, List<Kept> kept) {
    Optional<Kept> installed =
        kept.stream().filter(k -> k.installed() && k.name().equals(source.bundle())).findFirst();
    if (installed.isPresent() && !installed.get().sha256().equals(source.sha256())) {
      return Optional.of(
          "it was made with %s, but %s is installed (sha256 %s); %s"
              .formatted(
                  source.title(),
                  installed.get().version(),
                  shortened(installed.get().sha256()),
                  back(source, "update", kept)));
    }
    boolean runs = there.stream().anyMatch(p -> p.sha256().equals(source.sha256()));
    if (installed.isPresent() && !runs) {
      return Optional.of(
          "%s is not active; 'plugin doctor %s' shows why"
              .formatted(source.title(), source.bundle()));
    }
    if (installed.isPresent() || runs) {
      return Optional.of(
          "%s was provided by %s %s (sha256 %s), and is now provided by %s"
              .formatted(
                  source.part(),
                  source.bundle(),
                  source.version(),
                  shortened(source.sha256()),
                  part.map(p -> p.bundle() + " " + p.version()).orElse("no plugin")));
    }
    boolean own = there.stream().anyMatch(p -> p.bundle().equals(source.bundle()));
    return own ? Optional.empty() : Optional.of(gone(source, kept));
  }

  private static Run warned(Run run, Set<String> lines) {
    List<String> warnings = new ArrayList<>(run.warnings());
    warnings.addAll(lines);
    return new Run(
        run.id(),
        run.name(),
        run.kind(),
        run.state(),
        run.network(),
        run.networkSpec(),
        run.spec(),
        run.seed(),
        run.priority(),
        run.after(),
        run.device(),
        run.sweep(),
        run.replayOf(),
        run.data(),
        run.parts(),
        run.progress(),
        run.metrics(),
        run.error(),
        warnings,
        run.times(),
        run.folder(),
        run.tags(),
        run.note(),
        run.storage(),
        run.failure());
  }
}
