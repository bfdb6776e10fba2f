package org.riglab.web.internal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Trainer;

/** Descriptions of the options of runs and networks, as in the help of the shell. */
final class OptionRoutes {
  private final Optional<Trainer> trainer;
  private final Evaluator evaluator;
  private final Registry registry;
  private final Networks networks;

  /**
   * @param trainer null where there is none
   */
  OptionRoutes(Trainer trainer, Evaluator evaluator, Registry registry, Networks networks) {
    this.trainer = Optional.ofNullable(trainer);
    this.evaluator = evaluator;
    this.registry = registry;
    this.networks = networks;
  }

  List<Route> routes() {
    return List.of(Route.of("GET", "/api/v1/options", Role.VIEWER, this::options));
  }

  private void options(Call call) throws IOException {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("train", trainer.map(Trainer::options).orElse(List.of()));
    answer.put("eval", evaluator.options());
    answer.put("networks", networks.names());
    answer.put("parts", registry.parts("").stream().map(OptionRoutes::part).toList());
    call.json(answer);
  }

  private static Map<String, Object> part(PartInfo part) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", part.kind());
    json.put("name", part.name());
    json.put("about", part.about());
    json.put("options", part.options());
    return json;
  }
}
