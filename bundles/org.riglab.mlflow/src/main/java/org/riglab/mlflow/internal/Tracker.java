package org.riglab.mlflow.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;

/** MLflow's REST API, version 2.0, as far as it is needed here. */
final class Tracker {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY = 429;
  private static final int CLIENT_ERROR = 400;
  private static final int SERVER_ERROR = 500;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  private final String base;
  private final String token;

  /** A value of a metric. */
  record Metric(String key, double value, long timestamp, long step) {}

  /** The tracker refuses a request; sending it again would not help. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    RefusedException(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  private Tracker(URI uri, String token) {
    this.base = uri.toString().replaceAll("/+$", "") + "/api/2.0/mlflow/";
    this.token = token;
  }

  /**
   * @param uri of the server, as configured
   * @param token empty for none
   * @return what talks to it
   * @throws RigException if the address is none
   */
  static Tracker at(String uri, String token) {
    try {
      URI parsed = URI.create(uri == null ? "" : uri);
      String scheme = parsed.getScheme();
      if (parsed.getHost() != null && ("http".equals(scheme) || "https".equals(scheme))) {
        return new Tracker(parsed, token);
      }
    } catch (IllegalArgumentException e) {
      throw wrong(uri, e);
    }
    throw wrong(uri, null);
  }

  private static RigException wrong(String uri, Exception cause) {
    return new RigException(
        "configuration "
            + Settings.PID
            + ": uri must be like http://127.0.0.1:5000, not '"
            + uri
            + "'",
        cause);
  }

  @Override
  public String toString() {
    return base;
  }

  /**
   * @param name of an experiment; made if there is none
   * @return its id
   */
  String experiment(String name) throws IOException, InterruptedException, RefusedException {
    try {
      String query =
          "experiments/get-by-name?experiment_name="
              + URLEncoder.encode(name, StandardCharsets.UTF_8);
      return text(
          send(request(query).GET().build()).getAsJsonObject("experiment"), "experiment_id");
    } catch (RefusedException e) {
      if (e.status != NOT_FOUND) {
        throw e;
      }
      JsonObject body = new JsonObject();
      body.addProperty("name", name);
      return text(post("experiments/create", body), "experiment_id");
    }
  }

  /**
   * @param experiment its id
   * @param tag name of a tag
   * @param value of the tag
   * @return id of the run that has it
   */
  Optional<String> find(String experiment, String tag, String value)
      throws IOException, InterruptedException, RefusedException {
    JsonObject body = new JsonObject();
    JsonArray experiments = new JsonArray();
    experiments.add(experiment);
    body.add("experiment_ids", experiments);
    body.addProperty("filter", "tags.`" + tag + "` = '" + value + "'");
    body.addProperty("max_results", 1);
    JsonArray runs = post("runs/search", body).getAsJsonArray("runs");
    return runs == null || runs.isEmpty()
        ? Optional.empty()
        : Optional.of(id(runs.get(0).getAsJsonObject()));
  }

  /**
   * @param experiment its id
   * @param name of the run
   * @param start milliseconds since 1970
   * @param tags of the run
   * @return its id
   */
  String create(String experiment, String name, long start, Map<String, String> tags)
      throws IOException, InterruptedException, RefusedException {
    JsonObject body = new JsonObject();
    body.addProperty("experiment_id", experiment);
    body.addProperty("run_name", name);
    body.addProperty("start_time", start);
    body.add("tags", pairs(tags));
    return id(post("runs/create", body).getAsJsonObject("run"));
  }

  /**
   * @param run its id
   * @param metrics 1000 at most
   * @param parameters 100 at most
   * @param tags 100 at most
   */
  void log(
      String run, List<Metric> metrics, Map<String, String> parameters, Map<String, String> tags)
      throws IOException, InterruptedException, RefusedException {
    JsonObject body = new JsonObject();
    body.addProperty("run_id", run);
    JsonArray values = new JsonArray();
    for (Metric metric : metrics) {
      JsonObject value = new JsonObject();
      value.addProperty("key", metric.key());
      value.addProperty("value", metric.value());
      value.addProperty("timestamp", metric.timestamp());
      value.addProperty("step", metric.step());
      values.add(value);
    }
    body.add("metrics", values);
    body.add("params", pairs(parameters));
    body.add("tags", pairs(tags));
    post("runs/log-batch", body);
  }

  /**
   * @param run its id
   * @param status RUNNING, SCHEDULED, FINISHED, FAILED or KILLED
   * @param end milliseconds since 1970; empty if it has not ended
   */
  void update(String run, String status, Optional<Long> end)
      throws IOException, InterruptedException, RefusedException {
    JsonObject body = new JsonObject();
    body.addProperty("run_id", run);
    body.addProperty("status", status);
    end.ifPresent(time -> body.addProperty("end_time", time));
    post("runs/update", body);
  }

  private static JsonArray pairs(Map<String, String> map) {
    JsonArray pairs = new JsonArray();
    map.forEach(
        (key, value) -> {
          JsonObject pair = new JsonObject();
          pair.addProperty("key", key);
          pair.addProperty("value", value);
          pairs.add(pair);
        });
    return pairs;
  }

  private static String id(JsonObject run) throws IOException {
    return text(run == null ? null : run.getAsJsonObject("info"), "run_id");
  }

  private static String text(JsonObject object, String name) throws IOException {
    if (object == null || !object.has(name)) {
      throw new IOException("the answer has no " + name);
    }
    return object.get(name).getAsString();
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(ANSWER);
    return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
  }

  private JsonObject post(String path, JsonObject body)
      throws IOException, InterruptedException, RefusedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build());
  }

  private JsonObject send(HttpRequest request)
      throws IOException, InterruptedException, RefusedException {
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    int status = answer.statusCode();
    String what = request.uri().getPath() + " answered " + status;
    if (status >= SERVER_ERROR || status == TOO_MANY) {
      throw new IOException(what);
    } else if (status >= CLIENT_ERROR) {
      String body = answer.body().replaceAll("\\p{Cntrl}", " ");
      throw new RefusedException(
          status, what + ": " + body.substring(0, Math.min(200, body.length())));
    }
    try {
      return JsonParser.parseString(answer.body()).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new IOException(what + ", and no JSON", e);
    }
  }
}
