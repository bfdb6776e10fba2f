package org.riglab.api.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.riglab.api.RigException;

/** What somebody may do; each role may also do what those before it may. */
public enum Role {
  /** Looks: lists, shows and watches networks, runs, parts, plugins and the queue. */
  VIEWER,
  /**
   * Works: makes and changes networks; queues, orders, pauses, resumes, cancels, retries and
   * replays runs; trains, evaluates, predicts.
   */
  OPERATOR,
  /**
   * Rules: plugins, configuration, keys and tokens, raw Gogo. Whoever has this role can run any
   * code as the account that the process runs as.
   */
  ADMIN;

  /**
   * Service property of a shell command: the least role that may call it, for example {@code
   * viewer}; or an array with one {@code action=role} per action of the command. Beside the role of
   * a command without actions there may be an {@code --option=role} for each option, by all of its
   * names, that asks for a higher one. Without it, and for actions not named, only {@link #ADMIN}
   * may.
   */
  public static final String PROPERTY = "riglab.role";

  /**
   * @param needed by what somebody wants to do
   * @return whether this role may do it
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
   * @param word as {@link #word} gives it
   * @return the role
   * @throws RigException if there is no such role; names those there are
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
            + "': say "
            + Arrays.stream(values()).map(Role::word).collect(Collectors.joining(", ")));
  }
}
