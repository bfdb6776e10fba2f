package org.riglab.web.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.base.Json;

/**
 * Formats the errors that Jetty reports before a servlet is called: requests that are not HTTP,
 * ambiguous paths, headers that are too large. Felix HTTP passes its server only to factories of
 * connectors; the connector of this one does not listen.
 */
@Component
public final class JettyErrors implements ConnectorFactory {
  private final Connections connections;

  /**
   * @param connections counts them
   */
  @Activate
  public JettyErrors(@Reference Connections connections) {
    this.connections = connections;
  }

  @Override
  public Connector createConnector(Server server) {
    connections.watch(server);
    server.setErrorHandler(new Handler());
    return new LocalConnector(server);
  }

  /** Writes status and reason as JSON. */
  static final class Handler extends ErrorHandler {
    /** Without it, error responses to PUT and DELETE would have neither body nor headers. */
    @Override
    public boolean errorPageForMethod(String method) {
      return true;
    }

    @Override
    protected void generateResponse(
        Request request,
        Response response,
        int status,
        String message,
        Throwable cause,
        Callback callback) {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("status", status);
      error.put("error", message == null ? HttpStatus.getMessage(status) : message);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
      Guard.headers().forEach((name, value) -> response.getHeaders().put(name, value));
      response.write(
          true, ByteBuffer.wrap(Json.line(error).getBytes(StandardCharsets.UTF_8)), callback);
    }
  }
}
