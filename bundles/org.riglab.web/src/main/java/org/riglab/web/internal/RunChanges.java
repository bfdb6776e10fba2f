package org.riglab.web.internal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;

/** Changes of runs: tags, notes, priority, deletion of files. */
final class RunChanges {
  private static final int MOST_RUNS = 1000;

  private final Lab lab;

  /**
   * @param lab knows the runs
   */
  RunChanges(Lab lab) {
    this.lab = lab;
  }

  List<Route> routes() {
    return List.of(
        Route.of(
            "GET",
            "/api/v1/fields",
            Role.VIEWER,
            call -> call.json(Map.of("fields", lab.fields()))),
        Route.of("PUT", "/api/v1/runs/{run}/tags", Role.OPERATOR, this::tag),
        Route.of("PUT", "/api/v1/runs/{run}/note", Role.OPERATOR, this::note),
        Route.of("POST", "/api/v1/delete", Role.OPERATOR, call -> removal(call, lab::delete)),
        Route.of("POST", "/api/v1/archive", Role.OPERATOR, call -> removal(call, lab::archive)),
        Route.of("POST", "/api/v1/restore", Role.OPERATOR, this::restore));
  }

  private long run(Call call) {
    long id = call.number("run");
    return lab.run(id).id();
  }

  private void tag(Call call) throws IOException {
    long id = run(call);
    BodyFields fields = new BodyFields(call.body("add", "remove"));
    call.json(lab.tag(id, tags(fields, "add"), tags(fields, "remove")));
  }

  private static Set<String> tags(BodyFields fields, String key) {
    return new TreeSet<>(fields.texts(key));
  }

  private void note(Call call) throws IOException {
    long id = run(call);
    call.json(lab.note(id, new BodyFields(call.body("note")).text("note")));
  }

  private void removal(Call call, Function<List<Long>, Lab.Removal> change) throws IOException {
    Lab.Removal removal = change.apply(runs(call));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("runs", removal.runs().stream().map(Run::id).toList());
    answer.put("bytes", removal.bytes());
    call.json(answer);
  }

  private void restore(Call call) throws IOException {
    call.json(Map.of("runs", lab.restore(runs(call)).stream().map(Run::id).toList()));
  }

  private static List<Long> runs(Call call) {
    List<Long> runs = new BodyFields(call.body("runs")).wholes("runs");
    if (runs.isEmpty() || runs.size() > MOST_RUNS) {
      throw new Refusal(400, "runs lists 1 to " + MOST_RUNS + " ids");
    }
    return runs;
  }
}
