package org.riglab.web.internal;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import javax.imageio.ImageIO;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.apache.felix.hc.api.execution.HealthCheckMetadata;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.osgi.framework.ServiceReference;
import org.riglab.api.RigException;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.ClassTable;
import org.riglab.api.lab.Gallery;
import org.riglab.api.lab.Run;

/** The real servlet on a real Jetty, before a lab in memory. */
final class TestServer implements AutoCloseable {
  static final ClassTable CLASSES =
      new ClassTable(
          List.of(
              new ClassTable.Entry("ground", 0x404040),
              new ClassTable.Entry("disc", 0xe69f00),
              new ClassTable.Entry("square", 0x56b4e9),
              new ClassTable.Entry("triangle", 0x009e73)));

  static final int SIZE = 96;

  final Path home;
  final FakeLab lab;
  final FakeTokens tokens = new FakeTokens();
  final List<Plugins.Plugin> plugins = new ArrayList<>();
  final List<String> installed = new ArrayList<>();
  final List<HealthCheck> checks = new ArrayList<>();
  final Connections connections = new Connections();
  final Web web;
  private final Server server = new Server(new QueuedThreadPool(40));
  final ServerConnector connector = new ServerConnector(server, 1, 1);
  private final HttpClient client = HttpClient.newHttpClient();

  TestServer(Path home, String... data) throws Exception {
    this.home = home;
    this.lab = new FakeLab(home);
    this.web =
        new Web(
            tokens,
            lab,
            networks(),
            predictions(),
            gallery(),
            plugins(),
            report(),
            executor(),
            connections,
            config(data));
    server.addConnector(new JettyErrors(connections).createConnector(server));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    ServletHolder holder = new ServletHolder(web);
    holder.setAsyncSupported(true);
    context.addServlet(holder, "/*");
    server.setHandler(context);
    server.start();
  }

  private static WebConfig config(String... data) {
    return Stub.of(
        WebConfig.class,
        Map.of(
            "hosts",
            a -> new String[] {"Lab.Example"},
            "data",
            a -> data,
            "proxies",
            a -> new String[] {"127.0.0.0/8"}));
  }

  private Networks networks() {
    return Stub.of(
        Networks.class,
        Map.of(
            "home",
            a -> home,
            "names",
            a -> List.of("rig"),
            "get",
            a -> Stub.of(Network.class, Map.of("classes", b -> CLASSES))));
  }

  private static Predictions predictions() {
    return Stub.of(
        Predictions.class,
        Map.of(
            "predict",
            a -> {
              RgbImage image = (RgbImage) a[1];
              return new Prediction(
                  image.height(),
                  image.width(),
                  List.of(new byte[image.height() * image.width()]),
                  Map.of());
            }));
  }

  /** Discs, of which a network sees more in each iteration; the run keeps the second picture. */
  private static Gallery gallery() {
    List<String> ids = List.of("val-0", "val-1", "val-2");
    return Stub.of(
        Gallery.class,
        Map.of(
            "list",
            a -> new Gallery.Listing(((Run) a[0]).network(), ids, List.of(1), CLASSES),
            "picture",
            a -> {
              int index = (Integer) a[1];
              if (((Run) a[0]).network().equals("busy")) {
                throw new RigException(
                    RigException.Kind.BUSY, "network busy is in use by a training");
              } else if (index >= ids.size()) {
                throw new RigException(RigException.Kind.NOT_FOUND, "there is no image " + index);
              }
              Map<String, byte[]> layers = new LinkedHashMap<>();
              layers.put("image", png(SIZE, i -> 0xff000000 | i % 60 << 16 | 90 + index * 40));
              layers.put("label", disc(1));
              layers.put("t1", disc(0.6));
              layers.put("t2", disc(0.95));
              List<Gallery.GateMap> gates = new ArrayList<>();
              for (int block : new int[] {4, 5, 6}) {
                String name = "gate." + block + ".t2";
                layers.put(name, png(8, i -> 0xff000000 | (255 - 3 * i) * 0x010101));
                gates.add(new Gallery.GateMap(name, block, 2, 0.25, 1.5));
              }
              return new Gallery.Picture(
                  ids.get(index), SIZE, SIZE, index == 1, List.of(0.75, 0.9), gates, layers);
            }));
  }

