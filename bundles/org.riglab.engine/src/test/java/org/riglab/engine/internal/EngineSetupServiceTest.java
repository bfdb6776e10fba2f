package org.riglab.engine.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.engine.ComputeCapability;
import org.riglab.api.engine.EngineInfo;
import org.riglab.api.engine.EngineSetup.Watcher;
import org.riglab.base.Json;

/** Sets up small files that look like libtorch, from a repository in a folder and over HTTP. */
public class EngineSetupServiceTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<String> messages = new ArrayList<>();
  private final List<String> tasks = new ArrayList<>();
  private final Watcher watcher =
      new Watcher() {
        @Override
        public void message(String line) {
          messages.add(line);
        }

        @Override
        public void progress(String task, long done, long total) {
          assertTrue(done >= 0 && done <= total);
          if (tasks.isEmpty() || !tasks.get(tasks.size() - 1).equals(task)) {
            tasks.add(task);
          }
        }
      };
  private Path root;
  private Path home;
  private CudaBuild build;
  private HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch ended = new CountDownLatch(1);
  private Duration silence = Duration.ofSeconds(60);

  @Before
  public void open() throws IOException {
    assumeTrue(System.getProperty("os.name").startsWith("Linux"));
    root = folder.getRoot().toPath().toRealPath();
    home = root.resolve("home");
    build = FakeBuild.repository(root.resolve("repository"));
  }

  @After
  public void close() {
    ended.countDown();
    if (server != null) {
      server.stop(0);
    }
    threads.shutdown();
  }

  private EngineSetupService service(String mirror) throws IOException {
    return service(
        "<mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors>"
            .formatted(mirror),
        home,
        build);
  }

  private EngineSetupService service(String settings, Path home, CudaBuild build)
      throws IOException {
    Path file = root.resolve("settings.xml");
    Files.writeString(file, "<settings>" + settings + "</settings>");
    ContextOverrides overrides =
        ContextOverrides.create()
            .withUserSettings(true)
            .withUserSettingsXmlOverride(file)
            .withGlobalSettingsXmlOverride(root.resolve("none.xml"))
            .withLocalRepositoryOverride(root.resolve("local"))
            .build();
    return new EngineSetupService(
        home,
        build,
        new Download(overrides, Duration.ofMillis(1), silence, EngineSetupService.OTHERS));
  }

  private String repository() {
    return root.resolve("repository").toUri().toString();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> engine(Path home) {
    return (Map<String, Object>)
        Json.read(home.resolve("config/engine.json")).get("org.riglab.engine");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  public void fetchesFromTheMirrorOfMavensSettings() throws IOException {
    EngineInfo info = service(repository()).fetch(Optional.empty(), watcher);

    Path libraries = home.resolve("engine/libtorch-2.7.1-cu128");
    assertEquals(EngineInfo.Build.CUDA, info.build());
    assertEquals(libraries.toString(), info.directory());
    assertEquals(
        List.of(new ComputeCapability(8, 0), new ComputeCapability(9, 0)), info.architectures());
    assertEquals(
        List.of(
            "libc10.so",
            "libc10_cuda.so",
            "libcublas.so.12",
            "libcudart.so.12",
            "libgomp.so.1",
            "libtorch.so",
            "libtorch_cpu.so",
            "libtorch_cuda.so",
            "sha256sums"),
        names(libraries));
    for (Map.Entry<String, byte[]> file : FakeBuild.cuda().entrySet()) {
      assertArrayEquals(file.getValue(), Files.readAllBytes(libraries.resolve(file.getKey())));
    }
    Map<String, Object> written = engine(home);
    assertEquals("cuda", written.get("build"));
    assertEquals("2.7.1", written.get("version"));
    assertEquals("cu128", written.get("flavor"));
    assertEquals(libraries.toString(), written.get("libraries"));
    assertEquals(libraries.toString(), written.get("cudart"));
    assertEquals(List.of("libcublas.so.12", "libcudart.so.12"), written.get("excluded"));
    assertEquals(List.of("8.0", "9.0"), written.get("architectures"));
    assertTrue(messages.get(0), messages.get(0).contains("NVIDIA"));
    assertEquals(List.of("fetching", "checking", "fetching", "checking", "unpacking"), tasks);
    // What was fetched is not kept twice.
    assertEquals(List.of(".lock", "libtorch-2.7.1-cu128"), names(home.resolve("engine")));
  }

  @Test
  public void homesShareAnEngine() throws IOException {
    Path shared = root.resolve("shared");
    service(repository()).fetch(Optional.of(shared), watcher);
    messages.clear();
    Path other = root.resolve("other");
    service("", other, build).fetch(Optional.of(shared), watcher);

    assertEquals(engine(home), engine(other));
    assertEquals(
        List.of("the engine is in " + shared.resolve("libtorch-2.7.1-cu128") + " already"),
        messages);
  }

  @Test
  public void anotherBuildReplacesTheFolder() throws IOException {
    service(repository()).fetch(Optional.empty(), watcher);
    Files.writeString(home.resolve("engine/libtorch-2.7.1-cu128/sha256sums"), "of another one");
    tasks.clear();
    service(repository()).fetch(Optional.empty(), watcher);
    assertTrue(tasks.contains("unpacking"));
  }

  @Test
  public void usesWhatMavenHasAlready() throws IOException {
    Path local = root.resolve("local");
    Path from = root.resolve("repository/org");
    Files.createDirectories(local);
    Files.move(from, local.resolve("org"));
    service(repository()).fetch(Optional.empty(), watcher);
    assertEquals("cuda", engine(home).get("build"));
    assertFalse(tasks.contains("fetching"));
    // Maven's own files stay.
    assertTrue(Files.exists(local.resolve(build.artifacts().get(0).path())));
  }

  @Test
  public void aWrongDigestIsRefusedAndNothingWritten() throws IOException {
    Path jar = root.resolve("repository").resolve(build.artifacts().get(1).path());
    byte[] bytes = Files.readAllBytes(jar);
    bytes[bytes.length / 2]++;
    Files.write(jar, bytes);

    RigException e =
        assertThrows(
            RigException.class, () -> service(repository()).fetch(Optional.empty(), watcher));
    assertEquals(RigException.Kind.INVALID, e.kind());
    assertTrue(
        e.getMessage(),
        e.getMessage().startsWith("cuda-1.0-linux.jar from " + repository())
            && e.getMessage().contains("expected " + build.artifacts().get(1).sha256()));
    assertFalse(Files.exists(home.resolve("config/engine.json")));
    // The good one stays, the bad one would only fail again.
    assertEquals(List.of("torch-1.0-linux.jar"), names(home.resolve("engine/.fetched")));
  }

  @Test
  public void aFailureLeavesTheEngineAsItWas() throws IOException {
    service(repository()).cpu();
    assertThrows(
        RigException.class,
        () -> service(root.resolve("nowhere").toUri().toString()).fetch(Optional.empty(), watcher));
    assertEquals(Map.of("build", "cpu"), engine(home));
  }

  /** What becomes of an answer whose first part has arrived. */
  private interface Interruption {
    void happen() throws IOException;
  }

  /** Breaks off in the middle of the first answer about each jar. */
  private List<String> serve(boolean ranges, Optional<String> credentials) throws IOException {
    return serve(
        ranges,
        credentials,
        2,
        () -> {
          throw new IOException("broken off");
        });
  }

  /**
   * Serves the repository.
   *
   * @param parts how many answers a jar takes; each but the last is interrupted
   * @param interruption of these
   */
  private List<String> serve(
      boolean ranges, Optional<String> credentials, int parts, Interruption interruption)
      throws IOException {
    List<String> requests = Collections.synchronizedList(new ArrayList<>());
    Map<String, Integer> asked = new ConcurrentHashMap<>();
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/maven/",
        exchange -> {
          String path = exchange.getRequestURI().getPath().substring("/maven/".length());
          String range = exchange.getRequestHeaders().getFirst("Range");
          requests.add(path.replaceFirst(".*/", "") + " " + range);
          byte[] bytes = Files.readAllBytes(root.resolve("repository").resolve(path));
          if (credentials.isPresent()
              && !credentials
                  .get()
                  .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
            return;
          }
          int from =
              ranges && range != null ? Integer.parseInt(range.replaceAll("\\D+(\\d+)-", "$1")) : 0;
          exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
          int part = asked.merge(path, 1, Integer::sum);
          int to = part < parts ? bytes.length / parts * part : bytes.length;
          OutputStream out = exchange.getResponseBody();
          out.write(bytes, from, to - from);
          out.flush();
          if (part < parts) {
            arrived(path, to);
            interruption.happen();
          }
          exchange.close();
        });
    server.start();
    return requests;
  }

  /** Waits until the file has so many bytes: those on the way may be lost with the connection. */
  private void arrived(String path, int bytes) throws IOException {
    File file = home.resolve("engine/.fetched/" + path.replaceFirst(".*/", "")).toFile();
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (file.length() < bytes) {
      if (System.nanoTime() > deadline) {
        throw new IOException(file + " has " + file.length() + " bytes, not " + bytes);
      }
      Thread.onSpinWait();
    }
  }

  private String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/maven";
  }

  @Test
  public void goesOnWhereItWasBrokenOff() throws IOException {
    List<String> requests = serve(true, Optional.empty());
    service(address()).fetch(Optional.empty(), watcher);
    long half = build.artifacts().get(1).bytes() / 2;
    assertEquals(4, requests.size());
    assertEquals("cuda-1.0-linux.jar null", requests.get(2));
    assertEquals("cuda-1.0-linux.jar bytes=" + half + "-", requests.get(3));
    assertEquals("cuda", engine(home).get("build"));
  }

  @Test
  public void goesOnWhileEachAttemptBringsSomething() throws IOException {
    List<String> requests =
        serve(
            true,
            Optional.empty(),
            9,
            () -> {
              throw new IOException("broken off");
            });
    service(address()).fetch(Optional.empty(), watcher);
    assertEquals(18, requests.size());
    assertEquals("cuda", engine(home).get("build"));
  }

  @Test
  public void givesUpAnAnswerThatStops() throws IOException {
    silence = Duration.ofSeconds(1);
    List<String> requests =
        serve(
            true,
            Optional.empty(),
            2,
            () -> {
              try {
                ended.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
            });
    service(address()).fetch(Optional.empty(), watcher);
    assertTrue(requests.toString(), requests.size() >= 4);
    assertEquals("cuda", engine(home).get("build"));
  }

  @Test
  public void goesOnWithWhatAnEarlierProcessFetched() throws IOException {
    List<String> requests = serve(true, Optional.empty());
    CudaBuild.Artifact torch = build.artifacts().get(0);
    byte[] bytes = Files.readAllBytes(root.resolve("repository").resolve(torch.path()));
    Path fetched = Files.createDirectories(home.resolve("engine/.fetched"));
    Files.write(fetched.resolve(torch.jar()), Arrays.copyOf(bytes, 10));
    service(address()).fetch(Optional.empty(), watcher);
    assertEquals("torch-1.0-linux.jar bytes=10-", requests.get(0));
  }

  @Test
  public void beginsAgainWhereTheRepositoryKnowsNoRanges() throws IOException {
    serve(false, Optional.empty());
    service(address()).fetch(Optional.empty(), watcher);
    assertEquals("cuda", engine(home).get("build"));
  }

  @Test
  public void usesTheCredentialsOfMavensSettings() throws IOException {
    String basic = Base64.getEncoder().encodeToString("me:secret".getBytes());
    serve(true, Optional.of("Basic " + basic));
    String mirror =
        "<mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors>"
            .formatted(address());
    RigException e =
        assertThrows(
            RigException.class,
            () -> service(mirror, home, build).fetch(Optional.empty(), watcher));
    assertTrue(e.getMessage(), e.getMessage().contains(address() + " (HTTP status 401)"));
    String servers =
        "<servers><server><id>m</id><username>me</username><password>secret</password></server>"
            + "</servers>";
    service(mirror + servers, home, build).fetch(Optional.empty(), watcher);
    assertEquals("cuda", engine(home).get("build"));
  }

  @Test
  public void saysThatThereIsNoNetworkOrNoSuchFile() throws IOException {
    RigException none =
        assertThrows(
            RigException.class,
            () -> service("http://127.0.0.1:1/maven").fetch(Optional.empty(), watcher));
    assertEquals(RigException.Kind.UNAVAILABLE, none.kind());
    assertTrue(
        none.getMessage(),
        none.getMessage()
                .startsWith(
                    "no Maven repository has org.example:torch:1.0:linux: http://127.0.0.1:1/maven"
                        + " (")
            && none.getMessage().contains("--python"));

    RigException unknown =
        assertThrows(
            RigException.class,
            () -> service("https://none.invalid/maven").fetch(Optional.empty(), watcher));
    assertTrue(
        unknown.getMessage(), unknown.getMessage().contains("(no such host, or no network)"));

    Files.delete(root.resolve("repository").resolve(build.artifacts().get(0).path()));
    RigException missing =
        assertThrows(
            RigException.class, () -> service(repository()).fetch(Optional.empty(), watcher));
    assertTrue(missing.getMessage(), missing.getMessage().contains("(not there)"));
    assertFalse(Files.exists(home.resolve("config/engine.json")));
  }

  @Test
  public void blockedByMavensSettingsHolds() throws IOException {
    String mirror =
        "<mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>%s</url><blocked>true</blocked>"
                .formatted(repository())
            + "</mirror></mirrors>";
    RigException e =
        assertThrows(
            RigException.class,
            () -> service(mirror, home, build).fetch(Optional.empty(), watcher));
    assertTrue(e.getMessage(), e.getMessage().contains("(blocked by Maven's settings)"));
  }

  private Path archive(String version, Map<String, byte[]> changes) throws IOException {
    Path libtorch = root.resolve("libtorch");
    Map<String, byte[]> files = new HashMap<>(FakeBuild.libtorch());
    files.putAll(FakeBuild.cuda());
    files.putAll(changes);
    files.values().removeIf(bytes -> bytes.length == 0);
    FakeBuild.write(libtorch.resolve("lib"), files);
    Files.writeString(libtorch.resolve("build-version"), version + "\n");
    return libtorch;
  }

  @Test
  public void usesAnOfficialArchive() throws IOException {
    Path libtorch = archive("2.7.1+cu128", Map.of());
    EngineInfo info = service(repository()).libtorch(libtorch);
    assertEquals("12.8", info.cuda());
    assertLinks(libtorch.resolve("lib"));
    assertEquals(libtorch.resolve("lib").toString(), engine(home).get("cudart"));
  }

  /** That the engine is a folder with links to libtorch, and to nothing else that is there. */
  private void assertLinks(Path libraries) throws IOException {
    Path links = Path.of((String) engine(home).get("libraries"));
    assertEquals(home.resolve("engine"), links.getParent());
    assertEquals(
        List.of(
            "libc10.so",
            "libc10_cuda.so",
            "libgomp.so.1",
            "libtorch.so",
            "libtorch_cpu.so",
            "libtorch_cuda.so"),
        names(links));
    assertEquals(
        libraries.resolve("libtorch_cuda.so"), links.resolve("libtorch_cuda.so").toRealPath());
    assertEquals(List.of(), engine(home).get("excluded"));
  }

  private void refused(String what, String version, Map<String, byte[]> changes)
      throws IOException {
    Path libtorch = archive(version, changes);
    RigException e =
        assertThrows(RigException.class, () -> service(repository()).libtorch(libtorch));
    assertEquals(
        libtorch + " " + what + "; needed is PyTorch 2.7.1 for CUDA 12 on Linux x86-64",
        e.getMessage());
    assertFalse(Files.exists(home.resolve("config")));
  }

  @Test
  public void refusesAnotherVersion() throws IOException {
    refused("is PyTorch 2.6.0+cu124", "2.6.0+cu124", Map.of());
  }

  @Test
  public void refusesABuildForTheCpu() throws IOException {
    refused(
        "is a build for the CPU only (2.7.1+cpu)",
        "2.7.1+cpu",
        Map.of("libc10_cuda.so", new byte[0]));
  }

  @Test
  public void refusesAnotherCuda() throws IOException {
    refused(
        "is for another major version of CUDA (11.8)",
        "2.7.1+cu118",
        Map.of("libc10_cuda.so", FakeBuild.library("libcudart.so.11.0")));
  }

  @Test
  public void refusesTheOldAbi() throws IOException {
    refused(
        "was built with the C++ ABI before C++11",
        "2.7.1+cu128",
        Map.of("libc10.so", FakeBuild.library("_ZNSs")));
  }

  @Test
  public void refusesAnotherMachine() throws IOException {
    byte[] arm = FakeBuild.library("__cxx11");
    arm[18] = (byte) 183;
    refused("is not for Linux x86-64", "2.7.1+cu128", Map.of("libc10.so", arm));
  }

  private Path python(String answer) throws IOException {
    Path python = root.resolve("python");
    Files.writeString(python, "#!/bin/sh\n" + answer + "\n");
    Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
    return python;
  }

  @Test
  public void usesThePackagesOfAPythonEnvironment() throws IOException {
    Path packages = root.resolve("site-packages");
    FakeBuild.write(packages.resolve("torch/lib"), FakeBuild.libtorch());
    FakeBuild.write(
        packages.resolve("torch/lib"),
        Map.of("libcaffe2_nvrtc.so", new byte[0], "libshm.so", new byte[0]));
    FakeBuild.write(packages.resolve("nvidia/cublas/lib"), Map.of());
    FakeBuild.write(packages.resolve("nvidia/cuda_runtime/lib"), FakeBuild.cuda());
    Files.writeString(
        packages.resolve("torch/version.py"),
        "__version__ = '2.7.1+cu126'\ncuda: Optional[str] = '12.6'\n");
    Path python = python("echo " + packages.resolve("torch"));
    EngineInfo info = service(repository()).python(python);
    assertEquals("12.6", info.cuda());
    assertEquals("Python: " + python, info.source());
    assertLinks(packages.resolve("torch/lib"));
    assertEquals(
        packages.resolve("nvidia/cuda_runtime/lib").toString(), engine(home).get("cudart"));
    assertEquals(List.of(), engine(home).get("excluded"));

    Files.writeString(packages.resolve("torch/version.py"), "__version__ = '2.10.0+cu128'\n");
    RigException e = assertThrows(RigException.class, () -> service(repository()).python(python));
    assertEquals(
        "the torch of "
            + python
            + " is PyTorch 2.10.0+cu128; needed is PyTorch 2.7.1 for CUDA 12 on Linux x86-64",
        e.getMessage());
    assertEquals("12.6", engine(home).get("cuda"));
  }

  @Test
  public void saysWhatAPythonLacks() throws IOException {
    RigException none =
        assertThrows(RigException.class, () -> service(repository()).python(python("echo")));
    assertEquals(
        "the environment of " + root.resolve("python") + " has no torch: pip install torch==2.7.1",
        none.getMessage());
    RigException broken =
        assertThrows(
            RigException.class,
            () -> service(repository()).python(python("echo no module named importlib; exit 1")));
    assertTrue(broken.getMessage(), broken.getMessage().endsWith(": no module named importlib"));
    RigException absent =
        assertThrows(
            RigException.class, () -> service(repository()).python(root.resolve("absent")));
    assertEquals(RigException.Kind.NOT_FOUND, absent.kind());
  }
}
