package org.riglab.web.internal;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.riglab.base.Json;

/** An authorised request and its response. */
final class Call {
  private static final int LONGEST_QUERY = 4096;

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Caller caller;
  private final Map<String, String> path;
  private final Map<String, String> query;

  private final byte[] bytes;

  Call(
      HttpServletRequest request, HttpServletResponse response, Caller caller, Router.Match match) {
    this(request, response, caller, match, new byte[0]);
  }

  Call(
      HttpServletRequest request,
      HttpServletResponse response,
      Caller caller,
      Router.Match match,
      byte[] bytes) {
    this.bytes = bytes;
    this.request = request;
    this.response = response;
    this.caller = caller;
    this.path = match.path();
    this.query = query(request.getQueryString(), match.route().query());
  }

  private static Map<String, String> query(String text, Set<String> known) {
    Map<String, String> query = new LinkedHashMap<>();
    if (text == null || text.isEmpty()) {
      return query;
    }
    if (text.length() > LONGEST_QUERY) {
      throw new Refusal(414, "the query is longer than " + LONGEST_QUERY + " characters");
    }
    for (String pair : text.split("&")) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      if (!known.contains(name)) {
        throw new Refusal(
            400,
            known.isEmpty()
                ? "there are no query parameters here"
                : "there is no such query parameter; there are "
                    + String.join(", ", new TreeSet<>(known)));
      }
      if (query.put(name, equals < 0 ? "" : decode(pair.substring(equals + 1))) != null) {
        throw new Refusal(400, "the query parameter " + name + " occurs twice");
      }
    }
    return query;
  }

  private static String decode(String text) {
    try {
      String decoded = java.net.URLDecoder.decode(text, StandardCharsets.UTF_8);
      if (decoded.indexOf(0) >= 0 || decoded.indexOf('\ufffd') >= 0) {
        throw new Refusal(400, "the query is badly encoded");
      }
      return decoded;
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, "the query is badly encoded");
    }
  }

  HttpServletRequest request() {
    return request;
  }

  HttpServletResponse response() {
    return response;
  }

  Caller caller() {
    return caller;
  }

  /**
   * @param name of a variable in the route's template
   * @return its decoded value
   */
  String path(String name) {
    return path.get(name);
  }

  /**
   * @param name of a path variable
   * @return its value
   * @throws Refusal 404 if it is no whole number from 0
   */
  long number(String name) {
    String text = path.get(name);
    if (!text.matches("[0-9]{1,18}")) {
      throw new Refusal(404, "there is no " + name + " '" + printable(text) + "'");
    }
    return Long.parseLong(text);
  }

  /**
   * @param name of a query parameter
   * @param otherwise its value where it is not given
   */
  String text(String name, String otherwise) {
    return query.getOrDefault(name, otherwise);
  }

  /**
   * @param name of a query parameter with commas between words
   * @return the words; none where it is not given
   */
  List<String> words(String name) {
    List<String> words = new ArrayList<>();
    for (String word : text(name, "").split(",")) {
      if (!word.isBlank()) {
        words.add(word.strip());
      }
    }
    return words;
  }

  /**
   * @param name of a query parameter
   * @param least allowed
   * @param most allowed
   * @param otherwise its value where it is not given
   * @throws Refusal 400 if it is no such number
   */
  int integer(String name, int least, int most, int otherwise) {
    String text = query.get(name);
    if (text == null) {
      return otherwise;
    }
    if (text.matches("[0-9]{1,9}")) {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw new Refusal(400, name + " is not a whole number from " + least + " to " + most);
  }

  /**
   * @param known keys that the object may have
   * @return the body's JSON object
   * @throws Refusal 4xx if it is of another type or has unknown keys
   * @throws org.riglab.api.RigException INVALID if it is not a JSON object
   */
  Map<String, Object> body(String... known) {
    String type = request.getContentType();
    if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw new Refusal(415, "the body's Content-Type is not application/json");
    }
    Map<String, Object> object = Json.parse(bytes, "the body");
    for (String key : object.keySet()) {
      if (!List.of(known).contains(key)) {
        throw new Refusal(
            400, "unknown key '" + printable(key) + "'; there are " + String.join(", ", known));
      }
    }
    return object;
  }

  /**
   * @return the body
   */
  byte[] bytes() {
    return bytes;
  }

  /**
   * @param value see {@link Json#line}
   */
  void json(Object value) throws IOException {
    json(200, value);
  }

  void json(int status, Object value) throws IOException {
    send(status, "application/json", Json.line(value).getBytes(StandardCharsets.UTF_8));
  }

  void send(int status, String type, byte[] bytes) throws IOException {
    if (Bodies.announced(request)) {
      // The response is sent before the rest of the request has been received.
      response.setContentLength(bytes.length);
    }
    send(response, status, type, bytes);
  }

  /**
   * Responds without waiting for the client: the container sends the buffer when the request has
   * been completed.
   */
  static void send(HttpServletResponse response, int status, String type, byte[] bytes)
      throws IOException {
    response.setStatus(status);
    response.setContentType(type);
    // Not the length: the write that completes it would wait. The container adds it.
    response.setBufferSize(bytes.length + 1);
    response.getOutputStream().write(bytes);
  }

  /** Responds with status 204. */
  void done() {
    response.setStatus(204);
  }

  /** What a client sent, fit for one line of an error message. */
  static String printable(String text) {
    String one = text.replaceAll("[^\\x20-\\x7e]", "?");
    return one.length() > 80 ? one.substring(0, 77) + "..." : one;
  }
}
