package org.riglab.web.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.base.Names;

/** A failed request: a status and a JSON object with a message of one line. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final RigException.Kind kind;
  private final transient Map<String, String> headers;

  /**
   * @param status of HTTP, 400 or more
   * @param message one line: what is wrong and what is expected
   */
  Refusal(int status, String message) {
    this(status, message, Map.of());
  }

  /**
   * @param status of HTTP, 400 or more
   * @param message one line: what is wrong and what is expected
   * @param headers further headers of the response
   */
  Refusal(int status, String message, Map<String, String> headers) {
    this(status, null, message, headers);
  }

  private Refusal(int status, RigException.Kind kind, String message, Map<String, String> headers) {
    super(message, null, false, false);
    this.status = status;
    this.kind = kind;
    this.headers = headers;
  }

  /**
   * @param e a failure
   * @return what becomes of it over HTTP; follows its kind
   */
  static Refusal of(RigException e) {
    return of(e, e.getMessage());
  }

  /**
   * @param e a failure
   * @param message instead of its own
   */
  static Refusal of(RigException e, String message) {
    return new Refusal(status(e.kind()), e.kind(), message, Map.of());
  }

  /**
   * @param kind of a failure
   * @return the status of HTTP: 4xx if another request, or the same one later, can succeed; 5xx if
   *     the administrator of the server must act
   */
  static int status(RigException.Kind kind) {
    return switch (kind) {
      case INVALID -> 400;
      case DENIED -> 403;
      case NOT_FOUND -> 404;
      case CONFLICT -> 409;
      case PART_FAILED -> 422;
      case BUSY -> 423;
      case IO -> 500;
      case OUT_OF_MEMORY, UNAVAILABLE -> 503;
      case NO_SPACE -> 507;
    };
  }

  int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }

  /** The body of the response. */
  Map<String, Object> body() {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", status);
    if (kind != null) {
      body.put("kind", Names.writtenChoice(kind));
    }
    body.put("error", getMessage().lines().findFirst().orElse(""));
    return body;
  }
}
