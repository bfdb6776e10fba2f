package org.riglab.launcher;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.RuleChain;
import org.junit.rules.TemporaryFolder;

/** Runs as jobs of a SLURM that is started for the test. */
public final class SlurmIT {
  private static final TemporaryFolder FOLDER = new TemporaryFolder();
  private static final Slurm SLURM = new Slurm(FOLDER);

  @ClassRule public static final RuleChain RULES = RuleChain.outerRule(FOLDER).around(SLURM);

  private static final String OPTIONS =
      "\"dataset\": \"shapes:size=32:train=8:val=2\", \"size\": \"32x32\", \"batch\": 2,"
          + " \"val_split\": \"none\", \"checkpoint_every\": 5, \"threads\": 1, \"workers\": 1";

  private static final int LONG = 1_000_000;
  private static final int STEPS = 300;
  private static final long SECONDS = 240;

  private static final String NETWORK =
      " --backbone resnet:layers=1,1,1,1:block=basic:width=8 --feedback 6..4 --iterations 2"
          + " --classes 6; ";

  /** Has PyTorch, for one test; {@code TorchrunTest} uses the same. */
  private static final String PYTHON = System.getProperty("riglab.python", "python3");

  private Path home;
  private final HttpClient http = HttpClient.newHttpClient();
  private Process server;
  private int port;
  private String token;

  private List<String> words(String... words) {
    List<String> all =
        new ArrayList<>(
            List.of(
                ScratchDistribution.built().resolve("bin/rig").toString(),
                "--home",
                home.toString()));
    all.addAll(List.of(words));
    return all;
  }

  private String rig(String... words) throws Exception {
    return Outcome.of(FOLDER.getRoot().toPath(), words(words)).ended(0);
  }

  private void serve() throws Exception {
    ProcessBuilder builder = new ProcessBuilder(words("server"));
    builder.environment().putAll(SLURM.environment());
    server = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String line =
        new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    assertTrue(line, line.startsWith("rig: serving"));
  }

  @After
  public void stop() throws Exception {
    if (server != null) {
      server.destroy();
      assertTrue("still running", server.waitFor(2, TimeUnit.MINUTES));
    }
    SLURM.run("scancel", "--user=root");
  }

