package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.RigException;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.base.Names;
import org.riglab.base.RemoteFiles;

/** Files as users name them: relative to the directory of their session. */
final class NamedFiles {
  /** Variable of a session whose user may name files of {@link RemoteFiles} only. */
  static final String CONFINED = "riglab.files";

  /** Variable of a session whose user may name no files. */
  static final String NONE = "riglab.nofiles";

  private static final String RECIPE = "recipe";
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
   * @param option of a training or evaluation, however it is spelt
   * @param value of the option
   * @return the value; the name of a file becomes absolute, since runs start elsewhere
   * @throws RigException DENIED if it names a file that the user may not name, or a program
   */
  static String option(CommandSession session, String option, String value) {
    String written = Names.writtenOption(option);
    if (confined(session) && RemoteFiles.isProgram(option, value)) {
      throw new RigException(RigException.Kind.DENIED, RemoteFiles.NO_PROGRAM);
    }
    boolean file =
        switch (written) {
          case "data" -> !value.isEmpty();
          case RECIPE, "coarse" -> value.endsWith(".json");
          default -> false;
        };
    if (!file) {
      return part(session, option, value);
    }
    Path path = resolve(session, value);
    if (written.equals(RECIPE) && confined(session)) {
      FileContents.read(path, () -> recipe(session, path));
    }
    return path.toString();
  }

  /** Recipes are read where files may be named: those of remote users name none. */
  private static Path recipe(CommandSession session, Path path) {
    Map<String, Object> recipe = Json.readIfExists(path).orElse(Map.of());
    if (!written(session, recipe).equals(recipe)) {
      throw new RigException(
          path + " names files; give them as options of the command, below HOME/files");
    }
    return path;
  }

  /**
   * Options in a file that a user has named.
   *
   * @param session of the user
   * @param options as the file has them
   * @return for a remote user the same with absolute names of files, as {@link #option} does; those
   *     of local users as they are
   * @throws RigException DENIED if a value names a file that the user may not name, or a program
   */
  static Map<String, Object> written(CommandSession session, Map<String, Object> options) {
    Map<String, Object> written = new LinkedHashMap<>(options);
    written.replaceAll((option, value) -> written(session, option, value));
    return written;
  }

  /**
   * The same for one of them.
   *
   * @param session of the user
   * @param option its name; {@code PART.OPTION} of a part
   * @param value as the file has it
   * @return see above
   */
  static Object written(CommandSession session, String option, Object value) {
    if (!confined(session)) {
      return value;
    }
    if (value instanceof List<?> list) {
      return list.stream().map(item -> written(session, option, item)).toList();
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> written = new LinkedHashMap<>();
      map.forEach(
          (key, item) ->
              written.put(String.valueOf(key), written(session, option + "." + key, item)));
      return written;
    }
    if (!(value instanceof String text)) {
      return value;
    }
    int dot = option.lastIndexOf('.');
    return dot < 0
        ? option(session, option, text)
        : ofPart(session, option.substring(0, dot), text);
  }

  /**
   * @param session of the user
   * @param option any
   * @param value of the option, perhaps a part with options: {@code NAME:KEY=FILE}
   * @return the value; over SSH a file in it is resolved and checked as {@link #resolve} does
   * @throws RigException DENIED if it names a file that the user may not name
   */
  static String part(CommandSession session, String option, String value) {
    if (!confined(session) || !PART.matcher(value).lookingAt()) {
      return value;
    }
    Matcher matcher = PART_OPTION.matcher(value);
    StringBuilder result = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(
          result,
          Matcher.quoteReplacement(matcher.group(1) + ofPart(session, option, matcher.group(2))));
    }
    return matcher.appendTail(result).toString();
  }

  private static String ofPart(CommandSession session, String option, String value) {
    // What the options of a data set name is below its directory.
    boolean relative = option.replace("-", "").equalsIgnoreCase("dataset");
    boolean below = relative && !value.startsWith("/") && !value.matches("(.*/)?[.][.](/.*)?");
    boolean file = value.contains("/") || value.endsWith(".json") || value.equals("..");
    return file && !below ? resolve(session, value).toString() : value;
  }
}
