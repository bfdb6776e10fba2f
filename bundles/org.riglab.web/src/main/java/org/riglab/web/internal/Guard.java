package org.riglab.web.internal;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.access.Tokens;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Authenticates requests, and sets the security headers of responses. */
final class Guard {
  /** Header in which the page repeats {@link Sessions.Session#csrf()}. */
  static final String CSRF_HEADER = "X-Rig-Csrf";

  private static final Logger LOG = LoggerFactory.getLogger(Guard.class);
  private static final String COOKIE = "rig_session";
  private static final String BEARER = "Bearer ";

  /** The name of tokens that links make. */
  private static final String LINKED = "first-visit";

  private static final List<String> FORWARDED =
      List.of("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP");

  private static final Set<String> SAFE = Set.of("GET", "HEAD");

  /** An address literal as host is safe from DNS rebinding. */
  private static final Pattern LITERAL =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+\\]");

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
              + " connect-src 'self'; form-action 'self'; base-uri 'none';"
              + " frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Permissions-Policy",
          "camera=(), geolocation=(), microphone=()",
          "Cache-Control",
          "no-store");

  private final Tokens tokens;
  private final Sessions sessions;
  private final FailureLimit failures;
  private final Links links;
  private final Set<String> hosts;

  /**
   * @param tokens valid tokens
   * @param hosts accepted host names beside localhost, in lower case
   * @param clock milliseconds that never go back
   * @param sessions stores sessions across restarts
   * @param links that sign in once
   */
  Guard(Tokens tokens, Set<String> hosts, LongSupplier clock, SessionFile sessions, Links links) {
    this.tokens = tokens;
    this.sessions = new Sessions(clock, sessions);
    this.failures = new FailureLimit(clock);
    this.hosts = Set.copyOf(hosts);
    this.links = links;
  }

  /**
   * @return headers of every response
   */
  static Map<String, String> headers() {
    return HEADERS;
  }

  /** Sets the headers of every response. */
  static void headers(HttpServletRequest request, HttpServletResponse response) {
    HEADERS.forEach(response::setHeader);
    if (request.isSecure()) {
      response.setHeader("Strict-Transport-Security", "max-age=31536000");
    }
  }

  /**
   * Refuses what another site may have made a browser send.
   *
   * @throws Refusal 421 for a foreign Host, 403 for a foreign Origin
   */
  void origin(HttpServletRequest request) {
    String host = request.getHeader("Host");
    if (host == null || !known(host)) {
      throw new Refusal(
          421,
          "this server is not asked by that name; the configuration org.riglab.web lists further"
              + " ones under hosts");
    }
    String origin = request.getHeader("Origin");
    if (origin != null
        && !origin.equalsIgnoreCase((request.isSecure() ? "https://" : "http://") + host)) {
      throw new Refusal(403, "this comes from another site's page");
    }
    String site = request.getHeader("Sec-Fetch-Site");
    boolean foreign = site != null && !Set.of("same-origin", "none").contains(site);
    if (foreign && !SAFE.contains(request.getMethod())) {
      throw new Refusal(403, "this comes from another site's page");
    }
  }

  private boolean known(String host) {
    String name = host.toLowerCase(Locale.ROOT).replaceFirst(":\\d{1,5}$", "");
    return name.equals("localhost") || LITERAL.matcher(name).matches() || hosts.contains(name);
  }

  /**
   * @return the caller
   * @throws Refusal 401 without a valid token, 429 if that happened too often, 403 if a change
   *     lacks the CSRF token of the page
   */
  Caller caller(HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null) {
      if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
        throw failed(request, "the Authorization is not 'Bearer TOKEN'");
      }
      Tokens.Token token =
          known(() -> tokens.find(authorization.substring(BEARER.length()).strip()))
              .orElseThrow(() -> failed(request, "the token is unknown, revoked or has expired"));
      return new Caller(token.id(), token.principal(), null);
    }
    Optional<Sessions.Session> session = session(request);
    if (session.isEmpty()) {
      throw new Refusal(
          401,
          "this needs a token: 'rig token create' makes one, and 'Authorization: Bearer TOKEN'"
              + " shows it",
          Map.of("WWW-Authenticate", "Bearer realm=\"riglab\""));
    }
    Tokens.Token token =
        known(() -> tokens.valid(session.get().token()))
            .orElseThrow(
                () -> {
                  sessions.end(session.get().id());
                  return new Refusal(401, "the token of this session was revoked or has expired");
                });
    if (!SAFE.contains(request.getMethod()) && !csrf(request, session.get())) {
      throw new Refusal(403, "a change needs the session's " + CSRF_HEADER + " header");
    }
    return new Caller(token.id(), token.principal(), session.get());
  }

  /** Looks a token up. A damaged file of tokens is not reported to the client. */
  private static Optional<Tokens.Token> known(Supplier<Optional<Tokens.Token>> question) {
    try {
      return question.get();
    } catch (RigException e) {
      LOG.error("nobody can sign in", e);
      throw new Refusal(
          503,
          "the server cannot read its tokens; its log and 'rig token list' say why",
          Map.of("Retry-After", "10"));
    }
  }

  private static boolean csrf(HttpServletRequest request, Sessions.Session session) {
    String sent = request.getHeader(CSRF_HEADER);
    return sent != null
        && MessageDigest.isEqual(
            sent.getBytes(StandardCharsets.UTF_8), session.csrf().getBytes(StandardCharsets.UTF_8));
  }

  private Optional<Sessions.Session> session(HttpServletRequest request) {
    for (Cookie cookie : cookies(request)) {
      if (cookie.getName().equals(cookieName(request))) {
        return sessions.find(cookie.getValue());
      }
    }
    return Optional.empty();
  }

  private static List<Cookie> cookies(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    return cookies == null ? List.of() : List.of(cookies);
  }

  /**
   * Begins a session and sets its cookie.
   *
   * @param secret a token
   * @return the caller
   * @throws Refusal 401 if the token is none, 429 if that happened too often
   */
  Caller begin(HttpServletRequest request, HttpServletResponse response, String secret) {
    Tokens.Token token =
        known(() -> tokens.find(secret))
            .orElseThrow(() -> failed(request, "the token is unknown, revoked or has expired"));
    return begin(request, response, token);
  }

  /**
   * Begins a session with a link of {@link Links}, which makes a token of a day.
   *
   * @param secret of the link
   * @return the caller
   * @throws Refusal 403 from another machine or through a proxy, 401 if the link was used or has
   *     expired, 429 if that happened too often
   */
  Caller first(HttpServletRequest request, HttpServletResponse response, String secret) {
    if (!local(request)) {
      throw new Refusal(
          403, "such a link works on the machine of the server only; sign in with a token");
    }
    if (!links.take(secret)) {
      throw failed(
          request, "the link was used already or has expired; 'rig server --open' makes another");
    }
    Instant now = Instant.now();
    for (Tokens.Token old : tokens.list()) {
      if (old.name().equals(LINKED) && old.expires().isBefore(now)) {
        tokens.revoke(old.id());
      }
    }
    return begin(request, response, tokens.create(LINKED, Role.ADMIN, 1).token());
  }

  /** Whether the request comes from this machine, and not through a proxy. */
  private static boolean local(HttpServletRequest request) {
    boolean forwarded = FORWARDED.stream().anyMatch(header -> request.getHeader(header) != null);
    try {
      // An address literal, so no DNS lookup.
      return !forwarded && InetAddress.getByName(request.getRemoteAddr()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private Caller begin(
      HttpServletRequest request, HttpServletResponse response, Tokens.Token token) {
    session(request).ifPresent(old -> sessions.end(old.id()));
    Sessions.Session session = sessions.begin(token.id());
    cookie(request, response, session.id(), Sessions.LONGEST.toSeconds());
    return new Caller(token.id(), token.principal(), session);
  }

  /** Ends the caller's session and deletes its cookie. */
  void end(HttpServletRequest request, HttpServletResponse response, Caller caller) {
    if (caller.session() != null) {
      sessions.end(caller.session().id());
      cookie(request, response, "", 0);
    }
  }

  private static void cookie(
      HttpServletRequest request, HttpServletResponse response, String value, long seconds) {
    response.addHeader(
        "Set-Cookie",
        cookieName(request)
            + "="
            + value
            + "; Path=/; Max-Age="
            + seconds
            + "; HttpOnly; SameSite=Strict"
            + (request.isSecure() ? "; Secure" : ""));
  }

  /** Cookies ignore the port: two servers on one machine must not take each other's. */
  private static String cookieName(HttpServletRequest request) {
    return (request.isSecure() ? "__Host-" : "") + COOKIE + "_" + request.getLocalPort();
  }

  private Refusal failed(HttpServletRequest request, String message) {
    long wait = failures.failed(request.getRemoteAddr());
    return wait == 0
        ? new Refusal(401, message, Map.of("WWW-Authenticate", "Bearer realm=\"riglab\""))
        : new Refusal(
            429,
            "too many wrong tokens from this address; try again in " + wait + " s",
            Map.of("Retry-After", Long.toString(wait)));
  }
}
