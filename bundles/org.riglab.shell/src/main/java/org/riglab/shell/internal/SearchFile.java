package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.base.RequestText;

/** Reads a search from a file and from what was typed. */
final class SearchFile {
  private final Networks networks;

  SearchFile(Networks networks) {
    this.networks = networks;
  }

  /**
   * @param session of the user
   * @param what FILE.json, or the name of a network
   * @param typed options of the search, which replace those of the file
   * @param over FIELD=VALUES
   * @param train options of the training, which replace those of the file
   * @return the search
   */
  SearchPlan plan(
      CommandSession session,
      String what,
      Map<String, Object> typed,
      List<String> over,
      Map<String, String> train) {
    if (!what.endsWith(".json")) {
      return plan(session, what, new LinkedHashMap<>(), typed, over, train);
    }
    Path file = NamedFiles.resolve(session, what);
    return FileContents.read(file, () -> plan(session, what, Json.read(file), typed, over, train));
  }

  private SearchPlan plan(
      CommandSession session,
      String what,
      Map<String, Object> json,
      Map<String, Object> typed,
      List<String> over,
      Map<String, String> train) {
    boolean file = what.endsWith(".json");
    json.keySet().stream()
        .filter(key -> !SearchPlan.KEYS.contains(key))
        .findFirst()
        .ifPresent(
            key -> {
              throw new RigException(
                  what
                      + ": '"
                      + key
                      + "' is unknown; allowed are "
                      + Stream.of(SearchPlan.KEYS)
                          .flatMap(keys -> keys.stream().sorted())
                          .collect(Collectors.joining(", ")));
            });
    json.putAll(typed);
    Map<String, Object> space = object(json.getOrDefault("space", Map.of()), what + ": space");
    for (String word : over) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw Usage.wrong(
            "--over '" + word + "' is not FIELD=VALUES, for example lr=log:1e-4..1e-1");
      }
      space.put(word.substring(0, equals).strip().replace('-', '_'), word.substring(equals + 1));
    }
    Map<String, Object> options = object(json.getOrDefault("train", Map.of()), what + ": train");
    options.putAll(train);
    String base = String.valueOf(json.getOrDefault("network", file ? "" : what));
    String name =
        String.valueOf(
            json.getOrDefault(
                "name",
                file
                    ? String.valueOf(Path.of(what).getFileName()).replaceFirst("[.]json$", "")
                    : what + "-search"));
    String weights = String.valueOf(json.getOrDefault("weights", ""));
    return new SearchPlan(
        RequestText.network(name),
        spec(json, base, what),
        options,
        SearchSpace.of(space, what),
        String.valueOf(json.getOrDefault("method", "random")),
        (int) number(json, "runs", 20, what),
        String.valueOf(json.getOrDefault("metric", "mIoU")),
        String.valueOf(json.getOrDefault("asha", "")),
        (int) number(json, "population", 8, what),
        number(json, "seed", 0, what),
        seeds(json, what),
        weights.isEmpty() ? "" : NamedFiles.resolve(session, weights).toAbsolutePath().toString());
  }

  private Map<String, Object> spec(Map<String, Object> json, String base, String what) {
    Map<String, Object> spec =
        base.isEmpty()
            ? new LinkedHashMap<>()
            : Json.parse(networks.json(networks.get(base).spec()), "the spec of " + base);
    spec.putAll(object(json.getOrDefault("spec", Map.of()), what + ": spec"));
    if (spec.isEmpty()) {
      throw new RigException(what + ": spec is missing; expected an object, or network");
    }
    return spec;
  }

  private static List<Long> seeds(Map<String, Object> json, String what) {
    if (!(json.getOrDefault("seeds", List.of(0L)) instanceof List<?> list)
        || !list.stream().allMatch(seed -> seed instanceof Long)) {
      throw new RigException(what + ": seeds must be a list of whole numbers");
    }
    return list.stream().map(seed -> (Long) seed).toList();
  }

  private static long number(Map<String, Object> json, String key, long otherwise, String what) {
    Object value = json.getOrDefault(key, otherwise);
    if (!(value instanceof Long number) || Math.abs(number) > Integer.MAX_VALUE) {
      throw new RigException(what + ": " + key + " is " + value + "; expected a whole number");
    }
    return number;
  }

  private static Map<String, Object> object(Object value, String where) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new RigException(where + " must be an object");
    }
    Map<String, Object> object = new LinkedHashMap<>();
    map.forEach((key, item) -> object.put(String.valueOf(key), item));
    return object;
  }
}
