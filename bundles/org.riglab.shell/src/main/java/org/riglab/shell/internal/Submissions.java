package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.base.FileContents;
import org.riglab.base.Json;

/** What is typed to queue runs. */
final class Submissions {
  private Submissions() {}

  /** A network's spec; empty without a file. */
  static Map<String, Object> spec(Optional<Path> file) {
    return file.map(f -> FileContents.read(f, () -> Json.read(f))).orElse(Map.of());
  }

  /** The network that a file describes. */
  static NetworkSpec spec(Networks networks, Path file) {
    return FileContents.read(file, () -> networks.spec(Json.read(file), file.toString()));
  }

  /** Whole numbers with commas. */
  static List<Long> ids(Optional<String> typed) {
    List<Long> ids = new ArrayList<>();
    for (String word : typed.map(t -> t.split(",", -1)).orElse(new String[0])) {
      try {
        ids.add(Long.valueOf(word.strip()));
      } catch (NumberFormatException e) {
        throw Usage.wrong("'" + word + "' is not a whole number; expected for example 1,2,3");
      }
    }
    return ids;
  }

  /** OPTION=VALUE. */
  static Map<String, Object> assignments(CommandSession session, List<String> typed) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String word : typed) {
      String[] sides = sides(word, "OPTION=VALUE");
      options.put(sides[0], sides[1]);
    }
    return new LinkedHashMap<>(TrainCommand.resolved(session, options));
  }

  /** OPTION=A/B/C. */
  static Map<String, List<Object>> grid(CommandSession session, List<String> typed) {
    Map<String, List<Object>> grid = new LinkedHashMap<>();
    for (String word : typed) {
      String[] sides = sides(word, "OPTION=A/B/C");
      List<Object> values = new ArrayList<>();
      for (String value : sides[1].split("/")) {
        values.add(NamedFiles.option(session, sides[0], value));
      }
      if (grid.put(sides[0], values) != null) {
        throw Usage.wrong("the grid has '" + sides[0] + "' twice; write its values as A/B/C");
      }
    }
    return grid;
  }

  /** The sides of OPTION=VALUE. */
  static String[] sides(String word, String form) {
    int equals = word.indexOf('=');
    if (equals < 1 || equals == word.length() - 1) {
      throw Usage.wrong("'" + word + "' is not " + form);
    }
    String option = word.substring(0, equals).strip().replace('-', '_');
    return new String[] {option, word.substring(equals + 1)};
  }
}
