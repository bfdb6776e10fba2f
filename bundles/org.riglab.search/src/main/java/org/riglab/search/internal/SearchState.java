package org.riglab.search.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.base.Visible;
import org.riglab.search.SearchProgress;

/** The trials of a search, in a file of the home, from which an interrupted search goes on. */
final class SearchState {
  private static final String FOLDER = "searches";
  private static final String ENDING = ".json";

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
    state.trials.addAll(
        whole(
            state.file,
            () -> list.stream().map(t -> TrialState.of((Map<?, ?>) t, plan.space())).toList()));
    return state;
  }

  /** Reads what only this class has written: anything else in it is damage. */
  private static <T> T whole(Path file, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (ClassCastException | IllegalArgumentException | NullPointerException e) {
      throw new RigException(
          file + ": the state of the search is damaged; delete the file, or use --name", e);
    }
  }

  /**
   * @param home where states are
   * @param name of a search
   * @return the file of its state
   */
  static Path file(Path home, String name) {
    return home.resolve(FOLDER).resolve(name + ENDING);
  }

  /**
   * @param home where states are
   * @return the names of all searches
   */
  static List<String> names(Path home) {
    Path folder = home.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(ENDING) && !file.startsWith("."))
          .map(file -> file.substring(0, file.length() - ENDING.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw FileFailures.reading(folder, e);
    }
  }

  /**
   * Reads a state without the request that it belongs to.
   *
   * @param home where states are
   * @param name of a search
   * @return the search so far
   * @throws RigException NOT_FOUND if there is no search of this name
   */
  static SearchProgress read(Path home, String name) {
    if (!names(home).contains(name)) {
      throw new RigException(
          RigException.Kind.NOT_FOUND, "there is no search '" + Visible.line(name) + "'");
    }
    Path file = file(home, name);
    Map<String, Object> json = Json.read(file);
    if (!(json.get("plan") instanceof Map<?, ?> plan)
        || !(json.get("trials") instanceof List<?> list)) {
      throw new RigException(file + ": is no state of a search");
    }
    return whole(
        file,
        () -> {
          SearchPlan read = SearchPlan.read(name, plan, list.size());
          return new SearchProgress(
              name,
              read.method(),
              read.metric(),
              read.asha(),
              read.space().text(),
              Leaderboard.of(read, list.stream().map(t -> TrialState.of((Map<?, ?>) t)).toList()));
        });
  }

  /** Writes what has changed; removes the file if there are no trials. */
  void save() {
    if (trials.isEmpty()) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw FileFailures.writing(file, e);
      }
      written = "";
      return;
    }
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
