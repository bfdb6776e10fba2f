package org.riglab.api.access;

import org.riglab.api.RigException;

/**
 * An authenticated user.
 *
 * @param name for logs and the audit log: the fingerprint of a key, the name of a token; no control
 *     characters
 * @param role the permissions
 */
public record Principal(String name, Role role) {
  /** The local user who started this process. */
  public static final Principal LOCAL = new Principal("local", Role.ADMIN);

  /**
   * @param needed role that the operation requires
   * @return whether the user has this role or one that includes it
   */
  public boolean may(Role needed) {
    return role.includes(needed);
  }

  /**
   * @param needed role that the operation requires
   * @param what the operation, for the message
   * @throws RigException if the role is insufficient; the message names the required role
   */
  public void require(Role needed, String what) {
    if (!may(needed)) {
      throw new RigException(
          what + " needs the role " + needed.word() + "; yours is " + role.word());
    }
  }
}
