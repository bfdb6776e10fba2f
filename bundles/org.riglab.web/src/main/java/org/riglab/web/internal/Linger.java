package org.riglab.web.internal;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the rest of a body after the response has been sent. A server closes the connection of a
 * request whose body it has not read: a client that is still sending may then lose the response,
 * and the next request on the connection fails. Blocks no thread.
 */
final class Linger extends AsyncExchange implements ReadListener {
  private static final Logger LOG = LoggerFactory.getLogger(Linger.class);
  private static final long MOST_MILLIS = 5000;

  private final ServletInputStream body;
  private final byte[] buffer = new byte[8192];

  private Linger(ServletInputStream body, AsyncContext context) {
    super(context);
    this.body = body;
  }

  /**
   * Sends the response, and completes the request at the end of its body, or after five seconds.
   *
   * @param request that has been handled
   * @param response of the request
   */
  static void over(HttpServletRequest request, HttpServletResponse response) throws IOException {
    long length = request.getContentLengthLong();
    if (length == 0
        || length < 0 && request.getHeader("Transfer-Encoding") == null
        || request.getHeader("Expect") != null
        || request.isAsyncStarted()
        || request.getInputStream().isFinished()) {
      return;
    }
    response.flushBuffer();
    AsyncContext context = request.startAsync();
    context.setTimeout(MOST_MILLIS);
    Linger linger = new Linger(request.getInputStream(), context);
    context.addListener(linger);
    linger.body.setReadListener(linger);
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (body.isReady()) {
      if (body.read(buffer) < 0) {
        return;
      }
    }
  }

  @Override
  public void onAllDataRead() {
    end();
  }

  @Override
  public void onError(Throwable failure) {
    LOG.debug("a client went before it had sent all", failure);
    end();
  }
}
