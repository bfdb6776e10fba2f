package org.riglab.web.internal;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dispatches every request: authenticates and authorises the caller, then calls the route. Failures
 * are reported as {@code {"status": 404, "kind": "not-found", "error": "one line"}}.
 */
final class Front extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(Front.class);
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

  /** Requests with a token that are handled at the same time: fewer than there are threads. */
  private static final int MOST_HANDLED = 24;

  /** Header with the number of live messages before a response was made. */
  private static final String MESSAGES = "X-Rig-Messages";

  private final transient Semaphore free = new Semaphore(MOST_HANDLED);
  private final transient Guard guard;
  private final transient Proxies proxies;
  private final transient Connections connections;
  private final transient Bodies bodies;
  private final transient String home;
  private final transient LongSupplier messages;
  private final transient Router open;
  private final transient Router router;

  /**
   * @param guard authenticates requests
   * @param proxies that may report the original request
   * @param connections informed of authenticated connections
   * @param bodies reads bodies
   * @param home directory whose path is removed from responses
   * @param messages number of live messages so far, reported with each response
   * @param open routes without authentication
   * @param routes routes for those with a token
   */
  Front(
      Guard guard,
      Proxies proxies,
      Connections connections,
      Bodies bodies,
      Path home,
      LongSupplier messages,
      List<Route> open,
      List<Route> routes) {
    this.guard = guard;
    this.proxies = proxies;
    this.connections = connections;
    this.bodies = bodies;
    this.home = home.toString();
    this.messages = messages;
    this.open = new Router(open);
    this.router = new Router(routes);
  }

  /**
   * @return all routes
   */
  List<Route> routes() {
    List<Route> all = new ArrayList<>(open.routes());
    all.addAll(router.routes());
    return all;
  }

  @Override
  protected void service(HttpServletRequest received, HttpServletResponse response)
      throws IOException {
    HttpServletRequest request = proxies.original(received);
    Guard.headers(request, response);
    answer(request, response, () -> admit(received, request, response));
    Linger.over(request, response);
  }

  /** Produces a response, or fails. */
  private interface Answering {
    void answer() throws IOException;
  }

  private void answer(HttpServletRequest request, HttpServletResponse response, Answering answering)
      throws IOException {
    try {
      answering.answer();
    } catch (Refusal e) {
      refuse(request, response, e);
    } catch (RigException e) {
      Refusal refusal =
          Refusal.of(e, e.getMessage().replace(home + "/", "").replace(home, "the home"));
      if (refusal.status() >= 500) {
        LOG.warn("{} {} failed", request.getMethod(), request.getRequestURI(), e);
      }
      refuse(request, response, refusal);
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), e);
      refuse(request, response, new Refusal(500, "this failed here; the server's log says why"));
    }
  }

  private void admit(
      HttpServletRequest received, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String method = request.getMethod();
    List<String> segments = RawPath.segments(request.getRequestURI());
    if (!METHODS.contains(method)) {
      throw notAllowed(segments);
    }
    guard.origin(request);
    if (open.knows(method, segments)) {
      handle(request, response, null, open.match(method, segments));
      return;
    }
    if (!open.methods(segments).isEmpty() && !router.knows(method, segments)) {
      throw notAllowed(segments); // also without a token: what is open is in the OpenAPI file
    }
    Caller caller;
    try {
      caller = guard.caller(request);
    } catch (Refusal e) {
      if (e.status() == 401 && navigates(request)) {
        response.setStatus(303);
        response.setHeader("Location", "/login");
        return;
      }
      throw e;
    }
    response.setHeader(MESSAGES, Long.toString(messages.getAsLong()));
    connections.shown(received.getRemoteAddr(), received.getRemotePort());
    if (!router.knows(method, segments)) {
      throw notAllowed(segments);
    }
    Router.Match match = router.match(method, segments);
    Role needed = match.route().role();
    if (!caller.principal().may(needed)) {
      throw new Refusal(
          403,
          "this needs the role "
              + needed.word()
              + "; the token's is "
              + caller.principal().role().word());
    }
    if (!method.equals("GET") && !method.equals("HEAD")) {
      LOG.info(
          "{} {} by token {} ({})",
          method,
          request.getRequestURI(),
          caller.token(),
          caller.principal().name());
    }
    handle(request, response, caller, match);
  }

  /** 404 if no route has this path, 405 if routes of other methods have it. */
  private Refusal notAllowed(List<String> segments) {
    Set<String> methods = open.methods(segments);
    methods.addAll(router.methods(segments));
    if (methods.isEmpty()) {
      return new Refusal(404, "there is nothing here; /api/v1/openapi.json says what there is");
    }
    String allowed = String.join(", ", methods);
    return new Refusal(405, "this can be asked by " + allowed + " only", Map.of("Allow", allowed));
  }

  /** Runs a route. Those that are open are quick, and keep the threads that are left. */
  private void run(Handler handler, Call call) throws IOException {
    if (call.caller() == null) {
      handler.handle(call);
      return;
    }
    if (!free.tryAcquire()) {
      throw new Refusal(
          503, "too many requests at once; try again in a moment", Map.of("Retry-After", "1"));
    }
    try {
      handler.handle(call);
    } finally {
      free.release();
    }
  }

  /** Runs a route, first waiting for the body without a thread. */
  private void handle(
      HttpServletRequest request, HttpServletResponse response, Caller caller, Router.Match match)
      throws IOException {
    Handler handler = match.route().handler();
    boolean safe = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
    if (safe || match.route().most() == 0 || !Bodies.announced(request)) {
      run(handler, new Call(request, response, caller, match));
      return;
    }
    String sender = caller == null ? "address " + request.getRemoteAddr() : caller.token();
    bodies.read(
        request,
        sender,
        match.route().most(),
        new Bodies.Then() {
          @Override
          public void arrived(byte[] bytes) throws IOException {
            answer(
                request,
                response,
                () -> run(handler, new Call(request, response, caller, match, bytes)));
          }

          @Override
          public void refused(Refusal refusal) throws IOException {
            refuse(request, response, refusal);
            response.flushBuffer();
          }
        });
  }

  /** Whether a browser opens a page, as opposed to a program or a script of the page. */
  private static boolean navigates(HttpServletRequest request) {
    String accept = request.getHeader("Accept");
    return request.getMethod().equals("GET")
        && request.getHeader("Authorization") == null
        && accept != null
        && accept.startsWith("text/html");
  }

  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, Refusal refusal)
      throws IOException {
    if (response.isCommitted()) {
      return;
    }
    response.resetBuffer();
    refusal.headers().forEach(response::setHeader);
    byte[] bytes = Json.line(refusal.body()).getBytes(StandardCharsets.UTF_8);
    // The rest of a body may still be on its way.
    response.setHeader("Connection", "close");
    // The connection ends after it, so that no client can make many of them wait.
    response.setContentLength(bytes.length);
    Call.send(response, refusal.status(), "application/json", bytes);
  }
}
