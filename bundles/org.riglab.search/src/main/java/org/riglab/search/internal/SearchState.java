package org.riglab.search.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.base.Json;

/** The trials of a search, in a file of the home, from which an interrupted search goes on. */
final class SearchState {
  private final SearchPlan plan;
  private final Path file;
  private String written = "";
  final List<TrialState> trials = new ArrayList<>();

  private SearchState(SearchPlan plan, Path file) {
    this.plan = plan;
    this.file = file;
  }

  /**
   * @param plan of the search
   * @param home where states are
   * @return the trials so far
   * @throws RigException CONFLICT if there is another search of this name
   */
  static SearchState open(SearchPlan plan, Path home) {
    SearchState state = new SearchState(plan, plan.file(home));
    Optional<Map<String, Object>> json = Json.readIfExists(state.file);
    if (json.isEmpty()) {
      return state;
    }
    if (!(json.get().get("plan") instanceof Map<?, ?> before)
        || !(json.get().get("trials") instanceof List<?> list)) {
      throw new RigException(
          state.file + ": is no state of a search; delete the file, or use --name");
    }
    for (Map.Entry<String, Object> now : plan.json().entrySet()) {
      if (!now.getValue().equals(before.get(now.getKey()))) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            String.format(
                Locale.ROOT,
                "search %s began with %s %s, now it is %s; use the same values, or another --name",
                plan.name(),
                now.getKey(),
                Json.line(before.get(now.getKey())),
                Json.line(now.getValue())));
      }
    }
    list.forEach(item -> state.trials.add(TrialState.of((Map<?, ?>) item, plan.space())));
    return state;
  }

  /** Writes what has changed. */
  void save() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", plan.name());
    json.put("plan", plan.json());
    json.put("trials", trials.stream().map(TrialState::json).toList());
    String text = Json.text(json);
    if (!text.equals(written)) {
      Json.write(file, json);
      written = text;
    }
  }
}
