package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.base.Names;

/** What the API says of itself is what it does. */
public class OpenApiTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private TestServer server;
  private JsonObject file;

  @Before
  public void start() throws Exception {
    server = new TestServer(folder.getRoot().toPath().toRealPath());
    LabPage.fill(server);
    LabPage.evaluation(server);
    LabPage.table(server);
    server.offers.add(TestServer.offer("far-gate", "2.0.0", List.of("org.riglab.api 9.0")));
    file =
        JsonParser.parseString(server.get("viewer", "/api/v1/openapi.json").body())
            .getAsJsonObject();
  }

  @After
  public void stop() throws Exception {
    server.close();
  }

  private static boolean described(Route route) {
    return route.template().startsWith("/api/")
        || Set.of("/metrics", "/health").contains(route.template());
  }

  @Test
  public void everyRouteAndNoOther() {
    Map<String, String> expected = new TreeMap<>();
    Set<String> open = Set.of("GET /health", "POST /api/v1/session");
    for (Route route : server.web.routes()) {
      if (described(route)) {
        String name = route.method() + " " + route.template();
        expected.put(
            name,
            (open.contains(name) ? "anybody" : route.role().word())
                + " "
                + new TreeSet<>(route.query()));
      }
    }
    Map<String, String> found = new TreeMap<>();
    operations()
        .forEach(
            (name, operation) -> {
              Set<String> query = new TreeSet<>();
              Set<String> path = new TreeSet<>();
              if (operation.has("parameters")) {
                for (JsonElement p : operation.getAsJsonArray("parameters")) {
                  JsonObject parameter = p.getAsJsonObject();
                  (parameter.get("in").getAsString().equals("path") ? path : query)
                      .add(parameter.get("name").getAsString());
                }
              }
              Set<String> template = new TreeSet<>();
              for (String segment : name.split("/")) {
                if (segment.startsWith("{")) {
                  template.add(segment.substring(1, segment.length() - 1));
                }
              }
              assertEquals(name, template, path);
              found.put(name, operation.get("x-role").getAsString() + " " + query);
            });
    assertEquals(expected, found);
    assertTrue(found.size() > 30);
  }

  private Map<String, JsonObject> operations() {
    Map<String, JsonObject> operations = new TreeMap<>();
    for (var path : file.getAsJsonObject("paths").entrySet()) {
      for (var operation : path.getValue().getAsJsonObject().entrySet()) {
        operations.put(
            operation.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey(),
            operation.getValue().getAsJsonObject());
      }
    }
    return operations;
  }

  @Test
  public void namesAreUniqueAndReferencesLead() {
    Set<String> names = new HashSet<>();
    for (JsonObject operation : operations().values()) {
      assertTrue(names.add(operation.get("operationId").getAsString()));
    }
    List<String> references = new ArrayList<>();
    references(file, references);
    assertTrue(references.size() > 30);
    for (String reference : references) {
      assertNotNull(reference, resolve(reference));
    }
  }

  private static void references(JsonElement at, List<String> found) {
    if (at instanceof JsonObject object) {
      object
          .entrySet()
          .forEach(
              e -> {
                if (e.getKey().equals("$ref")) {
                  found.add(e.getValue().getAsString());
                }
                references(e.getValue(), found);
              });
    } else if (at instanceof JsonArray array) {
      array.forEach(e -> references(e, found));
    }
  }

  private JsonObject resolve(String reference) {
    JsonObject at = file;
    for (String key : reference.substring(2).split("/")) {
      at = at.getAsJsonObject(key);
      if (at == null) {
        return null;
      }
    }
    return at;
  }

  @Test
  public void answersAreAsDescribed() throws Exception {
    Map<String, String> asked =
        Map.ofEntries(
            Map.entry("/api/v1/runs", "/api/v1/runs"),
            Map.entry("/api/v1/columns", "/api/v1/columns"),
            Map.entry("/api/v1/fields", "/api/v1/fields"),
            Map.entry("/api/v1/sweep", "/api/v1/sweep?text=rig"),
            Map.entry("/api/v1/options", "/api/v1/options"),
            Map.entry("/api/v1/networks/{network}", "/api/v1/networks/rig"),
            Map.entry("/api/v1/runs/{run}", "/api/v1/runs/2"),
            Map.entry("/api/v1/runs/{run}/metrics", "/api/v1/runs/2/metrics"),
            Map.entry("/api/v1/runs/{run}/curves", "/api/v1/runs/2/curves?metric=loss,mIoU.t2"),
            Map.entry("/api/v1/runs/{run}/events", "/api/v1/runs/2/events"),
            Map.entry("/api/v1/runs/{run}/files", "/api/v1/runs/2/files"),
            Map.entry("/api/v1/runs/{run}/evaluation", "/api/v1/runs/2/evaluation"),
            Map.entry("/api/v1/runs/{run}/pictures", "/api/v1/runs/2/pictures"),
            Map.entry("/api/v1/runs/{run}/pictures/{index}", "/api/v1/runs/2/pictures/0"),
            Map.entry("/api/v1/queue", "/api/v1/queue"),
            Map.entry("/api/v1/compare", "/api/v1/compare?runs=1,2,3"),
            Map.entry("/api/v1/events", "/api/v1/events"),
            Map.entry("/api/v1/networks", "/api/v1/networks"),
            Map.entry("/api/v1/plugins", "/api/v1/plugins"),
            Map.entry("/api/v1/catalogue", "/api/v1/catalogue?word=gate"),
            Map.entry("/api/v1/catalogue/{plugin}", "/api/v1/catalogue/far-gate"),
            Map.entry("/api/v1/catalogue/{plugin}/plan", "/api/v1/catalogue/far-gate/plan"),
            Map.entry("/api/v1/tables", "/api/v1/tables"),
            Map.entry("/api/v1/tables/{table}", "/api/v1/tables/small"),
            Map.entry("/api/v1/searches", "/api/v1/searches"),
            Map.entry("/api/v1/searches/{search}", "/api/v1/searches/lr"),
            Map.entry("/api/v1/plugins/{plugin}", "/api/v1/plugins/new-gate"),
            Map.entry("/api/v1/session", "/api/v1/session"),
            Map.entry("/api/v1/health", "/api/v1/health"),
            Map.entry("/health", "/health"));
    server.lab.state(2, org.riglab.api.lab.Run.State.DONE);
    SearchPageTest.search(server, 5);
    server.plugins.add(
        new org.riglab.api.bench.Plugins.Plugin(
            "new-gate", "1.0.0", "cd".repeat(32), "active", List.of("gate new"), List.of()));
    for (var ask : asked.entrySet()) {
      HttpResponse<String> answer = server.get("viewer", ask.getValue());
      assertEquals(answer.body(), 200, answer.statusCode());
      JsonObject schema =
          operations()
              .get("GET " + ask.getKey())
              .getAsJsonObject("responses")
              .getAsJsonObject("200")
              .getAsJsonObject("content")
              .getAsJsonObject("application/json")
              .getAsJsonObject("schema");
      fits(ask.getValue(), schema, JsonParser.parseString(answer.body()));
    }
    fits(
        "error",
        resolve("#/components/schemas/Error"),
        JsonParser.parseString(server.get("viewer", "/api/v1/runs/99").body()));
  }

  @Test
  public void theStatusOfEachKindIsDescribed() {
    JsonObject error = resolve("#/components/schemas/Error");
    Map<String, Integer> described = new TreeMap<>();
    error.getAsJsonObject("x-status").asMap().forEach((k, v) -> described.put(k, v.getAsInt()));
    Set<String> named = new TreeSet<>();
    error
        .getAsJsonObject("properties")
        .getAsJsonObject("kind")
        .getAsJsonArray("enum")
        .forEach(kind -> named.add(kind.getAsString()));
    Map<String, Integer> expected = new TreeMap<>();
    for (RigException.Kind kind : RigException.Kind.values()) {
      expected.put(Names.writtenChoice(kind), Refusal.status(kind));
    }
    assertEquals(expected, described);
    assertEquals(expected.keySet(), named);
  }

  /**
   * The part of JSON Schema that the file uses; an object has no property that is not described.
   */
  private void fits(String where, JsonObject schema, JsonElement value) {
    if (schema.has("$ref")) {
      fits(where, resolve(schema.get("$ref").getAsString()), value);
      return;
    }
    if (!schema.has("type")) {
      return;
    }
    if (value.isJsonNull()) {
      assertTrue(where, schema.has("nullable"));
      return;
    }
    switch (schema.get("type").getAsString()) {
      case "object" -> {
        JsonObject object = value.getAsJsonObject();
        JsonObject properties =
            schema.has("properties") ? schema.getAsJsonObject("properties") : new JsonObject();
        if (schema.has("required")) {
          schema
              .getAsJsonArray("required")
              .forEach(r -> assertTrue(where + " lacks " + r, object.has(r.getAsString())));
        }
        for (var e : object.entrySet()) {
          JsonElement more = schema.get("additionalProperties");
          if (properties.has(e.getKey())) {
            fits(where + "." + e.getKey(), properties.getAsJsonObject(e.getKey()), e.getValue());
          } else {
            assertTrue(where + " has " + e.getKey(), more != null);
            if (more.isJsonObject()) {
              fits(where + "." + e.getKey(), more.getAsJsonObject(), e.getValue());
            }
          }
        }
      }
      case "array" -> {
        int i = 0;
        for (JsonElement item : value.getAsJsonArray()) {
          fits(where + "[" + i++ + "]", schema.getAsJsonObject("items"), item);
        }
      }
      case "string" -> {
        assertTrue(where, value.getAsJsonPrimitive().isString());
        if (schema.has("enum")) {
          assertTrue(where + " " + value, schema.getAsJsonArray("enum").contains(value));
        }
      }
      case "integer" -> assertEquals(where, value.getAsLong(), value.getAsDouble(), 0);
      case "number" -> assertTrue(where, value.getAsJsonPrimitive().isNumber());
      case "boolean" -> assertTrue(where, value.getAsJsonPrimitive().isBoolean());
      default -> throw new AssertionError(where + ": " + schema);
    }
  }
}