  private JsonObject request(String method, String path, String body) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/api/v1/" + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertTrue(response.body(), response.statusCode() < 300);
    return Json.createReader(new StringReader(response.body())).readObject();
  }

  /**
   * @param more options
   * @param rest of the request
   */
  private List<Integer> submit(String network, int steps, String more, String rest)
      throws Exception {
    return request(
            "POST",
            "runs",
            """
            {"kind": "train", "network": "%s", "options": {%s, "steps": %d, "on": "slurm"%s}%s}\
            """
                .formatted(network, OPTIONS, steps, more, rest))
        .getJsonArray("runs")
        .getValuesAs(JsonObject.class)
        .stream()
        .map(run -> run.getInt("id"))
        .toList();
  }

  private JsonObject until(int run, Predicate<JsonObject> holds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    JsonObject last;
    do {
      last = request("GET", "runs/" + run, "");
      if (holds.test(last)) {
        return last;
      }
      Thread.sleep(500);
    } while (System.nanoTime() < end);
    throw new AssertionError(
        "run %d is %s; %s".formatted(run, last, SLURM.run("squeue", "-t", "all")));
  }

  private JsonObject until(int run, String state) throws Exception {
    return until(
        run,
        now -> {
          String is = now.getString("state");
          assertTrue(now.toString(), is.equals(state) || !is.equals("failed"));
          return is.equals(state);
        });
  }

  private static int done(JsonObject run) {
    return run.getJsonObject("progress").getInt("done");
  }

  /** The id of a run's job. */
  private String job(JsonObject run) {
    Path file = home.resolve(run.getString("folder")).resolve("cluster.json");
    try {
      return Json.createReader(new StringReader(Files.readString(file)))
          .readObject()
          .getString("job");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<ProcessHandle> processes(Predicate<List<String>> command) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().arguments().map(List::of).filter(command).isPresent())
        .toList();
  }

  private static void kill(String folder) {
    List<ProcessHandle> found =
        processes(
            words -> words.contains("--once") && words.get(words.size() - 1).endsWith(folder));
    assertEquals(1, found.size());
    found.get(0).destroyForcibly();
  }

  /** The values of a network's tensors, without the header that names its run. */
  private byte[] values(String network) throws Exception {
    byte[] all = Files.readAllBytes(home.resolve("models/" + network + "/network.safetensors"));
    long header = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Arrays.copyOfRange(all, Long.BYTES + Math.toIntExact(header), all.length);
  }

  /**
   * @param more configuration of other bundles
   * @param networks to be assembled
   * @param trained is trained here
   */
  private void prepare(String more, List<String> networks, String trained) throws Exception {
    home = Files.createTempDirectory(FOLDER.getRoot().toPath(), "home");
    Files.createDirectories(home.resolve("config"));
    try (ServerSocket web = new ServerSocket(0);
        ServerSocket ssh = new ServerSocket(0)) {
      port = web.getLocalPort();
      Files.writeString(
          home.resolve("config/slurm.json"),
          """
          {
            ":configurator:resource-version": 1,
            "org.riglab.runs": {"pictures": 0, "crash.limit": 50},
            "org.riglab.ssh": {"port": %d},
            "org.riglab.slurm": {"signal.seconds": 30, "java.options": ["-Xmx512m", "-XX:TieredStopAtLevel=1"]},
            %s
            "org.apache.felix.http": {"org.osgi.service.http.port": "%d"}
          }
          """
              .formatted(ssh.getLocalPort(), more, port));
    }
    String script = "";
    for (String name : networks) {
      script += "assemble " + name + NETWORK;
    }
    String said =
        rig(
            "exec",
            script
                + "train here --dataset shapes:size=32:train=8:val=2 --size 32x32 --batch 2"
                + " --val-split none --checkpoint-every 5 --threads 1 --workers 1 --steps "
                + STEPS
                + trained
                + "; token create --role operator");
    token = said.substring(said.lastIndexOf("rig_")).split("\\s+")[0];
  }

  @Test
  public void aSweepAndWhatInterruptsJobs() throws Exception {
    prepare("", List.of("here", "killed", "requeued", "cancelled", "limited", "swept"), "");
    serve();

    // It needs two minutes; the others go on meanwhile.
    int limited = submit("limited", LONG, ", \"cluster\": {\"time\": \"2\"}", "").get(0);
    String first = job(until(limited, "running"));
    int cancelled = submit("cancelled", LONG, "", "").get(0);
    until(cancelled, now -> now.getString("state").equals("running") && done(now) > 0);

    // A server that starts again finds its jobs, and passes on what is asked of them.
    server.destroy();
    assertTrue("still running", server.waitFor(2, TimeUnit.MINUTES));
    serve();
    JsonObject before = until(cancelled, "running");
    request("POST", "runs/" + cancelled + "/cancel", "");
    until(cancelled, "cancelled");
    assertTrue(done(until(cancelled, now -> done(now) >= done(before))) > 0);

    int killed = submit("killed", STEPS, "", "").get(0);
    JsonObject at = until(killed, now -> done(now) >= 20);
    kill(at.getString("folder"));
    until(killed, "done");
    assertArrayEquals(values("here"), values("killed"));

    int requeued = submit("requeued", STEPS, "", "").get(0);
    at = until(requeued, now -> done(now) >= 20);
    String job = job(at);
    assertEquals("", SLURM.run("scontrol", "requeue", job));
    until(requeued, now -> !now.getString("state").equals("running"));
    JsonObject again = until(requeued, "running");
    assertEquals(job, job(again));
    until(requeued, "done");
    assertArrayEquals(values("here"), values("requeued"));

    // Told to stop before its time is over, it goes on in another job.
    until(limited, now -> done(now) > 0 && !first.equals(job(now)));
    request("POST", "runs/" + limited + "/pause", "");
    until(limited, "paused");

    List<Integer> sweep = submit("swept", 2, "", ", \"seeds\": [1, 2, 3, 4, 5, 6]");
    assertEquals(6, sweep.size());
    for (int run : sweep) {
      JsonObject end = until(run, "done");
      assertEquals(2, done(end));
      assertTrue(end.toString(), end.getJsonObject("metrics").containsKey("loss"));
    }
  }

  private static boolean hasTorch() throws Exception {
    try {
      Process process = new ProcessBuilder(PYTHON, "-c", "import torch.distributed.run").start();
      process.getErrorStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // there is no such program
    }
  }

  /** Processes that torchrun has started for a run. */
  private static List<ProcessHandle> ranks(String folder) {
    String script = folder + "/processes/steps.py";
    return processes(
        words ->
            words.contains("rank")
                && !words.contains("agent")
                && words.stream().anyMatch(word -> word.endsWith(script)));
  }

  private String message(int run, String part) throws Exception {
    String events = request("GET", "runs/" + run + "/events", "").toString();
    assertTrue(events, events.contains(part));
    return events;
  }

  @Test
  public void oneTrainingIsAJobOfTwoNodes() throws Exception {
    assumeTrue("skipped: the kernel allows one node only", SLURM.nodes().size() == 2);
    assumeTrue("skipped: %s has no PyTorch".formatted(PYTHON), hasTorch());
    String torchrun = "\"org.riglab.torchrun\": {\"python\": \"%s\"},".formatted(PYTHON);
    prepare(
        torchrun,
        List.of("here", "stopped", "requeued", "limited", "lost"),
        " --engine torchrun --per-node 2");
    serve();
    String two = ", \"engine\": \"torchrun\", \"nodes\": 2, \"per_node\": 1";

    // Told to end by scancel, which signals the processes of both nodes: nothing is lost.
    int stopped = submit("stopped", STEPS, two, "").get(0);
    JsonObject at = until(stopped, now -> done(now) >= 20);
    assertEquals(2, ranks(at.getString("folder")).size());
    assertEquals("2 rig-node[1-2]", SLURM.run("squeue", "-h", "-o", "%D %N").strip());
    request("POST", "runs/" + stopped + "/pause", "");
    at = until(stopped, "paused");
    assertEquals(done(at), checkpoint(at));
    assertEquals(List.of(), ranks(at.getString("folder")));
    request("POST", "runs/" + stopped + "/resume", "");
    until(stopped, "done");
    assertArrayEquals(values("here"), values("stopped"));

    int requeued = submit("requeued", STEPS, two, "").get(0);
    at = until(requeued, now -> done(now) >= 20);
    assertEquals("", SLURM.run("scontrol", "requeue", job(at)));
    until(requeued, now -> !now.getString("state").equals("running"));
    until(requeued, "done");
    assertArrayEquals(values("here"), values("requeued"));

    // A process that is lost ends the run in one line, after a checkpoint.
    int lost = submit("lost", LONG, two, "").get(0);
    at = until(lost, now -> done(now) >= 20);
    ranks(at.getString("folder")).get(0).destroyForcibly();
    at = until(lost, "failed");
    String error = at.getString("error");
    assertTrue(error, error.matches("step \\d+: process [12] of 2: [^\n]+ continues"));
    assertEquals(done(at), checkpoint(at));

    // The time limit: a checkpoint before it, and another job.
    int limited = submit("limited", LONG, two + ", \"cluster\": {\"time\": \"2\"}", "").get(0);
    String first = job(until(limited, "running"));
    at = until(limited, now -> !first.equals(job(now)));
    message(limited, "job %s ended after step ".formatted(first));
    int before = checkpoint(at);
    assertTrue(before > 0);
    until(limited, now -> done(now) > before);
    request("POST", "runs/" + limited + "/cancel", "");
    until(limited, "cancelled");
  }

  /** The step of a run's last checkpoint. */
  private int checkpoint(JsonObject run) throws IOException {
    try (Stream<Path> files = Files.list(home.resolve(run.getString("folder")))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("step-\\d+"))
          .mapToInt(name -> Integer.parseInt(name.substring("step-".length())))
          .max()
          .orElse(0);
    }
  }
}
