package org.riglab.engine.internal;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.runtime.standalonestatic.StandaloneStaticRuntime;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.repository.RemoteRepository;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.riglab.engine.internal.CudaBuild.Artifact;

/**
 * Fetches artifacts from the repositories that Maven's settings of this user name: mirrors, proxies
 * and credentials are Maven's. The files go to a folder of the caller's, as nothing is built from
 * them.
 */
final class Download {
  private static final int ATTEMPTS = 4;
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final ContextOverrides overrides;
  private final Duration pause;
  private final Duration silence;
  private final String hint;

  /** Is told how many bytes of a file there are. */
  interface Listener {
    void bytes(long present);
  }

  /**
   * @param hint what else may be done where no repository has a file, as a part of a sentence
   */
  Download(String hint) {
    this(settings(), PAUSE, SILENCE, hint);
  }

  /** The user's settings, and those of the Maven that the user would call. */
  private static ContextOverrides settings() {
    ContextOverrides.Builder builder = ContextOverrides.create().withUserSettings(true);
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path maven = Path.of(folder, "mvn");
      if (System.getenv("MAVEN_HOME") == null && Files.isExecutable(maven)) {
        try {
          // Often a link into Maven's folder bin.
          builder.withMavenSystemHomeOverride(maven.toRealPath().getParent().getParent());
        } catch (IOException e) {
          throw FileFailures.reading(maven, e);
        }
        break;
      }
    }
    return builder.build();
  }

  /**
   * @param pause between attempts
   * @param silence after which an attempt is given up
   */
  Download(ContextOverrides overrides, Duration pause, Duration silence, String hint) {
    this.overrides = overrides;
    this.pause = pause;
    this.silence = silence;
    this.hint = hint;
  }

  /**
   * A file that was fetched.
   *
   * @param file where it is
   * @param source where it came from, in words
   */
  record Fetched(Path file, String source) {}

  /**
   * @param artifact what to fetch
   * @param folder where the file goes, or what there is of it already
   * @param listener watches
   * @return the file; Maven's own where this user's local repository has it. Its digest is not
   *     checked.
   * @throws RigException of kind UNAVAILABLE if no repository has it; says what became of each
   */
  Fetched fetch(Artifact artifact, Path folder, Listener listener) {
    try (Context context = new StandaloneStaticRuntime().create(overrides)) {
      RepositorySystemSession session = context.repositorySystemSession();
      Optional<Path> local = local(session, artifact);
      if (local.isPresent()) {
        return new Fetched(local.get(), "Maven's local repository");
      }
      Path file = folder.resolve(artifact.jar());
      List<String> tried = new ArrayList<>();
      for (RemoteRepository repository : context.remoteRepositories()) {
        String why =
            repository.isBlocked()
                ? "blocked by Maven's settings"
                : get(new Transfer(session, repository, silence), artifact, file, listener);
        if (why.isEmpty()) {
          return new Fetched(file, repository.getUrl());
        }
        tried.add("%s (%s)".formatted(repository.getUrl(), why));
      }
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "no Maven repository has %s: %s; ~/.m2/settings.xml may name a mirror, and %s"
              .formatted(artifact.coordinate(), String.join(", ", tried), hint));
    }
  }

  private static Optional<Path> local(RepositorySystemSession session, Artifact artifact) {
    String path =
        session
            .getLocalRepositoryManager()
            .getPathForLocalArtifact(
                new DefaultArtifact(
                    artifact.group(),
                    artifact.name(),
                    artifact.classifier(),
                    "jar",
                    artifact.version()));
    Path file = session.getLocalRepository().getBasedir().toPath().resolve(path);
    return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
  }

  /** Why it failed; empty if it did not. */
  private String get(Transfer transfer, Artifact artifact, Path file, Listener listener) {
    String why = "";
    try {
      // Only attempts that brought nothing count: a poor network may need many for a large file.
      int fruitless = 0;
      while (fruitless < ATTEMPTS) {
        long present = size(file);
        if (present >= artifact.bytes()) {
          return "";
        }
        if (!why.isEmpty()) {
          Thread.sleep(pause.toMillis());
        }
        try {
          transfer.get(artifact.path(), file, listener);
          return "";
        } catch (FileNotFoundException e) {
          return "not there";
        } catch (IOException e) {
          why = reason(e);
        }
        fruitless = size(file) > present ? 0 : fruitless + 1;
      }
      return why;
    } catch (IOException e) {
      return reason(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(
          RigException.Kind.UNAVAILABLE, "interrupted; the same command continues the download", e);
    }
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private static String reason(IOException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof UnknownHostException || root instanceof UnresolvedAddressException) {
      return "no such host, or no network";
    } else if (root instanceof ConnectException && root.getMessage() == null) {
      return "no connection";
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }
}
