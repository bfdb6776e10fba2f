package org.riglab.web.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Finds the route of a request. A literal segment has precedence over a variable. */
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
   * @param method of HTTP; HEAD is treated as GET
   * @param segments decoded path
   * @return the route
   * @throws Refusal 404 if no route matches
   */
  Match match(String method, List<String> segments) {
    String wanted = method.equals("HEAD") ? "GET" : method;
    Match best = null;
    for (Route route : routes) {
      Map<String, String> path = path(route.segments(), segments);
      if (path == null) {
        continue;
      }
      if (route.method().equals(wanted) && (best == null || path.size() < best.path().size())) {
        best = new Match(route, path);
      }
    }
    if (best == null) {
      throw new Refusal(404, "there is nothing here; /api/v1/openapi.json says what there is");
    }
    return best;
  }

  /**
   * @param segments decoded path
   * @return the methods that are answered there, sorted
   */
  TreeSet<String> methods(List<String> segments) {
    TreeSet<String> methods = new TreeSet<>();
    routes.stream()
        .filter(route -> path(route.segments(), segments) != null)
        .forEach(route -> methods.add(route.method()));
    return methods;
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
