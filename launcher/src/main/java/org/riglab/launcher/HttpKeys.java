package org.riglab.launcher;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keys of Felix HTTP (Jetty 12), configuration {@code org.apache.felix.http}. */
final class HttpKeys {
  /** What follows such a beginning is a name that the user chooses. */
  static final String FREE = "org.apache.felix.http.runtime.init.";

  static final Set<String> ALL =
      Stream.of(
              keys(
                  "org.apache.felix.",
                  """
                  http.context_path http.enable http.host http.jetty.acceptQueueSize
                  http.jetty.acceptors http.jetty.errorPageCustomHeaders http.jetty.headerBufferSize
                  http.jetty.maxFormSize http.jetty.requestBufferSize http.jetty.requestSizeLimit
                  http.jetty.responseBufferSize http.jetty.responseSizeLimit http.jetty.selectors
                  http.jetty.sendServerHeader http.jetty.threadpool.max
                  http.jetty.virtualthreads.enable http.mbeans http.name http.path_exclusions
                  http.requestlog.file.append http.requestlog.file.async
                  http.requestlog.file.dateformat http.requestlog.file.format
                  http.requestlog.file.ignorepaths http.requestlog.file.name http.requestlog.file.path
                  http.requestlog.file.retaindays http.requestlog.filter http.requestlog.osgi.enable
                  http.requestlog.osgi.format http.requestlog.osgi.logger.name
                  http.requestlog.osgi.name http.require.config http.session.container.attribute
                  http.session.invalidate http.session.timeout http.session.uniqueid http.timeout
                  http2.enable https.clientcertificate https.enable https.jetty.cipersuites.excluded
                  https.jetty.cipersuites.included https.jetty.ciphersuites.excluded
                  https.jetty.ciphersuites.included https.jetty.protocols.excluded
                  https.jetty.protocols.included https.jetty.renegotiateAllowed
                  https.jetty.session.cookie.httpOnly https.jetty.session.cookie.secure https.keystore
                  https.keystore.key.password https.keystore.password https.keystore.type
                  https.truststore https.truststore.password https.truststore.type
                  jakarta.websocket.enable jetty.alpn.defaultProtocol jetty.alpn.protocols
                  jetty.gzip.excludedMethods jetty.gzip.excludedMimeTypes jetty.gzip.excludedPaths
                  jetty.gzip.includedMethods jetty.gzip.includedMimeTypes jetty.gzip.includedPaths
                  jetty.gzip.inflateBufferSize jetty.gzip.minGzipSize jetty.gzip.syncFlush
                  jetty.gziphandler.enable jetty.http2.initialSessionRecvWindow
                  jetty.http2.initialStreamRecvWindow jetty.http2.maxConcurrentStreams
                  jetty.relativeredirectallowed jetty.statisticshandler.enable jetty.stopTimeout
                  jetty.websocket.enable proxy.load.balancer.connection.enable
                  """),
              keys(
                  "org.eclipse.jetty.",
                  """
                  UriComplianceMode servlet.CheckingRemoteSessionIdEncoding servlet.MaxAge
                  servlet.SessionCookie servlet.SessionDomain servlet.SessionIdPathParameterName
                  servlet.SessionPath servlet.SessionScavengingInterval
                  """),
              keys(
                  "org.osgi.service.",
                  """
                  http.port http.port.secure
                  """))
          .flatMap(keys -> keys)
          .collect(Collectors.toUnmodifiableSet());

  private HttpKeys() {}

  private static Stream<String> keys(String prefix, String names) {
    return Stream.of(names.split("\\s+")).map(prefix::concat);
  }
}
