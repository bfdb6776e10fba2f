package org.riglab.web.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Analyst;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.base.Json;

/** Networks: assembled, shown, drawn, and their parts exchanged. */
final class NetworkRoutes {
  /** The size for which a network is drawn; the picture depends little on it. */
  private static final int SIDE = 224;

  private static final String BODY = "the spec of the network";

  private final Networks networks;
  private final Analyst analyst;

  NetworkRoutes(Networks networks, Analyst analyst) {
    this.networks = networks;
    this.analyst = analyst;
  }

  List<Route> routes() {
    return List.of(
        Route.of("POST", "/api/v1/networks", Role.OPERATOR, this::assemble),
        Route.of(
            "GET",
            "/api/v1/networks/{network}",
            Role.VIEWER,
            call -> call.json(about(network(call)))),
        Route.of("PUT", "/api/v1/networks/{network}", Role.OPERATOR, this::swap),
        Route.of("GET", "/api/v1/networks/{network}/picture", Role.VIEWER, this::picture, "turn"));
  }

  private Network network(Call call) {
    String name = call.path("network");
    if (!networks.names().contains(name)) {
      throw new Refusal(404, "there is no network '" + Call.printable(name) + "'");
    }
    return networks.get(name);
  }

  private Map<String, Object> about(Network network) {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("name", network.name());
    about.put("spec", json(network.spec()));
    about.put("classes", Pictures.classes(network.classes()));
    return about;
  }

  private Map<String, Object> json(NetworkSpec spec) {
    return Json.parse(networks.json(spec), BODY);
  }

  private void assemble(Call call) throws IOException {
    BodyFields fields = new BodyFields(call.body("name", "spec"));
    NetworkSpec spec = networks.spec(fields.required("spec"), BODY);
    call.json(201, about(networks.assemble(fields.text("name"), spec, false)));
  }

  private void swap(Call call) throws IOException {
    Network network = network(call);
    Map<String, Object> whole = json(network.spec());
    whole.putAll(new BodyFields(call.body("spec")).required("spec"));
    WeightTransfer transfer = networks.swap(network.name(), networks.spec(whole, BODY));
    Map<String, Object> answer = about(networks.get(network.name()));
    answer.put("kept", transfer.matched().size());
    answer.put("restored", transfer.restored().size());
    answer.put("initialised", transfer.initialised().size());
    call.json(answer);
  }

  private void picture(Call call) throws IOException {
    String svg = analyst.picture(analyst.analyse(network(call).name(), 1, SIDE, SIDE));
    call.send(200, "image/svg+xml", svg.getBytes(StandardCharsets.UTF_8));
  }
}
