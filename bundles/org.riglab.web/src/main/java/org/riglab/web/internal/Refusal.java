package org.riglab.web.internal;

import java.util.Map;

/** A request that is not answered as asked: becomes a status and one line of JSON. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Map<String, String> headers;

  /**
   * @param status of HTTP, 400 or more
   * @param message one line: what is wrong and what would be right
   */
  Refusal(int status, String message) {
    this(status, message, Map.of());
  }

  /**
   * @param status of HTTP, 400 or more
   * @param message one line: what is wrong and what would be right
   * @param headers further ones of the answer
   */
  Refusal(int status, String message, Map<String, String> headers) {
    super(message, null, false, false);
    this.status = status;
    this.headers = headers;
  }

  int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }
}
