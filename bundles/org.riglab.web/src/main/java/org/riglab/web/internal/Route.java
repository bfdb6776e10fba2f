package org.riglab.web.internal;

import java.util.List;
import java.util.Set;
import org.riglab.api.access.Role;

/**
 * A route of the API.
 *
 * @param method of HTTP
 * @param template path whose segments in braces are variables, for example {@code /runs/{id}}
 * @param role least role of the caller
 * @param query names of the query parameters it accepts
 * @param most bytes of a body; 0 for a route that reads none
 * @param handler produces the response
 */
record Route(
    String method, String template, Role role, Set<String> query, int most, Handler handler) {
  /** Default limit of a body, in bytes. */
  static final int BODY_LIMIT = 1 << 20;

  Route {
    query = Set.copyOf(query);
  }

  static Route of(String method, String template, Role role, Handler handler, String... query) {
    return new Route(
        method, template, role, Set.of(query), method.startsWith("P") ? BODY_LIMIT : 0, handler);
  }

  /**
   * @param limit most bytes of a body; 0 where none is read
   * @return the same route with that limit
   */
  Route bodies(int limit) {
    return new Route(method, template, role, query, limit, handler);
  }

  /**
   * @return the template's segments
   */
  List<String> segments() {
    return template.equals("/") ? List.of() : List.of(template.substring(1).split("/"));
  }
}
