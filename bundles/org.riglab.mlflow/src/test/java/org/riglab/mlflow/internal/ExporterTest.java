package org.riglab.mlflow.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;

/** Against a server that asks for what MLflow's REST API 2.0 asks for. */
public final class ExporterTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2019-01-07T12:00:00Z"), ZoneOffset.UTC);
  private static final Set<String> STATUS =
      Set.of("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED");

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, JsonObject> runs = Collections.synchronizedMap(new TreeMap<>());
  private final AtomicInteger unanswered = new AtomicInteger();
  private final Map<String, Object> spec =
      new TreeMap<>(Map.of("lr", 0.1, "long", "x".repeat(900)));
  private volatile boolean experiment;
  private volatile Run.State state = Run.State.RUNNING;
  private HttpServer server;
  private Exporter exporter;

  private final Lab lab =
      (Lab)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Lab.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "run" -> run((long) arguments[0]);
                    case "listen" -> (Lab.Registration) () -> {};
                    default -> throw new AssertionError(method);
                  });

  @After
  public void stop() {
    if (exporter != null) {
      exporter.stop();
    }
    if (server != null) {
      server.stop(0);
    }
    assertEquals(List.of(), wrong);
  }

  private Run run(long id) {
    return new Run(
        id,
        "run " + id,
        Run.Kind.TRAIN,
        state,
        "rig",
        Map.of("backbone", "resnet"),
        spec,
        0,
        0,
        List.of(),
        "cpu",
        0,
        0,
        Map.of(),
        Map.of(),
        new Run.Progress(4, 4, 1, 0),
        Map.of(),
        "",
        List.of(),
        new Run.Times(
            Instant.ofEpochSecond(1000),
            Optional.of(Instant.ofEpochSecond(2000)),
            state.ended() ? Optional.of(Instant.ofEpochSecond(3000)) : Optional.empty(),
            0),
        "");
  }

  private void serve(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  private void export(int mostPoints) {
    exporter =
        new Exporter(
            lab,
            Tracker.at("http://127.0.0.1:" + server.getAddress().getPort() + "/", "secret"),
            "rig & lab",
            NOON,
            Duration.ofMillis(1),
            mostPoints);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (unanswered.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (!"Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        wrong.add("no token");
      }
      String path = exchange.getRequestURI().getPath();
      JsonObject answer;
      int status = 200;
      try {
        answer =
            answer(
                exchange.getRequestMethod() + " " + path.replace("/api/2.0/mlflow/", ""),
                Optional.ofNullable(exchange.getRequestURI().getRawQuery())
                    .map(q -> URLDecoder.decode(q, StandardCharsets.UTF_8))
                    .orElse(""),
                body.isEmpty() ? new JsonObject() : JsonParser.parseString(body).getAsJsonObject());
        if (answer == null) {
          status = 404;
          answer = new JsonObject();
          answer.addProperty("error_code", "RESOURCE_DOES_NOT_EXIST");
        }
      } catch (RuntimeException e) {
        wrong.add(path + " " + body + ": " + e);
        status = 400;
        answer = new JsonObject();
      }
      byte[] bytes = answer.toString().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static String text(JsonObject object, String name) {
    return object.getAsJsonPrimitive(name).getAsString();
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(what);
    }
  }

  private JsonObject answer(String call, String query, JsonObject body) {
    return switch (call) {
      case "GET experiments/get-by-name" -> {
        check(query.equals("experiment_name=rig & lab"), query);
        yield experiment
            ? JsonParser.parseString("{\"experiment\": {\"experiment_id\": \"5\"}}")
                .getAsJsonObject()
            : null;
      }
      case "POST experiments/create" -> {
        check(text(body, "name").equals("rig & lab") && !experiment, "name");
        experiment = true;
        told.add("experiment");
        yield JsonParser.parseString("{\"experiment_id\": \"5\"}").getAsJsonObject();
      }
      case "POST runs/search" -> {
        check(body.getAsJsonArray("experiment_ids").get(0).getAsString().equals("5"), "ids");
        JsonArray found = new JsonArray();
        for (JsonObject run : runs.values()) {
          String tag = text(run.getAsJsonArray("tags").get(0).getAsJsonObject(), "value");
          if (text(body, "filter").equals("tags.`riglab.run` = '" + tag + "'")) {
            found.add(JsonParser.parseString("{\"info\": " + run + "}"));
          }
        }
        JsonObject answer = new JsonObject();
        if (!found.isEmpty()) {
          answer.add("runs", found);
        }
        yield answer;
      }
      case "POST runs/create" -> {
        check(text(body, "experiment_id").equals("5"), "experiment");
        check(body.get("start_time").getAsLong() == 2_000_000, "start");
        String id = "r" + (runs.size() + 1);
        // The tag by which it is found comes first, as maps have no order.
        JsonArray tags = new JsonArray();
        for (JsonElement tag : body.getAsJsonArray("tags")) {
          if (text(tag.getAsJsonObject(), "key").equals("riglab.run")) {
            tags.add(tag);
          }
        }
        body.add("tags", tags);
        body.addProperty("run_id", id);
        runs.put(id, body);
        told.add("create " + text(body, "run_name"));
        yield JsonParser.parseString("{\"run\": {\"info\": " + body + "}}").getAsJsonObject();
      }
      case "POST runs/log-batch" -> {
        check(runs.containsKey(text(body, "run_id")), "run");
        JsonArray metrics = body.getAsJsonArray("metrics");
        JsonArray parameters = body.getAsJsonArray("params");
        check(metrics.size() <= 1000 && parameters.size() <= 100, "too many");
        for (JsonElement element : metrics) {
          JsonObject metric = element.getAsJsonObject();
          check(text(metric, "key").matches("[\\p{L}\\p{N}_\\-. /]+"), "key");
          check(metric.get("timestamp").getAsLong() == NOON.millis(), "timestamp");
          told.add(
              text(body, "run_id")
                  + " "
                  + text(metric, "key")
                  + " "
                  + metric.get("step").getAsLong()
                  + " "
                  + metric.get("value").getAsDouble());
        }
        for (JsonElement element : parameters) {
          JsonObject parameter = element.getAsJsonObject();
          check(text(parameter, "value").length() <= 500, "value");
          told.add(text(parameter, "key") + "=" + text(parameter, "value").replaceAll("x+", "x"));
        }
        for (JsonElement tag : body.getAsJsonArray("tags")) {
          told.add("tag " + text(tag.getAsJsonObject(), "key"));
        }
        yield new JsonObject();
      }
      case "POST runs/update" -> {
        check(runs.containsKey(text(body, "run_id")), "run");
        check(STATUS.contains(text(body, "status")), "status");
        told.add(
            text(body, "run_id")
                + " "
                + text(body, "status")
                + (body.has("end_time") ? " " + body.get("end_time").getAsLong() : ""));
        yield new JsonObject();
      }
      default -> throw new IllegalArgumentException(call);
    };
  }

  private List<String> next(int count) throws InterruptedException {
    List<String> next = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String one = told.poll(15, TimeUnit.SECONDS);
      assertTrue("only " + next + ", wrong " + wrong, one != null);
      next.add(one);
    }
    return next;
  }

  private void state(long run, Run.State now) {
    state = now;
    exporter.event(new Event(1, Instant.EPOCH, run, Event.Type.STATE, ""));
  }

  private void point(long run, String metric, long step, double value) {
    exporter.points(
        run, new Run.Progress(1, 4, 1, 1), List.of(new LabListener.Point(metric, step, value)));
  }

  @Test
  public void aRunFromBeginningToEnd() throws Exception {
    serve(0);
    export(1000);
    state(7, Run.State.RUNNING);
    assertEquals(
        List.of(
            "experiment",
            "create run 7",
            "long=x",
            "lr=0.1",
            "network.backbone=resnet",
            "r1 RUNNING"),
        next(6));
    point(7, "loss", 1, 0.5);
    assertEquals(List.of("r1 loss 1 0.5"), next(1));
    point(7, "loss", 2, Double.NaN);
    point(7, "IoU.car (blue):\u00e4", 3, 0.25);
    assertEquals(List.of("r1 IoU.car _blue__\u00e4 3 0.25"), next(1));
    state(7, Run.State.DONE);
    assertEquals(List.of("r1 FINISHED 3000000"), next(1));
    for (Map.Entry<Run.State, String> entry :
        Map.of(
                Run.State.PAUSED,
                "r1 SCHEDULED",
                Run.State.FAILED,
                "r1 FAILED 3000000",
                Run.State.CANCELLED,
                "r1 KILLED 3000000")
            .entrySet()) {
      state(7, entry.getKey());
      assertEquals(List.of(entry.getValue()), next(1));
    }
  }

  @Test
  public void aRunIsFoundAgainAndOthersAreTheirOwn() throws Exception {
    serve(0);
    export(1000);
    point(7, "loss", 1, 0.5);
    assertEquals("r1 loss 1 0.5", next(6).get(5));
    exporter.stop();
    export(1000);
    point(7, "loss", 2, 0.25);
    assertEquals(List.of("r1 loss 2 0.25"), next(1));
    point(8, "loss", 1, 1);
    assertEquals("r2 loss 1 1.0", next(5).get(4));
  }

  @Test
  public void manyPointsAndParametersGoInPieces() throws Exception {
    for (int i = 0; i < 250; i++) {
      spec.put("option" + i, i);
    }
    serve(0);
    export(100_000);
    List<LabListener.Point> points = new ArrayList<>();
    for (int step = 1; step <= 5000; step++) {
      points.add(new LabListener.Point("loss", step, step));
    }
    exporter.points(7, new Run.Progress(1, 1, 1, 1), points);
    List<String> all = next(2 + 253 + 5000);
    assertEquals("r1 loss 1 1.0", all.get(255));
    assertEquals("r1 loss 5000 5000.0", all.get(5254));
  }

  @Test
  public void whatCannotBeSentWaits() throws Exception {
    serve(0);
    unanswered.set(5);
    export(1000);
    point(7, "loss", 1, 0.5);
    point(7, "loss", 2, 0.25);
    state(7, Run.State.DONE);
    List<String> all = next(8);
    assertEquals(
        List.of("r1 loss 1 0.5", "r1 loss 2 0.25", "r1 FINISHED 3000000"), all.subList(5, 8));
  }

  @Test
  public void whereTooMuchWaitsTheOldestGo() throws Exception {
    serve(0);
    int port = server.getAddress().getPort();
    export(10);
    server.stop(0);
    for (int step = 1; step <= 1000; step++) {
      point(7, "loss", step, step);
    }
    state(7, Run.State.DONE);
    serve(port);
    List<String> all = new ArrayList<>();
    do {
      all.addAll(next(1));
    } while (!all.get(all.size() - 1).equals("r1 FINISHED 3000000"));
    assertEquals("tag riglab.incomplete", all.get(all.size() - 2));
    List<String> sent = all.stream().filter(l -> l.startsWith("r1 loss")).toList();
    assertTrue(sent.toString(), sent.size() >= 10 && sent.size() < 1000);
    assertEquals("r1 loss 1000 1000.0", sent.get(sent.size() - 1));
  }

  @Test
  public void anAddressThatIsNoneIsRefused() {
    for (String uri : new String[] {null, "", "127.0.0.1:5000", "file:///etc", "http://", "a b"}) {
      RigException refused = assertThrows(uri, RigException.class, () -> Tracker.at(uri, ""));
      assertTrue(refused.getMessage(), refused.getMessage().contains("uri must be like http"));
    }
  }
}
