package org.riglab.web.internal;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.base.Names;
import org.riglab.base.RemoteFiles;

/**
 * Where files may lie: those of runs in the home, those that a request names in {@link
 * RemoteFiles}.
 */
final class Roots {
  private final Path home;
  private final RemoteFiles named;

  /**
   * @param home that the server's own files are in
   * @param named what a request may name
   */
  Roots(Path home, RemoteFiles named) {
    this.home = home;
    this.named = named;
  }

  /**
   * @param path of a file or directory
   * @return whether it is there, and inside the home
   */
  boolean contain(Path path) {
    try {
      return path.toRealPath().startsWith(home.toRealPath());
    } catch (IOException e) {
      return false;
    }
  }

  private boolean mayBeNamed(String name) {
    try {
      return named.contain(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * Refuses options that name files elsewhere.
   *
   * @param options by name, or values of such
   * @throws Refusal 400 naming the option
   */
  void check(Map<String, ?> options) {
    options.forEach((key, value) -> check(key, value));
  }

  private void check(String key, Object value) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((k, v) -> check(key + "." + k, v));
    } else if (value instanceof List<?> list) {
      list.forEach(v -> check(key, v));
    } else if (value instanceof String text && RemoteFiles.isProgram(option(key), text)) {
      throw new Refusal(400, RemoteFiles.NO_PROGRAM);
    } else if (value instanceof String text && names(key, text)) {
      named(key, text);
    }
  }

  private void named(String key, String text) {
    if (!mayBeNamed(text)) {
      throw new Refusal(
          400,
          "the option "
              + Call.printable(key)
              + " names nothing inside HOME/files or a directory that the configuration"
              + " org.riglab.web lists under data");
    }
    if (option(key).equals("recipe")) {
      Path recipe = Path.of(text);
      Map<String, Object> options = FileContents.read(recipe, () -> Json.read(recipe));
      options.remove("about");
      check(options);
    }
  }

  /** The name of an option, however it is spelt. */
  private static String option(String key) {
    return Names.writtenOption(key.substring(key.lastIndexOf('.') + 1));
  }

  /** Whether the value would be taken for a file's name. */
  private static boolean names(String key, String value) {
    String option = option(key);
    boolean file =
        option.equals("data")
            || (option.equals("recipe") && value.endsWith(".json"))
            || (option.equals("coarse") && !value.matches("[a-z0-9-]*"))
            // Options of parts; those of a data set are relative to its directory.
            || (value.endsWith(".json") && !key.toLowerCase(Locale.ROOT).startsWith("dataset"));
    return !value.isEmpty()
        && (file || value.chars().anyMatch(c -> c == '/' || c == '\\' || c < ' '));
  }
}
