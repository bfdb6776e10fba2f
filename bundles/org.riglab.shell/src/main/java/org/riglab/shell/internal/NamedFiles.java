package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.RigException;
import org.riglab.base.RemoteFiles;

/** Files as users name them: relative to the directory of their session. */
final class NamedFiles {
  /** Variable of a session whose user may name files of {@link RemoteFiles} only. */
  static final String CONFINED = "riglab.files";

  /** Variable of a session whose user may name no files. */
  static final String NONE = "riglab.nofiles";

  private static final Pattern PART = Pattern.compile("[a-z0-9,-]+:[A-Za-z_-]+=");
  private static final Pattern PART_OPTION = Pattern.compile("(:[A-Za-z_-]+=)([^:]*)");

  private NamedFiles() {}

  /**
   * @param session of a user
   * @return whether it is a remote user
   */
  static boolean confined(CommandSession session) {
    return Boolean.TRUE.equals(session.get(NONE)) || session.get(CONFINED) instanceof RemoteFiles;
  }

  /**
   * @param session of the user
   * @param name of a file or directory
   * @return where it is
   * @throws RigException DENIED if the user may not name it
   */
  static Path resolve(CommandSession session, String name) {
    if (Boolean.TRUE.equals(session.get(NONE))) {
      throw new RigException(
          RigException.Kind.DENIED, "a viewer may not name files; name what the server has");
    }
    return session.get(CONFINED) instanceof RemoteFiles files
        ? files.named(name)
        : session.currentDir().resolve(name).normalize();
  }

  /**
   * @param session of the user
   * @param option of a training or evaluation
   * @param value of the option
   * @return the value; the name of a file becomes absolute, since runs start elsewhere
   * @throws RigException DENIED if it names a file that the user may not name
   */
  static String option(CommandSession session, String option, String value) {
    boolean file =
        switch (option.replace('-', '_')) {
          case "data" -> !value.isEmpty();
          case "recipe", "coarse" -> value.endsWith(".json");
          default -> false;
        };
    return file ? resolve(session, value).toString() : part(session, option, value);
  }

  /**
   * @param session of the user
   * @param option any
   * @param value of the option, perhaps a part with options: {@code NAME:KEY=FILE}
   * @return the value; over SSH a file in it is resolved and checked as {@link #resolve} does
   * @throws RigException DENIED if it names a file that the user may not name
   */
  static String part(CommandSession session, String option, String value) {
    boolean confined = session.get(CONFINED) != null || Boolean.TRUE.equals(session.get(NONE));
    if (!confined || !PART.matcher(value).lookingAt()) {
      return value;
    }
    // What the options of a data set name is below its directory.
    boolean relative = option.replace("-", "").equals("dataset");
    Matcher matcher = PART_OPTION.matcher(value);
    StringBuilder result = new StringBuilder();
    while (matcher.find()) {
      String name = matcher.group(2);
      boolean below = relative && !name.startsWith("/") && !name.matches("(.*/)?[.][.](/.*)?");
      boolean file = name.contains("/") || name.endsWith(".json") || name.equals("..");
      String resolved = file && !below ? resolve(session, name).toString() : name;
      matcher.appendReplacement(result, Matcher.quoteReplacement(matcher.group(1) + resolved));
    }
    return matcher.appendTail(result).toString();
  }
}
