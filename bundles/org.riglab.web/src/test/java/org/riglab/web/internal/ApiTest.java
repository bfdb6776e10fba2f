package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

public class ApiTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private TestServer server;

  @Before
  public void start() throws Exception {
    server = new TestServer(folder.getRoot().toPath().toRealPath());
  }

  @After
  public void stop() throws Exception {
    server.close();
  }

  private JsonObject get(String path) throws Exception {
    HttpResponse<String> answer = server.get("viewer", path);
    assertEquals(answer.body(), 200, answer.statusCode());
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  private JsonObject post(String method, String path, String body, int status) throws Exception {
    HttpResponse<String> answer = server.json("operator", method, path, body);
    assertEquals(answer.body(), status, answer.statusCode());
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  private static List<Long> ids(JsonArray runs) {
    List<Long> ids = new ArrayList<>();
    runs.forEach(run -> ids.add(run.getAsJsonObject().get("id").getAsLong()));
    return ids;
  }

  @Test
  public void listsByFilterColumnAndPage() throws Exception {
    for (int i = 1; i <= 5; i++) {
      server.lab.add(
          "run-" + i, i == 3 ? Run.State.FAILED : Run.State.DONE, Map.of("lr", i / 10.0));
    }
    server.lab.point(4, "mIoU.t1", 9, 0.5);
    server.lab.point(4, "mIoU.t2", 9, 0.625);
    JsonObject page = get("/api/v1/runs?limit=2&offset=1&columns=id,mIoU,spec.lr,metric.mIoU.t1");
    assertEquals(5, page.get("total").getAsInt());
    assertEquals(
        "[{\"id\":4,\"mIoU\":0.625,\"spec.lr\":0.4,\"metric.mIoU.t1\":0.5},"
            + "{\"id\":3,\"mIoU\":null,\"spec.lr\":0.3,\"metric.mIoU.t1\":null}]",
        page.getAsJsonArray("runs").toString());
    assertEquals(List.of(3L), ids(get("/api/v1/runs?state=failed").getAsJsonArray("runs")));
    assertEquals(List.of(2L), ids(get("/api/v1/runs?text=RUN-2").getAsJsonArray("runs")));
    for (Map.Entry<String, String> wrong :
        Map.of(
                "state=dead",
                "there is no state 'dead'; there are queued, running, paused, done, failed,"
                    + " cancelled",
                "limit=0",
                "limit is not a whole number from 1 to 1000",
                "limit=1&limit=2",
                "the query parameter limit occurs twice",
                "nope=x",
                "there is no such query parameter; there are columns, kind, limit, offset, sort,"
                    + " state, sweep, text, where")
            .entrySet()) {
      HttpResponse<String> answer = server.get("viewer", "/api/v1/runs?" + wrong.getKey());
      assertEquals("{\"status\":400,\"error\":\"" + wrong.getValue() + "\"}", answer.body());
    }
  }

  @Test
  public void curvesKeepExtremesAndTellNotANumber() throws Exception {
    server.lab.add("a", Run.State.RUNNING, Map.of());
    for (int step = 1; step <= 10; step++) {
      server.lab.point(1, "loss", step, step == 4 ? 100 : step);
    }
    server.lab.point(1, "lr", 1, Double.NaN);
    JsonArray curves =
        get("/api/v1/runs/1/curves?metric=loss,lr&points=5").getAsJsonArray("curves");
    assertEquals(
        "{\"metric\":\"loss\",\"total\":10,\"last\":10.0,\"step\":[2,4,6,8,10],\"mean\":[1.5,51.5,5.5,7.5,9.5],"
            + "\"low\":[1.0,3.0,5.0,7.0,9.0],\"high\":[2.0,100.0,6.0,8.0,10.0]}",
        curves.get(0).toString());
    assertEquals("[null]", curves.get(1).getAsJsonObject().get("mean").toString());
    assertTrue(curves.get(1).getAsJsonObject().get("last").isJsonNull());
  }

  @Test
  public void submitsWhatWasSaid() throws Exception {
    JsonObject answer =
        post(
            "POST",
            "/api/v1/runs",
            """
            {"kind": "train", "network": "rig", "options": {"lr": 0.1, "steps": 10},
             "grid": {"batch": [1, 2]}, "seeds": [1, 2], "priority": 3, "after": [4]}
            """,
            201);
    assertEquals(1, answer.getAsJsonArray("runs").size());
    Request request = server.lab.requests.get(0);
    assertEquals(Run.Kind.TRAIN, request.kind());
    assertEquals(Map.of("lr", 0.1, "steps", 10L), request.options());
    assertEquals(Map.of("batch", List.of(1L, 2L)), request.grid());
    assertEquals(List.of(1L, 2L), request.seeds());
    assertEquals(List.of(4L), request.after());
    assertEquals(3, request.priority());
    assertEquals(
        "a training needs a network",
        post("POST", "/api/v1/runs", "{\"kind\": \"train\"}", 400).get("error").getAsString());
  }

  @Test
  public void changesRuns() throws Exception {
    server.lab.add("a", Run.State.RUNNING, Map.of());
    server.lab.add("b", Run.State.DONE, Map.of());
    for (String[] change :
        new String[][] {
          {"pause", "paused"}, {"resume", "queued"}, {"cancel", "cancelled"}, {"retry", "queued"}
        }) {
      assertEquals(
          change[1],
          post("POST", "/api/v1/runs/1/" + change[0], "", 200).get("state").getAsString());
    }
    assertEquals(
        7,
        post("PUT", "/api/v1/runs/1/priority", "{\"priority\": 7}", 200)
            .get("priority")
            .getAsInt());
    post("PUT", "/api/v1/runs/1/priority", "{\"priority\": 1001}", 400);
    assertEquals(3, post("POST", "/api/v1/runs/2/replay", "", 200).get("id").getAsInt());
    assertEquals(
        "run 2 has ended",
        post("POST", "/api/v1/runs/2/pause", "", 409).get("error").getAsString());
    assertEquals(
        "there is no run 9",
        post("POST", "/api/v1/runs/9/pause", "", 404).get("error").getAsString());
    assertEquals(404, server.get("viewer", "/api/v1/runs/x").statusCode());
  }

  /** Whatever the words are. */
  @Test
  public void theStatusOfAFailureFollowsItsKind() throws Exception {
    for (RigException.Kind kind : RigException.Kind.values()) {
      server.lab.failure = new RigException(kind, "there is no run 1; it is in use by a training");
      JsonObject error =
          post(
              "POST",
              "/api/v1/runs",
              "{\"kind\": \"train\", \"network\": \"rig\"}",
              Refusal.status(kind));
      assertEquals(
          "there is no run 1; it is in use by a training", error.get("error").getAsString());
      assertEquals(
          kind.name(),
          error.get("kind").getAsString().toUpperCase(java.util.Locale.ROOT).replace('-', '_'));
    }
  }

  @Test
  public void reordersTheQueue() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      server.lab.add(name, Run.State.QUEUED, Map.of());
    }
    server.lab.add("d", Run.State.RUNNING, Map.of());
    JsonObject queue = post("PUT", "/api/v1/queue/3", "{\"before\": 1}", 200);
    assertEquals(List.of(3L, 1L, 2L), ids(queue.getAsJsonArray("queued")));
    assertEquals(List.of(4L), ids(queue.getAsJsonArray("running")));
    queue = post("PUT", "/api/v1/queue/3", "{\"before\": 0}", 200);
    assertEquals(List.of(1L, 2L, 3L), ids(queue.getAsJsonArray("queued")));
    post("PUT", "/api/v1/queue/4", "{\"before\": 1}", 409);
  }

  @Test
  public void comparesAnyNumberOfRuns() throws Exception {
    for (int i = 0; i < 3; i++) {
      server.lab.add("r", Run.State.DONE, Map.of("lr", i == 2 ? 0.5 : 0.1));
      server.lab.point(i + 1, "IoU.road", 1, 0.25 * (i + 1));
    }
    server.lab.point(1, "IoU.sky", 1, 0.5);
    server.lab.point(2, "loss", 1, 1.5);
    JsonObject differences = get("/api/v1/compare?runs=1,2,3");
    assertEquals("{\"lr\":[0.1,0.1,0.5]}", differences.get("spec").toString());
    assertEquals("[\"road\",\"sky\"]", differences.get("classes").toString());
    assertEquals("[[0.25,0.5,0.75],[0.5,null,null]]", differences.get("iou").toString());
    assertEquals("{\"loss\":[null,1.5,null]}", differences.get("metrics").toString());
    assertTrue(differences.get("sameData").getAsBoolean());
    assertEquals(400, server.get("viewer", "/api/v1/compare?runs=1").statusCode());
    assertEquals(404, server.get("viewer", "/api/v1/compare?runs=1,77").statusCode());
  }

  @Test
  public void picturesShowWhatTheNetworkSays() throws Exception {
    server.lab.add("rig", Run.State.DONE, Map.of());
    server.lab.add("busy", Run.State.RUNNING, Map.of());
    JsonObject list = get("/api/v1/runs/1/pictures");
    assertEquals("[\"val-0\",\"val-1\",\"val-2\"]", list.get("images").toString());
    assertEquals("[1]", list.get("kept").toString());
    assertEquals(
        "{\"name\":\"disc\",\"colour\":\"#e69f00\"}",
        sorted(list.getAsJsonArray("classes").get(1).getAsJsonObject()));
    JsonObject picture = get("/api/v1/runs/1/pictures/1");
    assertEquals(
        "[\"image\",\"label\",\"t1\",\"t2\",\"gate.4.t2\",\"gate.5.t2\",\"gate.6.t2\"]",
        picture.get("layers").toString());
    assertTrue(picture.get("kept").getAsBoolean());
    assertFalse(get("/api/v1/runs/1/pictures/2").get("kept").getAsBoolean());
    assertEquals("[0.75,0.9]", picture.get("accuracy").toString());
    assertEquals(2, picture.get("iterations").getAsInt());
    assertEquals(
        "{\"layer\":\"gate.5.t2\",\"block\":5,\"iteration\":2,\"low\":0.25,\"high\":1.5}",
        picture.getAsJsonArray("gates").get(1).toString());
    BufferedImage first = layer("t1");
    assertEquals(0xffe69f00, first.getRGB(TestServer.SIZE / 2, TestServer.SIZE / 2));
    assertEquals(0xff404040, first.getRGB(0, 0));
    BufferedImage gate = layer("gate.5.t2");
    assertEquals(8, gate.getWidth());
    assertEquals(255, gate.getRaster().getSample(0, 0, 0));
    assertEquals(255 - 3 * 8, gate.getRaster().getSample(0, 1, 0));
    assertEquals(404, server.get("viewer", "/api/v1/runs/1/pictures/1/t3").statusCode());
    assertEquals(404, server.get("viewer", "/api/v1/runs/1/pictures/3").statusCode());
    assertEquals(404, server.get("viewer", "/api/v1/runs/1/pictures/-1").statusCode());
    assertEquals(
        "{\"status\":423,\"kind\":\"busy\",\"error\":\"network busy is in use by a training\"}",
        server.get("viewer", "/api/v1/runs/2/pictures/0").body());
  }

  private static String sorted(JsonObject object) {
    return "{\"name\":" + object.get("name") + ",\"colour\":" + object.get("colour") + "}";
  }

  private BufferedImage layer(String name) throws Exception {
    HttpResponse<byte[]> answer =
        HttpClient.newHttpClient()
            .send(
                server.request("viewer", "/api/v1/runs/1/pictures/1/" + name).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    assertEquals("image/png", answer.headers().firstValue("Content-Type").get());
    return ImageIO.read(new ByteArrayInputStream(answer.body()));
  }

  @Test
  public void healthIs503WhenSomethingIsCritical() throws Exception {
    HttpResponse<String> well = server.get("", "/health");
    assertEquals(200, well.statusCode());
    assertEquals("{\"status\":\"ok\",\"checks\":{\"disk\":\"ok\",\"queue\":\"ok\"}}", well.body());
    server.lab.checks.add(new Health.Check("run 7", Health.Status.WARN, "no step for 5 minutes"));
    HttpResponse<String> warned = server.get("", "/health");
    assertEquals(200, warned.statusCode());
    assertEquals(
        "{\"status\":\"warn\",\"checks\":{\"disk\":\"ok\",\"queue\":\"warn\"}}", warned.body());
    server.lab.checks.add(new Health.Check("disk", Health.Status.CRITICAL, "9 MB free"));
    HttpResponse<String> ill = server.get("", "/health");
    assertEquals(503, ill.statusCode());
    assertFalse("reasons are for those with a token", ill.body().contains("9 MB"));
    assertTrue(server.get("viewer", "/api/v1/health").body().contains("disk: 9 MB free"));
  }

  @Test
  public void metricsAreInPrometheusFormat() throws Exception {
    server.lab.add("a", Run.State.RUNNING, Map.of());
    server.lab.add("b", Run.State.QUEUED, Map.of());
    server.lab.step(1, new Run.Progress(10, 400, 20, 5), List.of(new Point("loss", 10, 1)));
    server.lab.step(1, new Run.Progress(25, 400, 21.5, 5), List.of(new Point("loss", 25, 1)));
    server.lab.checks.add(new Health.Check("a \"b\"\\\n", Health.Status.WARN, "x"));
    HttpResponse<String> answer = server.get("viewer", "/metrics");
    assertEquals(
        "text/plain;version=0.0.4;charset=utf-8",
        answer.headers().firstValue("Content-Type").get().replace(" ", ""));
    List<String> lines = answer.body().lines().toList();
    for (String line :
        List.of(
            "riglab_runs{state=\"running\"} 1",
            "riglab_runs{state=\"failed\"} 0",
            "riglab_queue_length 1",
            "riglab_steps_total 15",
            "riglab_images_per_second{run=\"1\"} 21.5",
            "riglab_check{check=\"a \\\"b\\\"\\\\\\n\"} 1",
            "riglab_disk_free_bytes 5368709120",
            "process_resident_memory_bytes 419430400")) {
      assertTrue(line, lines.contains(line));
    }
    Pattern sample =
        Pattern.compile(
            "[a-z_]+(\\{[a-z]+=\"([^\"\\\\\\n]|\\\\[\\\\n\"])*\"\\})? (-?[0-9.]+(E-?[0-9]+)?|NaN)");
    String metric = "";
    for (String line : lines) {
      if (line.startsWith("# HELP ")) {
        metric = line.split(" ")[2];
      } else if (line.startsWith("# TYPE ")) {
        assertTrue(line, line.matches("# TYPE " + metric + " (gauge|counter)"));
        assertEquals(line, metric.endsWith("_total"), line.endsWith("counter"));
      } else {
        assertTrue(line, sample.matcher(line).matches() && line.startsWith(metric));
      }
    }
  }

  @Test
  public void aPageThatIsKnownIsNotSentAgain() throws Exception {
    HttpResponse<String> page = server.get("viewer", "/app.js");
    String tag = page.headers().firstValue("ETag").get();
    HttpResponse<String> again =
        server.send(server.request("viewer", "/app.js").header("If-None-Match", tag));
    assertEquals(304, again.statusCode());
    assertEquals("", again.body());
    assertTrue(server.get("viewer", "/uPlot.esm.js").body().contains("uPlot"));
  }
}
