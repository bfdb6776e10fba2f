package org.riglab.console;

import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.access.Principal;

/** A user of a remote connection. */
@ConsumerType
public interface Guest {
  /**
   * Asked before every line.
   *
   * @return who it is, and what they may do now
   * @throws org.riglab.api.RigException if they may do nothing any more; the session then ends
   */
  Principal principal();

  /**
   * Told before every line is run.
   *
   * @param line as it came, with whatever control characters
   */
  default void begins(String line) {}

  /**
   * @return whether the user wants colours
   */
  default boolean colour() {
    return true;
  }

  /**
   * @return whether the user's terminal says by {@code COLORTERM} that it has 24-bit colours
   */
  default boolean trueColour() {
    return false;
  }

  /**
   * Told after every line.
   *
   * @param line as it came, with whatever control characters
   * @param status 0, or why it failed: see {@link RemoteShell}
   * @param message what was printed about the failure; empty after a success
   */
  void ended(String line, int status, String message);
}
