package org.riglab.web.internal;

import java.io.IOException;

/** Answers the calls of a route. */
@FunctionalInterface
interface Handler {
  /**
   * @param call what is asked
   * @throws IOException if the client is gone
   * @throws Refusal if it is asked wrongly
   */
  void handle(Call call) throws IOException;
}
