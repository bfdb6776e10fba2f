package org.riglab.web.internal;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A server that reads bodies and does nothing else. */
final class Drip implements AutoCloseable {
  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server, 1, 1);

  Drip(Bodies bodies) throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    ServletHolder holder = new ServletHolder(new Reading(bodies));
    holder.setAsyncSupported(true);
    context.addServlet(holder, "/*");
    server.setHandler(context);
    server.start();
  }

  private static final class Reading extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Bodies bodies;

    Reading(Bodies bodies) {
      this.bodies = bodies;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      bodies.read(request, "somebody", 1000, answer(response));
    }
  }

  private static Bodies.Then answer(HttpServletResponse response) {
    return new Bodies.Then() {
      @Override
      public void arrived(byte[] bytes) {
        response.setStatus(204);
      }

      @Override
      public void refused(Refusal refusal) {
        response.setHeader("Connection", "close");
        response.setStatus(refusal.status());
      }
    };
  }

  int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
