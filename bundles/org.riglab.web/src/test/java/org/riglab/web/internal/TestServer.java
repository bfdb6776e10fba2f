package org.riglab.web.internal;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.apache.felix.hc.api.execution.HealthCheckMetadata;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.osgi.framework.ServiceReference;
import org.riglab.api.RigException;
import org.riglab.api.bench.Bench;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Report;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/** The real servlet on a real Jetty, before a lab in memory. */
final class TestServer {
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
  final Web web;
  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server, 1, 1);
  private final HttpClient client = HttpClient.newHttpClient();

  TestServer(Path home, String... data) throws Exception {
    this.home = home;
    this.lab = new FakeLab(home);
    this.web =
        new Web(tokens, lab, bench(), registry(), plugins(), report(), executor(), config(data));
    server.addConnector(new JettyErrors().createConnector(server));
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
        WebConfig.class, Map.of("hosts", a -> new String[] {"Lab.Example"}, "data", a -> data));
  }

  /** A picture of a disc, and a network that sees more of it in each iteration. */
  private Bench bench() {
    return Stub.of(
        Bench.class,
        Map.of(
            "home",
            a -> home,
            "networks",
            a -> List.of("rig"),
            "network",
            a -> Stub.of(Network.class, Map.of("classes", b -> CLASSES)),
            "predict",
            a -> {
              if (a[0].equals("busy")) {
                throw new RigException("network busy is in use by a training");
              }
              Bench.Image image = (Bench.Image) a[1];
              float[] gate = new float[64];
              for (int i = 0; i < gate.length; i++) {
                gate[i] = (float) Math.exp(-Math.hypot(i % 8 - 3.5, i / 8 - 3.5) / 2);
              }
              Map<String, Bench.FloatMap> maps = new LinkedHashMap<>();
              for (int block : new int[] {4, 5, 6}) {
                maps.put("gate." + block + ".t2", new Bench.FloatMap(1, 8, 8, gate));
              }
              return new Bench.Prediction(
                  image.height(),
                  image.width(),
                  List.of(
                      disc(image.height(), image.width(), 0.6),
                      disc(image.height(), image.width(), 0.95)),
                  maps);
            }));
  }

  private static byte[] disc(int height, int width, double share) {
    byte[] labels = new byte[height * width];
    for (int i = 0; i < labels.length; i++) {
      double x = i % width - width / 2.0;
      double y = i / width - height / 2.0;
      labels[i] = (byte) (Math.hypot(x, y) < share * 0.35 * height ? 1 : 0);
    }
    return labels;
  }

  private static Registry registry() {
    Split split =
        Stub.of(
            Split.class,
            Map.of(
                "size",
                a -> 3,
                "id",
                a -> "val-" + a[0],
                "sample",
                a -> {
                  byte[] label = disc(SIZE, SIZE, 1);
                  byte[] rgb = new byte[3 * SIZE * SIZE];
                  for (int i = 0; i < label.length; i++) {
                    rgb[3 * i] = (byte) (label[i] * 150 + i % 60);
                    rgb[3 * i + 1] = (byte) (label[i] * 90 + i / SIZE);
                    rgb[3 * i + 2] = (byte) (90 + (Integer) a[0] * 40);
                  }
                  return new Sample("val-" + a[0], SIZE, SIZE, rgb, label);
                }));
    Images images =
        Stub.of(
            Images.class,
            Map.of(
                "classes",
                a -> CLASSES,
                "splits",
                a -> List.of("train", "val"),
                "split",
                a -> split));
    Dataset dataset = Stub.of(Dataset.class, Map.of("open", a -> images));
    return Stub.of(
        Registry.class,
        Map.of(
            "lease",
            a -> Stub.of(Lease.class, Map.of("service", b -> dataset, "close", b -> null)),
            "options",
            a -> Stub.of(org.riglab.api.Options.class, Map.of())));
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
            a -> new Bench.Image(2, 2, new byte[12]),
            "overlay",
            a -> {
              try {
                return Files.write((Path) a[0], new byte[] {1, 2, 3});
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
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

  void close() throws Exception {
    web.close();
    server.stop();
  }
}
