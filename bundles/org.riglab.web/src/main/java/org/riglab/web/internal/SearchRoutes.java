package org.riglab.web.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.riglab.api.access.Role;
import org.riglab.base.Names;
import org.riglab.search.SearchProgress;
import org.riglab.search.Searches;
import org.riglab.search.Trial;

/** Searches of {@code rig search}: their trials, and which fields matter. */
final class SearchRoutes {
  private final Supplier<Searches> searches;

  /**
   * @param searches gives the service, or null where nothing is searched
   */
  SearchRoutes(Supplier<Searches> searches) {
    this.searches = searches;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/v1/searches", Role.VIEWER, this::list),
        Route.of("GET", "/api/v1/searches/{search}", Role.VIEWER, this::search));
  }

  private void list(Call call) throws IOException {
    Searches service = searches.get();
    List<Map<String, Object>> all = new ArrayList<>();
    for (String name : service == null ? List.<String>of() : service.names()) {
      Map<String, Object> search = new LinkedHashMap<>();
      search.put("name", name);
      all.add(search);
    }
    call.json(Map.of("searches", all));
  }

  private void search(Call call) throws IOException {
    Searches service = searches.get();
    if (service == null) {
      throw new Refusal(404, "this server does not search");
    }
    SearchProgress search = service.progress(call.path("search"));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("name", search.name());
    answer.put("method", search.method());
    answer.put("metric", search.metric());
    answer.put("asha", search.asha());
    answer.put("space", search.space());
    answer.put("trials", search.result().trials().stream().map(SearchRoutes::trial).toList());
    Map<String, Object> importance = new LinkedHashMap<>();
    search.result().importance().forEach((field, share) -> importance.put(field, finite(share)));
    answer.put("importance", importance);
    answer.put("importanceMethod", search.result().importanceMethod());
    call.json(answer);
  }

  private static Map<String, Object> trial(Trial trial) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("trial", trial.number());
    shown.put("state", Names.writtenChoice(trial.state()));
    shown.put("score", finite(trial.score()));
    shown.put("step", trial.step());
    shown.put("values", trial.values());
    shown.put("runs", trial.runs());
    shown.put("networks", trial.networks());
    return shown;
  }

  /** JSON has neither NaN nor infinities. */
  private static Object finite(double value) {
    return Double.isFinite(value) ? (Object) value : null;
  }
}
