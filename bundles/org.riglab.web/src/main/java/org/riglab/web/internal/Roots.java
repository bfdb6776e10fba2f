package org.riglab.web.internal;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The directories that a request may name: the home, and those that the configuration adds. Where a
 * name leads is asked of the file system, so that neither dots nor links get out.
 */
final class Roots {
  private final List<Path> roots = new ArrayList<>();

  /**
   * @param home always one
   * @param further absolute paths; those that do not exist are left out
   */
  Roots(Path home, List<Path> further) {
    List<Path> all = new ArrayList<>(List.of(home));
    all.addAll(further);
    for (Path root : all) {
      try {
        roots.add(root.toRealPath());
      } catch (IOException e) {
        // What is not there holds nothing that could be named.
        continue;
      }
    }
  }

  /**
   * @param name of a file or directory
   * @return whether it is there, and inside
   */
  boolean contain(String name) {
    try {
      Path path = Path.of(name);
      return path.isAbsolute() && contain(path);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * @param path of a file or directory
   * @return whether it is there, and inside
   */
  boolean contain(Path path) {
    try {
      Path real = path.toRealPath();
      return roots.stream().anyMatch(real::startsWith);
    } catch (IOException e) {
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
    } else if (value instanceof String text && names(key, text) && !contain(text)) {
      throw new Refusal(
          400,
          "the option "
              + Call.printable(key)
              + " names nothing inside the home or a directory that the configuration"
              + " org.riglab.web lists under data");
    }
  }

  /** Whether the value would be taken for a file's name. */
  private static boolean names(String key, String value) {
    String option = key.substring(key.lastIndexOf('.') + 1);
    boolean file =
        option.equals("data")
            || (option.equals("recipe") && value.endsWith(".json"))
            || (option.equals("coarse") && !value.matches("[a-z0-9-]*"));
    return !value.isEmpty()
        && (file || value.chars().anyMatch(c -> c == '/' || c == '\\' || c < ' '));
  }
}
