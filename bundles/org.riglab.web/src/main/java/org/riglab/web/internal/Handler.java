package org.riglab.web.internal;

import java.io.IOException;

/** Handles the calls of a route. */
@FunctionalInterface
interface Handler {
  /**
   * @param call the request
   * @throws IOException if the client has closed the connection
   * @throws Refusal if the request is not valid
   */
  void handle(Call call) throws IOException;
}
