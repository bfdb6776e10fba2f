package org.riglab.console;

import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.access.Principal;

/** A user of a remote connection. */
@ConsumerType
public interface Guest {
  /**
   * Called before every line.
   *
   * @return the user and their current role
   * @throws org.riglab.api.RigException if the user has been revoked; the session then ends
   */
  Principal principal();

  /**
   * Called before every line is executed.
   *
   * @param line as received; may contain control characters
   */
  default void begins(String line) {}

  /**
   * @return whether the user wants colours
   */
  default boolean colour() {
    return true;
  }

  /**
   * @return whether the terminal reports 24-bit colours by {@code COLORTERM}
   */
  default boolean trueColour() {
    return false;
  }

  /**
   * Called after every line.
   *
   * @param line as received; may contain control characters
   * @param status 0, or the status of a failure: see {@link RemoteShell}
   * @param message what was printed about the failure; empty after a success
   */
  void ended(String line, int status, String message);
}
