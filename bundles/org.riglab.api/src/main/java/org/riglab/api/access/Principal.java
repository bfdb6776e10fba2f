package org.riglab.api.access;

import org.riglab.api.RigException;

/**
 * Somebody who was let in.
 *
 * @param name for logs and the audit: the fingerprint of a key, the name of a token; no control
 *     characters
 * @param role what they may do
 */
public record Principal(String name, Role role) {
  /** Whoever started this process and sits at its terminal. */
  public static final Principal LOCAL = new Principal("local", Role.ADMIN);

  /**
   * @param needed by what they want to do
   * @return whether they may
   */
  public boolean may(Role needed) {
    return role.includes(needed);
  }

  /**
   * @param needed by what they want to do
   * @param what they want to do, for the message
   * @throws RigException if they may not; says which role may
   */
  public void require(Role needed, String what) {
    if (!may(needed)) {
      throw new RigException(
          what + " needs the role " + needed.word() + "; yours is " + role.word());
    }
  }
}
