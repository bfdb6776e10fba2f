package org.riglab.web.internal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.riglab.api.access.Role;

/** Coming in with a token, and going. */
final class SessionRoutes {
  private static final int MOST_BYTES = 4 << 10;

  private final Guard guard;
  private final Consumer<String> ended;

  /**
   * @param guard begins and ends sessions
   * @param ended receives the id of each session that ends
   */
  SessionRoutes(Guard guard, Consumer<String> ended) {
    this.guard = guard;
    this.ended = ended;
  }

  /** Routes without authentication. */
  List<Route> open() {
    return List.of(
        Route.of("POST", "/api/v1/session", Role.VIEWER, this::begin).bodies(MOST_BYTES));
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/v1/session", Role.VIEWER, call -> show(call, 200, call.caller())),
        Route.of("DELETE", "/api/v1/session", Role.VIEWER, this::end));
  }

  private void begin(Call call) throws IOException {
    BodyFields fields = new BodyFields(call.body("token", "once"));
    String once = fields.text("once", "");
    Caller caller =
        once.isEmpty()
            ? guard.begin(call.request(), call.response(), fields.text("token").strip())
            : guard.first(call.request(), call.response(), once);
    show(call, 201, caller);
  }

  private static void show(Call call, int status, Caller caller) throws IOException {
    Map<String, Object> session = new LinkedHashMap<>();
    session.put("name", caller.principal().name());
    session.put("role", caller.principal().role());
    session.put("csrf", caller.session() == null ? null : caller.session().csrf());
    call.json(status, session);
  }

  private void end(Call call) {
    guard.end(call.request(), call.response(), call.caller());
    if (call.caller().session() != null) {
      ended.accept(call.caller().session().id());
    }
    call.done();
  }
}
