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
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
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
import org.riglab.api.bench.Analyst;
import org.riglab.api.bench.Catalogue;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.api.data.ClassTable;
import org.riglab.api.lab.Gallery;
import org.riglab.api.lab.Run;
import org.riglab.search.SearchProgress;
import org.riglab.search.Searches;

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
  private static final List<String> IMAGES = List.of("val-0", "val-1", "val-2");
  private static final NetworkSpec SPEC =
      new NetworkSpec(
          PartSpec.of("resnet"),
          PartSpec.of("aspp"),
          PartSpec.of("mul-sigmoid"),
          PartSpec.of("parallel"),
          List.of(4, 5, 6),
          2,
          4,
          NetworkSpec.BatchNormPolicy.PER_ITERATION,
          0);

  final Path home;
  final FakeLab lab;
  final FakeTokens tokens = new FakeTokens();
  final List<Plugins.Plugin> plugins = new ArrayList<>();
  final List<String> installed = new ArrayList<>();
  final List<HealthCheck> checks = new ArrayList<>();
  final Map<String, Network> networks = new TreeMap<>(Map.of("rig", network("rig")));
  final List<Map<String, Object>> asked = new ArrayList<>();
  final Connections connections = new Connections();
  final List<Catalogue.Offer> offers = new ArrayList<>();
  final List<Catalogue.Offer> libraries = new ArrayList<>();
  final Map<String, SearchProgress> searches = new TreeMap<>();
  final AtomicLong time = new AtomicLong();
  final Links links = new Links(time::get);
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
            gallery(),
            plugins(),
            catalogue(),
            trainer(),
            evaluator(),
            registry(),
            Stub.of(
                Analyst.class,
                Map.of(
                    "analyse",
                    a -> null,
                    "picture",
                    a ->
                        "<svg xmlns='http://www.w3.org/2000/svg' width='300' height='80'>"
                            + "<rect width='300' height='80' fill='#abc'/></svg>")),
            executor(),
            connections,
            links,
            config(data));
    web.searches = searches();
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

  @SuppressWarnings("unchecked")
  private Networks networks() {
    return Stub.of(
        Networks.class,
        Map.of(
            "home",
            a -> home,
            "names",
            a -> List.copyOf(networks.keySet()),
            "spec",
            a -> {
              asked.add(new TreeMap<>((Map<String, Object>) a[0]));
              return SPEC;
            },
            "json",
            a ->
                """
                {"backbone": {"name": "resnet", "layers": "1,1,1,1"}, "head": {"name": "aspp"},
                 "gate": {"name": "mul-sigmoid"}, "unroll": {"name": "parallel"},
                 "feedback": [4, 5, 6], "iterations": 2, "classes": 4,
                 "batch_norm": "per-iteration", "seed": 0}
                """,
            "assemble",
            a -> networks.computeIfAbsent((String) a[0], TestServer::network),
            "swap",
            a -> new WeightTransfer(List.of("a", "b"), List.of("gate"), List.of()),
            "get",
            a -> networks.get(a[0])));
  }

  private Searches searches() {
    return Stub.of(
        Searches.class,
        Map.of(
            "names",
            a -> List.copyOf(searches.keySet()),
            "progress",
            a -> {
              if (!searches.containsKey(a[0])) {
                throw new RigException(
                    RigException.Kind.NOT_FOUND, "there is no search '" + a[0] + "'");
              }
              return searches.get(a[0]);
            }));
  }

  private static Network network(String name) {
    return Stub.of(
        Network.class, Map.of("classes", b -> CLASSES, "name", b -> name, "spec", b -> SPEC));
  }

  private static Trainer trainer() {
    return Stub.of(
        Trainer.class,
        Map.of(
            "options",
            a ->
                List.of(
                    new OptionInfo("dataset", "part", "", List.of(), "PART: the data set"),
                    new OptionInfo("lr", "number", "0.01", List.of(), "learning rate at the start"),
                    new OptionInfo("batch", "int", "8", List.of(), "images per forward pass"),
                    new OptionInfo("steps", "int", "0", List.of(), "optimizer steps"),
                    new OptionInfo(
                        "schedule", "choice", "poly", List.of("poly", "constant"), ""))));
  }

  private static Evaluator evaluator() {
    return Stub.of(
        Evaluator.class,
        Map.of(
            "options",
            a ->
                List.of(
                    new OptionInfo("split", "text", "", List.of(), "SPLIT: to evaluate"),
                    new OptionInfo("flip", "boolean", "false", List.of(), "mirrored as well"))));
  }

  private static Registry registry() {
    return Stub.of(
        Registry.class,
        Map.of(
            "parts",
            a ->
                List.of(
                    part("backbone", "resnet", "residual network"),
                    part("gate", "mul-sigmoid", "multiplies by a sigmoid"),
                    part("gate", "mul-tanh", "multiplies by a hyperbolic tangent"),
                    part("head", "aspp", ""),
                    part("unroll", "parallel", ""))));
  }

  private static PartInfo part(String kind, String name, String about) {
    OptionInfo option = new OptionInfo("init", "choice", "open", List.of("open", "shut"), "");
    return new PartInfo(kind, name, about, List.of(option), "org.riglab.x", "1.0.0", "ab", 1);
  }

  /**
   * Discs, of which a network sees more in each iteration, a little more with each run; a run keeps
   * the second picture, and run 5 has no checkpoint.
   */
  private static Gallery gallery() {
    return Stub.of(
        Gallery.class,
        Map.of(
            "list",
            a -> {
              Run run = (Run) a[0];
              boolean steps = run.id() == 3;
              return new Gallery.Listing(
                  run.network(),
                  IMAGES,
                  run.id() == 5 ? List.of() : List.of(1),
                  CLASSES,
                  run.id() != 5,
                  steps ? List.of(100L, 200L) : List.of(),
                  steps ? List.of(0, 1) : List.of());
            },
            "picture",
            a -> picture((Run) a[0], (Integer) a[1], a.length > 2 ? (Long) a[2] : -1),
            "overlay",
            a -> {
              try {
                return Files.write((Path) a[2], new byte[] {1, 2, 3});
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
  }

  private static Gallery.Picture picture(Run run, int index, long step) {
    if (run.network().equals("busy")) {
      throw new RigException(RigException.Kind.BUSY, "network busy is in use by a training");
    } else if (index >= IMAGES.size()) {
      throw new RigException(RigException.Kind.NOT_FOUND, "there is no image " + index);
    }
    double progress = step < 0 ? 1 : step / 400.0;
    Map<String, byte[]> layers = new LinkedHashMap<>();
    layers.put("image", png(SIZE, i -> 0xff000000 | i % 60 << 16 | 90 + index * 40));
    layers.put("label", disc(1));
    layers.put("t1", disc(progress * (0.5 + 0.05 * run.id())));
    layers.put("t2", disc(progress * (0.85 + 0.05 * run.id())));
    List<Gallery.GateMap> gates = new ArrayList<>();
    for (int block : step < 0 ? new int[] {4, 5, 6} : new int[0]) {
      String name = "gate." + block + ".t2";
      layers.put(name, png(8, i -> 0xff000000 | (255 - 3 * i) * 0x010101));
      gates.add(new Gallery.GateMap(name, block, 2, 0.25, 1.5));
    }
    return new Gallery.Picture(
        IMAGES.get(index), SIZE, SIZE, index == 1, List.of(0.75, 0.9), gates, layers);
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

  /** A plugin of a catalogue. */
  static Catalogue.Offer offer(String name, String version, List<String> missing) {
    return new Catalogue.Offer(
        name,
        version,
        "scales channels",
        List.of("gate channel: scales channels"),
        List.of("gate channel: limit=2.0 (double)"),
        "Apache-2.0",
        "ee".repeat(32),
        12_345,
        "https://lab.example/plugins/" + name + "-" + version + ".jar",
        true,
        List.of("org.riglab.api [0.2,1)"),
        missing);
  }

  private Catalogue catalogue() {
    return Stub.of(
        Catalogue.class,
        Map.of(
            "search",
            a -> offers.stream().filter(o -> o.name().contains((String) a[0])).toList(),
            "versions",
            a -> {
              String name = ((String) a[0]).split("@")[0];
              List<Catalogue.Offer> found =
                  offers.stream().filter(o -> o.name().equals(name)).toList();
              if (found.isEmpty()) {
                throw new RigException(
                    RigException.Kind.NOT_FOUND, "no catalogue has a plugin '" + name + "'");
              }
              return found;
            },
            "plan",
            a ->
                offers.stream()
                    .filter(o -> o.name().equals(((String) a[0]).split("@")[0]))
                    .findFirst()
                    .map(o -> new Catalogue.Plan(o, libraries)),
            "outdated",
            a ->
                offers.stream()
                    .filter(o -> o.missing().isEmpty())
                    .filter(
                        o ->
                            plugins.stream()
                                .anyMatch(
                                    p ->
                                        p.name().equals(o.name())
                                            && p.version().compareTo(o.version()) < 0))
                    .toList()));
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
            "update",
            a -> {
              String[] words = ((String) a[0]).split("@");
              installed.add((String) a[0]);
              Plugins.Plugin before =
                  plugins.stream().filter(p -> p.name().equals(words[0])).findFirst().orElseThrow();
              Plugins.Plugin after =
                  new Plugins.Plugin(
                      words[0],
                      words[1],
                      "ee".repeat(32),
                      before.state(),
                      before.parts(),
                      before.users());
              plugins.replaceAll(p -> p == before ? after : p);
              return new Plugins.Update(before, after, List.of(), 12);
            },
            "rollback",
            a -> {
              throw new RigException(
                  RigException.Kind.CONFLICT, "plugin " + a[0] + " has no earlier version");
            },
            "remove",
            a -> {
              plugins.removeIf(p -> p.name().equals(a[0]));
              return null;
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
