package org.riglab.search.internal;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.base.JsonKeys;
import org.riglab.base.RequestText;
import org.riglab.search.SearchRequest;

/** Reads a search from a file and from the options of a request. */
final class SearchFile {
  private final Networks networks;
  private final SearchRequest request;
  private final String what;

  /**
   * @param networks knows the specs of networks
   * @param request what was asked for
   */
  SearchFile(Networks networks, SearchRequest request) {
    this.networks = networks;
    this.request = request;
    this.what = request.what();
  }

  /**
   * @return the search
   */
  SearchPlan plan() {
    if (!isFile()) {
      return plan(new LinkedHashMap<>());
    }
    Path file = request.files().file(what);
    return FileContents.read(file, () -> plan(Json.read(file)));
  }

  private boolean isFile() {
    return what.endsWith(".json");
  }

  private SearchPlan plan(Map<String, Object> json) {
    JsonKeys.check(what, json.keySet(), SearchPlan.KEYS);
    json.putAll(request.options());
    Map<String, Object> space = object(json.getOrDefault("space", Map.of()), "space");
    Set<String> given = new HashSet<>();
    for (String word : request.over()) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new RigException(
            "--over '" + word + "' is not FIELD=VALUES, for example lr=log:1e-4..1e-1");
      }
      String field = word.substring(0, equals).strip().replace('-', '_');
      if (!given.add(field)) {
        throw new RigException("--over " + field + " is given twice");
      }
      space.put(field, word.substring(equals + 1));
    }
    for (String field : List.of("seed", SearchPlan.NETWORK + "seed")) {
      if (space.containsKey(field)) {
        throw new RigException(
            what
                + ": "
                + field
                + " cannot be searched; use seeds, over which a trial has its mean");
      }
    }
    Map<String, Object> options = object(json.getOrDefault("train", Map.of()), "train");
    options.replaceAll(request.files()::option);
    options.putAll(request.train());
    String usual =
        isFile()
            ? String.valueOf(Path.of(what).getFileName()).replaceFirst("[.]json$", "")
            : what + "-search";
    String weights = text(json, "weights", "");
    return new SearchPlan(
        RequestText.network(text(json, "name", usual)),
        spec(json),
        options,
        SearchSpace.of(space, what).named(request.files()),
        text(json, "method", "random"),
        (int) number(json, "runs", 20),
        text(json, "metric", "mIoU"),
        text(json, "asha", ""),
        (int) number(json, "population", 8),
        number(json, "seed", 0),
        seeds(json),
        weights.isEmpty() ? "" : request.files().file(weights).toAbsolutePath().toString());
  }

  private Map<String, Object> spec(Map<String, Object> json) {
    String base = text(json, "network", isFile() ? "" : what);
    Map<String, Object> spec =
        base.isEmpty()
            ? new LinkedHashMap<>()
            : Json.parse(networks.json(networks.get(base).spec()), "the spec of " + base);
    Map<String, Object> own = object(json.getOrDefault("spec", Map.of()), "spec");
    own.replaceAll(request.files()::option);
    spec.putAll(own);
    if (spec.isEmpty()) {
      throw new RigException(what + ": spec is missing; expected an object, or network");
    }
    return spec;
  }

  private List<Long> seeds(Map<String, Object> json) {
    if (!(json.getOrDefault("seeds", List.of(0L)) instanceof List<?> list)
        || !list.stream().allMatch(seed -> seed instanceof Long)) {
      throw new RigException(what + ": seeds must be a list of whole numbers");
    }
    return list.stream().map(seed -> (Long) seed).toList();
  }

  private String text(Map<String, Object> json, String key, String otherwise) {
    Object value = json.getOrDefault(key, otherwise);
    if (!(value instanceof String) && !(value instanceof Long)) {
      throw new RigException(what + ": " + key + " is " + value + "; expected a text");
    }
    return value.toString();
  }

  private long number(Map<String, Object> json, String key, long otherwise) {
    Object value = json.getOrDefault(key, otherwise);
    if (!(value instanceof Long number) || Math.abs(number) > Integer.MAX_VALUE) {
      throw new RigException(what + ": " + key + " is " + value + "; expected a whole number");
    }
    return number;
  }

  private Map<String, Object> object(Object value, String key) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new RigException(what + ": " + key + " must be an object");
    }
    Map<String, Object> object = new LinkedHashMap<>();
    map.forEach((name, item) -> object.put(String.valueOf(name), item));
    return object;
  }
}
