package org.riglab.api.author;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** Tests a plugin against the contracts of its parts without installing it. Thread safe. */
@ProviderType
public interface PluginChecks {
  /** The default time limit of a call of a part: a minute. */
  Duration LIMIT = Duration.ofMinutes(1);

  /**
   * Starts a jar in addition to the installed plugins, runs the contract of each of its parts with
   * default options, and uninstalls it, also after a failure. The parts of the jar are not
   * available to others; an installed plugin of the same name is not affected.
   *
   * @param jar the bundle
   * @param data a folder for the data sets among its parts; without it, samples of a data set that
   *     requires a folder are not checked
   * @param limit longest time in which no call of a part begins or ends. If it is exceeded, the
   *     check fails and the part is not checked any further. Its thread is interrupted; a thread
   *     that ignores the interrupt ends with the process
   * @param ended receives each check when it ends, in the calling thread
   * @return all checks, in order
   * @throws org.riglab.api.RigException if the jar is not a plugin or does not start, as for {@link
   *     org.riglab.api.bench.Plugins#install}
   */
  Report check(Path jar, Optional<Path> data, Duration limit, Consumer<Check> ended);

  /**
   * Like {@link #check(Path, Optional, Duration, Consumer)}, with {@link #LIMIT}.
   *
   * @param jar the bundle
   * @param data a folder for the data sets among its parts
   * @param ended receives each check when it ends, in the calling thread
   * @return all checks, in order
   */
  default Report check(Path jar, Optional<Path> data, Consumer<Check> ended) {
    return check(jar, data, LIMIT, ended);
  }

  /**
   * The result of all checks.
   *
   * @param name symbolic name of the bundle
   * @param version of the bundle
   * @param sha256 digest of the jar in hexadecimal
   * @param checks in the order in which they ran
   */
  record Report(String name, String version, String sha256, List<Check> checks) {
    /**
     * Copies the list.
     *
     * @param name see {@link #name()}
     * @param version see {@link #version()}
     * @param sha256 see {@link #sha256()}
     * @param checks see {@link #checks()}
     */
    public Report {
      checks = List.copyOf(checks);
    }

    /**
     * @return whether no check failed
     */
    public boolean passed() {
      return checks.stream().noneMatch(check -> check.verdict() == Verdict.FAILED);
    }
  }

  /**
   * One check of one part.
   *
   * @param part kind and name, for example {@code gate channel-spatial}; {@code plugin} and the
   *     bundle's name for checks of the whole plugin
   * @param name of the check, for example {@code gradientReachesEveryParameter}
   * @param verdict result of the check
   * @param sentence what is wrong, where, and what is expected; for a check that passed, additional
   *     information or empty
   * @param millis duration
   */
  record Check(String part, String name, Verdict verdict, String sentence, long millis) {}

  /** Results of checks. */
  enum Verdict {
    /** The part satisfies the contract. */
    PASSED,
    /** The part violates the contract. */
    FAILED,
    /**
     * Information for the author that is not an error, for example that the part cannot be traced.
     */
    NOTE
  }
}
