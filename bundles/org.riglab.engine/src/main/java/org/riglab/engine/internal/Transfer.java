package org.riglab.engine.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.repository.AuthenticationContext;
import org.eclipse.aether.repository.Proxy;
import org.eclipse.aether.repository.RemoteRepository;

/**
 * Reads files of one Maven repository, with its proxy and its credentials. What there is of a file
 * stays, also after a failure, and is not read again: Maven's own transport starts from the
 * beginning.
 */
final class Transfer {
  private static final int BUFFER = 1 << 16;
  private static final Duration CONNECT = Duration.ofSeconds(15);
  private static final long POLL_MILLIS = 200;
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final String base;
  private final Optional<String> authorization;
  private final Optional<HttpClient> client;
  private final Duration silence;

  /**
   * @param silence after which a repository that sends nothing is given up
   */
  Transfer(RepositorySystemSession session, RemoteRepository repository, Duration silence) {
    this.silence = silence;
    String url = repository.getUrl();
    base = url.endsWith("/") ? url : url + "/";
    authorization = credentials(AuthenticationContext.forRepository(session, repository));
    client =
        repository.getProtocol().equals("file")
            ? Optional.empty()
            : Optional.of(client(session, repository));
  }

  private static HttpClient client(RepositorySystemSession session, RemoteRepository repository) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .version(HttpClient.Version.HTTP_1_1);
    Proxy proxy = repository.getProxy();
    if (proxy == null) {
      builder.proxy(ProxySelector.getDefault());
    } else {
      builder.proxy(ProxySelector.of(new InetSocketAddress(proxy.getHost(), proxy.getPort())));
      AuthenticationContext context = AuthenticationContext.forProxy(session, repository);
      if (context != null) {
        try (context) {
          String user = context.get(AuthenticationContext.USERNAME);
          String password = context.get(AuthenticationContext.PASSWORD);
          builder.authenticator(
              new Authenticator() {
                @Override
                protected PasswordAuthentication getPasswordAuthentication() {
                  return getRequestorType() == RequestorType.PROXY
                      ? new PasswordAuthentication(user, password.toCharArray())
                      : null;
                }
              });
        }
      }
    }
    return builder.build();
  }

  private static Optional<String> credentials(AuthenticationContext context) {
    if (context == null) {
      return Optional.empty();
    }
    try (context) {
      String both =
          context.get(AuthenticationContext.USERNAME)
              + ":"
              + context.get(AuthenticationContext.PASSWORD);
      return Optional.of(
          "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /**
   * Appends to a file what it lacks.
   *
   * @param path in the repository
   * @param file its first bytes, or nothing yet
   * @param listener is told how many bytes there are
   * @throws FileNotFoundException if the repository does not have it
   * @throws IOException if it fails in another way; what was read is in the file
   * @throws InterruptedException if the thread is interrupted; likewise
   */
  void get(String path, Path file, Download.Listener listener)
      throws IOException, InterruptedException {
    long present = Files.exists(file) ? Files.size(file) : 0;
    URI uri = URI.create(base + path);
    if (client.isEmpty()) {
      try (InputStream in = Files.newInputStream(Path.of(uri))) {
        in.skipNBytes(present);
        append(in, file, present, listener);
      } catch (NoSuchFileException e) {
        throw new FileNotFoundException(uri.toString());
      }
      return;
    }
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(silence);
    authorization.ifPresent(value -> request.header("Authorization", value));
    if (present > 0) {
      request.header("Range", "bytes=" + present + "-");
    }
    int status = receive(request.build(), file, present, listener);
    switch (status) {
      case OK, PARTIAL -> {}
      case RANGE_NOT_SATISFIABLE -> {
        Files.delete(file);
        throw new IOException("the repository has a shorter file");
      }
      case 404, 410 -> throw new FileNotFoundException(uri.toString());
      default -> throw new IOException("HTTP status " + status);
    }
  }

  /** Asks, and writes the answer's body to the file where it is one; returns the status. */
  private int receive(HttpRequest request, Path file, long present, Download.Listener listener)
      throws IOException, InterruptedException {
    AtomicReference<Received> body = new AtomicReference<>();
    CompletableFuture<HttpResponse<Void>> answer =
        client
            .get()
            .sendAsync(
                request,
                info -> {
                  switch (info.statusCode()) {
                    // Without ranges there is nothing to go on with.
                    case OK -> body.set(new Received(file, 0));
                    case PARTIAL -> body.set(new Received(file, present));
                    default -> {
                      return HttpResponse.BodySubscribers.replacing(null);
                    }
                  }
                  return body.get();
                });
    try {
      long last = -1;
      long since = System.nanoTime();
      while (true) {
        boolean done = answer.isDone();
        Received received = body.get();
        if (received != null && received.bytes() != last) {
          last = received.bytes();
          since = System.nanoTime();
          listener.bytes(last);
        }
        if (done) {
          return answer.get().statusCode();
        }
        // The timeout of a request ends with the answer's headers.
        if (received != null && System.nanoTime() - since > silence.toNanos()) {
          throw new HttpTimeoutException("nothing for %d s".formatted(silence.toSeconds()));
        }
        try {
          answer.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // Not yet.
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } finally {
      answer.cancel(true);
      if (body.get() != null) {
        body.get().close();
      }
    }
  }

  private static void append(InputStream in, Path file, long present, Download.Listener listener)
      throws IOException, InterruptedException {
    long done = present;
    byte[] buffer = new byte[BUFFER];
    try (OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      listener.bytes(done);
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (Thread.interrupted()) {
          throw new InterruptedException("while fetching " + file.getFileName());
        }
        out.write(buffer, 0, read);
        done += read;
        listener.bytes(done);
      }
    }
  }
}