  private static byte[] disc(double share) {
    return png(
        SIZE,
        i ->
            Math.hypot(i % SIZE - SIZE / 2.0, i / SIZE - SIZE / 2.0) < share * 0.35 * SIZE
                ? 0xffe69f00
                : 0xff404040);
  }

  private static byte[] png(int size, IntUnaryOperator argb) {
    BufferedImage picture = new BufferedImage(size, size, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < size * size; i++) {
      picture.setRGB(i % size, i / size, argb.applyAsInt(i));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private Plugins plugins() {
    return Stub.of(
        Plugins.class,
        Map.of(
            "list",
            a -> List.copyOf(plugins),
            "install",
            a -> {
              installed.add(a[0].toString());
              Plugins.Plugin plugin =
                  new Plugins.Plugin(
                      "new-gate",
                      "1.0.0",
                      "cd".repeat(32),
                      "active",
                      List.of("gate new"),
                      List.of());
              plugins.add(plugin);
              return plugin;
            },
            "doctor",
            a -> {
              if (plugins.stream().noneMatch(p -> p.name().equals(a[0]))) {
                throw new RigException(
                    RigException.Kind.NOT_FOUND, "there is no plugin '" + a[0] + "' installed");
              }
              return new Plugins.Diagnosis(
                  (String) a[0],
                  false,
                  List.of(new Plugins.Check("file", false, "is gone")),
                  List.of(
                      new Plugins.Kept(
                          (String) a[0], "1.0.0", "cd".repeat(32), 0, Instant.EPOCH, true)));
            },
            "rollback",
            a -> {
              throw new RigException(
                  RigException.Kind.CONFLICT,
                  "plugin " + a[0] + " has no earlier version to go back to");
            },
            "remove",
            a -> {
              plugins.removeIf(p -> p.name().equals(a[0]));
              return null;
            }));
  }

  private static Report report() {
    return Stub.of(
        Report.class,
        Map.of(
            "read",
            a -> new RgbImage(2, 2, new byte[12]),
            "overlay",
            a -> {
              try {
                return Files.write((Path) a[0], new byte[] {1, 2, 3});
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
  }

  private HealthCheckExecutor executor() {
    checks.add(new Checks.Disk(lab));
    checks.add(new Checks.Queue(lab));
    return Stub.of(
        HealthCheckExecutor.class,
        Map.of(
            "execute",
            a -> {
              List<HealthCheckExecutionResult> results = new ArrayList<>();
              for (HealthCheck check : checks) {
                Result result = check.execute();
                Map<String, Object> properties =
                    Map.of(
                        HealthCheck.NAME,
                        check.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT),
                        "service.id",
                        (long) results.size());
                ServiceReference<?> reference =
                    Stub.of(
                        ServiceReference.class, Map.of("getProperty", b -> properties.get(b[0])));
                HealthCheckMetadata metadata = new HealthCheckMetadata(reference);
                results.add(
                    Stub.of(
                        HealthCheckExecutionResult.class,
                        Map.of(
                            "getHealthCheckResult",
                            b -> result,
                            "getHealthCheckMetadata",
                            b -> metadata)));
              }
              return results;
            }));
  }

  int port() {
    return connector.getLocalPort();
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** Starts a request as somebody with a role; empty for nobody. */
  HttpRequest.Builder request(String role, String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(path)));
    return role.isEmpty() ? request : request.header("Authorization", "Bearer " + role + "-secret");
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String role, String path) throws Exception {
    return send(request(role, path));
  }

  HttpResponse<String> json(String role, String method, String path, String body) throws Exception {
    return send(
        request(role, path)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body)));
  }

  @Override
  public void close() {
    web.close();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
