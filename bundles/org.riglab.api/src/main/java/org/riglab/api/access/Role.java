package org.riglab.api.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.riglab.api.RigException;

/** The permissions of a user; each role includes those before it. */
public enum Role {
  /** Read access: lists, shows and watches networks, runs, parts, plugins and the queue. */
  VIEWER,
  /**
   * Work: creates and changes networks; queues, orders, pauses, resumes, cancels, retries and
   * replays runs; trains, evaluates, predicts.
   */
  OPERATOR,
  /**
   * Administration: plugins, configuration, keys and tokens, raw Gogo. This role permits the
   * execution of any code under the account of the process.
   */
  ADMIN;

  /**
   * Service property of a shell command: the lowest role that may call it, for example {@code
   * viewer}, or an array with one {@code action=role} per action of the command. For a command
   * without actions, {@code --option=role} entries, one for each name of the option, can require a
   * higher role for an option. Without the property, and for actions not named, {@link #ADMIN} is
   * required.
   */
  public static final String PROPERTY = "riglab.role";

  /**
   * @param needed role that an operation requires
   * @return whether this role includes it
   */
  public boolean includes(Role needed) {
    return compareTo(needed) >= 0;
  }

  /**
   * @return the name in lower case, as in files and properties
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param word as returned by {@link #word}
   * @return the role
   * @throws RigException if there is no such role; the message names the existing ones
   */
  public static Role of(String word) {
    for (Role role : values()) {
      if (role.word().equals(word)) {
        return role;
      }
    }
    throw new RigException(
        "there is no role '"
            + word
            + "'; expected "
            + Arrays.stream(values()).map(Role::word).collect(Collectors.joining(", ")));
  }
}
