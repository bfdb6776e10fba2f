package org.riglab.api.author;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/** Holds a plugin against the contracts of its parts, without installing it. Thread safe. */
@ProviderType
public interface PluginChecks {
  /** How long no call of a part may begin or end, where nobody says otherwise: a minute. */
  Duration LIMIT = Duration.ofMinutes(1);

  /**
   * Starts a jar beside everything that is installed, runs the contract of each of its parts with
   * the parts' default options, and takes everything away again, also after a failure. Nobody else
   * can use the jar's parts meanwhile; a plugin of the same name stays as it is.
   *
   * @param jar the bundle
   * @param data a folder for the data sets among its parts; without it, what a data set that needs
   *     a folder returns is not looked at
   * @param limit how long no call of a part may begin or end: a part that waits or loops for longer
   *     fails its check, and is not checked any further. Its thread is interrupted; one that goes
   *     on nevertheless ends with the process
   * @param ended is told each check as it ends, in the calling thread
   * @return all checks, in order
   * @throws org.riglab.api.RigException if the jar is no plugin or does not start: what {@link
   *     org.riglab.api.bench.Plugins#install} says
   */
  Report check(Path jar, Optional<Path> data, Duration limit, Consumer<Check> ended);

  /**
   * Like {@link #check(Path, Optional, Duration, Consumer)}, with {@link #LIMIT}.
   *
   * @param jar the bundle
   * @param data a folder for the data sets among its parts
   * @param ended is told each check as it ends, in the calling thread
   * @return all checks, in order
   */
  default Report check(Path jar, Optional<Path> data, Consumer<Check> ended) {
    return check(jar, data, LIMIT, ended);
  }

  /**
   * What was found.
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
   *     bundle's name for what concerns the plugin as a whole
   * @param name of the check, for example {@code gradientReachesEveryParameter}
   * @param verdict how it ended
   * @param sentence what was wrong, where, and what would be right; for a check that passed, a
   *     detail worth knowing, or empty
   * @param millis how long it took
   */
  record Check(String part, String name, Verdict verdict, String sentence, long millis) {}

  /** How a check can end. */
  enum Verdict {
    /** The part does what its contract says. */
    PASSED,
    /** It does not. */
    FAILED,
    /** Nothing is wrong, but its author should know, for example that it cannot be traced. */
    NOTE
  }
}
