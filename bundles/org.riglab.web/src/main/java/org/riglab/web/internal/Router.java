package org.riglab.web.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Finds the route of a request. A segment that is spelled out goes before a variable. */
final class Router {
  private final List<Route> routes;

  /**
   * @param routes all there are
   */
  Router(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /**
   * A route and the values of its variables.
   *
   * @param route which
   * @param path values by name
   */
  record Match(Route route, Map<String, String> path) {}

  List<Route> routes() {
    return routes;
  }

  /**
   * @param method of HTTP
   * @param segments decoded path
   * @return whether there is a route for it
   */
  boolean knows(String method, List<String> segments) {
    String wanted = method.equals("HEAD") ? "GET" : method;
    return routes.stream()
        .anyMatch(r -> r.method().equals(wanted) && path(r.segments(), segments) != null);
  }

  /**
   * @param method of HTTP; HEAD is answered as GET
   * @param segments decoded path
   * @return the route
   * @throws Refusal 404 where nothing has this path, 405 where something has, by other methods
   */
  Match match(String method, List<String> segments) {
    String wanted = method.equals("HEAD") ? "GET" : method;
    Match best = null;
    TreeSet<String> methods = new TreeSet<>();
    for (Route route : routes) {
      Map<String, String> path = path(route.segments(), segments);
      if (path == null) {
        continue;
      }
      methods.add(route.method());
      if (route.method().equals(wanted) && (best == null || path.size() < best.path().size())) {
        best = new Match(route, path);
      }
    }
    if (best != null) {
      return best;
    }
    if (methods.isEmpty()) {
      throw new Refusal(404, "there is nothing here; /api/v1/openapi.json says what there is");
    }
    String allowed = String.join(", ", methods);
    throw new Refusal(405, "this can be asked by " + allowed + " only", Map.of("Allow", allowed));
  }

  private static Map<String, String> path(List<String> template, List<String> segments) {
    if (template.size() != segments.size()) {
      return null;
    }
    Map<String, String> path = new HashMap<>();
    for (int i = 0; i < template.size(); i++) {
      String part = template.get(i);
      if (part.startsWith("{")) {
        path.put(part.substring(1, part.length() - 1), segments.get(i));
      } else if (!part.equals(segments.get(i))) {
        return null;
      }
    }
    return path;
  }
}
