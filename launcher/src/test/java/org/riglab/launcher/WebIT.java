package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.AfterClass;
import org.junit.Assume;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.rules.Timeout;

/** The page and the API of a server as it is distributed, over HTTP and TLS. */
public final class WebIT {
  private static final String PASSWORD = "not a secret";

  @ClassRule public static final TemporaryFolder SHARED = new TemporaryFolder();
  private static Path home;
  private static Path rig;
  private static int port;
  private static int securePort;
  private static Process server;

  @Rule public final Timeout hang = Timeout.seconds(120);

  @BeforeClass
  public static void serve() throws Exception {
    Path root = SHARED.getRoot().toPath();
    rig = ScratchDistribution.built().resolve("bin/rig");
    home = Files.createDirectories(root.resolve("home"));
    Path keystore = home.resolve("lab.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "lab",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                keystore.toString())
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("keytool.log").toFile())
            .start();
    assertEquals(0, keytool.waitFor());
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket two = new ServerSocket(0);
        ServerSocket three = new ServerSocket(0)) {
      port = one.getLocalPort();
      securePort = two.getLocalPort();
      Files.createDirectories(home.resolve("config"));
      Files.writeString(
          home.resolve("config/web.json"),
          """
          {
            ":configurator:resource-version": 1,
            "org.riglab.ssh": {"port": %d},
            "org.apache.felix.http": {
              "org.osgi.service.http.port": "%d",
              "org.apache.felix.https.enable": true,
              "org.osgi.service.http.port.secure": "%d",
              "org.apache.felix.https.keystore": "%s",
              "org.apache.felix.https.keystore.type": "PKCS12",
              "org.apache.felix.https.keystore.password": "%s"
            }
          }
          """
              .formatted(three.getLocalPort(), port, securePort, keystore, PASSWORD));
    }
    server =
        new ProcessBuilder(rig.toString(), "--home", home.toString(), "server")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    assertTrue(line, line.startsWith("rig: serving"));
  }

  @AfterClass
  public static void stop() throws Exception {
    if (server != null) {
      server.destroy();
      assertTrue("still running", server.waitFor(1, TimeUnit.MINUTES));
    }
  }

  private static String rig(String... words) throws Exception {
    ProcessBuilder command = new ProcessBuilder(rig.toString(), "--home", home.toString());
    command.command().addAll(List.of(words));
    Process process = command.redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(out, 0, process.waitFor());
    return out;
  }

  private static HttpResponse<String> get(String path, String token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  public void aTokenOpensTheServerThatRunsUntilItIsRevoked() throws Exception {
    assertEquals(401, get("/api/v1/runs", "").statusCode());
    String[] created = rig("token", "create", "--role", "viewer", "--days", "1").split("\\s+");
    String secret = created[0];
    String id = created[2].replace(":", "");
    HttpResponse<String> runs = get("/api/v1/runs", secret);
    assertEquals(200, runs.statusCode());
    assertEquals("{\"total\":0,\"runs\":[]}", runs.body());
    String metrics = get("/metrics", secret).body();
    assertTrue(metrics, metrics.contains("\nriglab_runs{state=\"running\"} 0\n"));
    assertTrue(get("/", secret).body().contains("<title>Riglab</title>"));
    assertTrue(get("/uPlot.esm.js", secret).body().contains("uPlot"));
    rig("token", "revoke", id);
    assertEquals(401, get("/api/v1/runs", secret).statusCode());
  }

  @Test
  public void everyHealthCheckIsThereAndWell() throws Exception {
    HttpResponse<String> health = get("/health", "");
    assertEquals(health.body(), 200, health.statusCode());
    for (String check : List.of("database", "disk", "memory", "plugins", "queue")) {
      assertTrue(health.body(), health.body().contains("\"" + check + "\":"));
    }
  }

  @Test
  public void aWorkerAssemblesSwapsAndPredicts() throws Exception {
    String secret = rig("token", "create", "--role", "operator").split("\\s+")[0];
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(40, 32, BufferedImage.TYPE_INT_RGB), "png", png);
    byte[] seer =
        """
        {"name": "seer", "spec": {"backbone": "resnet:layers=1,1,1,1:width=8", "classes": 3,
         "unroll": "parallel", "feedback": [4, 5, 6], "iterations": 2}}\
        """
            .getBytes(StandardCharsets.UTF_8);
    HttpResponse<byte[]> made = ask(secret, "POST", "", "application/json", seer);
    assertEquals(new String(made.body(), StandardCharsets.UTF_8), 201, made.statusCode());
    HttpResponse<byte[]> again = ask(secret, "POST", "", "application/json", seer);
    assertEquals(new String(again.body(), StandardCharsets.UTF_8), 409, again.statusCode());
    byte[] gate = "{\"spec\": {\"gate\": \"add-relu\"}}".getBytes(StandardCharsets.UTF_8);
    HttpResponse<byte[]> swapped = ask(secret, "PUT", "/seer", "application/json", gate);
    String transfer = new String(swapped.body(), StandardCharsets.UTF_8);
    assertEquals(transfer, 200, swapped.statusCode());
    assertTrue(transfer, transfer.contains("add-relu"));
    assertTrue(transfer, !transfer.contains("\"kept\":0"));
    HttpResponse<byte[]> answer =
        ask(secret, "POST", "/seer/predict", "image/png", png.toByteArray());
    assertEquals(new String(answer.body(), StandardCharsets.UTF_8), 200, answer.statusCode());
    BufferedImage overlay = ImageIO.read(new ByteArrayInputStream(answer.body()));
    assertTrue("with a legend beside it", overlay.getWidth() > 40 && overlay.getHeight() >= 32);
    Path maps = Path.of("/proc", Long.toString(server.pid()), "maps");
    Assume.assumeTrue("no " + maps, Files.exists(maps));
    assertFalse("the server loaded the engine", Files.readString(maps).contains("libtorch_cpu"));
  }

  private static HttpResponse<byte[]> ask(
      String token, String method, String path, String type, byte[] body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://localhost:" + port + "/api/v1/networks" + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", type)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }

  @Test
  public void comesOverTls() throws Exception {
    KeyStore keys = KeyStore.getInstance(home.resolve("lab.p12").toFile(), PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore certificates = KeyStore.getInstance("PKCS12");
    certificates.load(null, null);
    certificates.setCertificateEntry("lab", keys.getCertificate("lab"));
    trust.init(certificates);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    String secret = rig("token", "create").split("\\s+")[0];
    HttpResponse<String> session =
        HttpClient.newBuilder()
            .sslContext(tls)
            .build()
            .send(
                HttpRequest.newBuilder(
                        URI.create("https://localhost:" + securePort + "/api/v1/session"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"token\":\"" + secret + "\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(session.body(), 201, session.statusCode());
    String cookie = session.headers().firstValue("Set-Cookie").get();
    assertTrue(cookie, cookie.startsWith("__Host-rig_session_") && cookie.endsWith("; Secure"));
    assertTrue(session.headers().firstValue("Strict-Transport-Security").isPresent());
  }

  @Test
  public void listensToThisMachineOnly() throws Exception {
    for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(network.getInetAddresses())) {
        if (!address.isLoopbackAddress()) {
          try (Socket socket = new Socket()) {
            assertThrows(
                address.toString(),
                ConnectException.class,
                () -> socket.connect(new InetSocketAddress(address, port), 10_000));
          }
        }
      }
    }
  }

  @Test
  public void whatIsNotHttpIsRefusedAsJson() throws IOException {
    try (Socket socket = new Socket("localhost", port);
        InputStream in = socket.getInputStream()) {
      socket.getOutputStream().write("GET /%2e%2e HTTP/1.1\r\n\r\n".getBytes("US-ASCII"));
      String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer, answer.startsWith("HTTP/1.1 400 "));
      assertTrue(answer, answer.contains("\r\n\r\n{\"status\":400,\"error\":\""));
    }
  }
}
