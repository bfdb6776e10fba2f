package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.lab.Run;

/** What people change over HTTP, and how they find runs. */
public class ChangesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private TestServer server;

  @Before
  public void start() throws Exception {
    server = new TestServer(folder.getRoot().toPath().toRealPath());
    LabPage.fill(server);
  }

  @After
  public void stop() throws Exception {
    server.close();
  }

  private static JsonObject json(HttpResponse<String> answer) {
    assertTrue(answer.body(), answer.statusCode() < 300);
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  @Test
  public void tagsNotesAndDeletesRuns() throws Exception {
    String body = "{\"add\": [\"paper\", \"best\"], \"remove\": [\"old\"]}";
    assertEquals(403, server.json("viewer", "PUT", "/api/v1/runs/2/tags", body).statusCode());
    assertEquals(
        List.of("best", "paper"),
        strings(json(server.json("operator", "PUT", "/api/v1/runs/2/tags", body)), "tags"));
    server.json("operator", "PUT", "/api/v1/runs/2/note", "{\"note\": \"two lines\\nof it\"}");
    assertEquals(
        List.of(2L),
        numbers(
            json(server.json("operator", "POST", "/api/v1/archive", "{\"runs\": [2]}")), "runs"));
    JsonObject deleted =
        json(server.json("operator", "POST", "/api/v1/delete", "{\"runs\": [2, 3]}"));
    assertEquals(List.of(2L, 3L), numbers(deleted, "runs"));
    assertEquals(3 << 20, deleted.get("bytes").getAsLong());
    assertEquals(
        List.of(
            "tag 2 [best, paper] [old]", "note 2 two lines\nof it", "archive [2]", "delete [2, 3]"),
        server.lab.calls);
    assertEquals(400, server.json("admin", "POST", "/api/v1/delete", "{}").statusCode());
    assertEquals(404, server.get("viewer", "/api/v1/runs/2").statusCode());
  }

  @Test
  public void sortsAndFiltersBeforeItPages() throws Exception {
    JsonObject best = json(server.get("viewer", "/api/v1/runs?sort=-mIoU&limit=1&columns=name"));
    assertEquals("broken", name(best));
    assertEquals(9, best.get("total").getAsLong());
    JsonObject fit =
        json(server.get("viewer", "/api/v1/runs?where=mIoU%3E65&sort=mIoU&limit=1&columns=name"));
    assertEquals("rig-tanh", name(fit));
    assertEquals(3, fit.get("total").getAsLong());
    assertEquals(400, server.get("viewer", "/api/v1/runs?where=colour%3Dred").statusCode());
  }

  private static String name(JsonObject page) {
    return page.getAsJsonArray("runs").get(0).getAsJsonObject().get("name").getAsString();
  }

  @Test
  public void assemblesAndSwapsNetworks() throws Exception {
    String body = "{\"name\": \"mine\", \"spec\": {\"backbone\": \"resnet\", \"classes\": 4}}";
    assertEquals(403, server.json("viewer", "POST", "/api/v1/networks", body).statusCode());
    JsonObject made = json(server.json("operator", "POST", "/api/v1/networks", body));
    assertEquals("mine", made.get("name").getAsString());
    assertEquals(Map.of("backbone", "resnet", "classes", 4L), server.asked.get(0));
    JsonObject swapped =
        json(
            server.json(
                "operator",
                "PUT",
                "/api/v1/networks/mine",
                "{\"spec\": {\"gate\": \"mul-tanh\"}}"));
    assertEquals(2, swapped.get("kept").getAsInt());
    assertEquals("mul-tanh", server.asked.get(1).get("gate"));
    assertEquals("what is not named stays", 2L, server.asked.get(1).get("iterations"));
    assertTrue(server.get("viewer", "/api/v1/networks/mine/picture").body().startsWith("<svg"));
    assertEquals(404, server.get("viewer", "/api/v1/networks/none/picture").statusCode());
    // A swap says what to change.
    for (String nothing : List.of("{}", "{\"spec\": null}")) {
      assertEquals(
          400, server.json("operator", "PUT", "/api/v1/networks/mine", nothing).statusCode());
      assertEquals(400, server.json("operator", "POST", "/api/v1/networks", nothing).statusCode());
    }
    assertEquals(2, server.asked.size());
  }

  @Test
  public void comparesOnlyWhatIsKnownOfARunThatHasNotStarted() throws Exception {
    Run one = server.lab.run(1);
    Run waiting = server.lab.add("waits", Run.State.QUEUED, Map.of());
    server.lab.replace(
        new Run(
            waiting.id(),
            "waits",
            Run.Kind.TRAIN,
            Run.State.QUEUED,
            one.network(),
            Map.of(),
            Map.of("lr", 0.5),
            0,
            0,
            List.of(),
            "auto",
            0,
            0,
            Map.of(),
            Map.of(),
            waiting.progress(),
            Map.of(),
            "",
            List.of(),
            waiting.times(),
            ""));
    JsonObject found = json(server.get("viewer", "/api/v1/compare?runs=1,10"));
    assertEquals("{\"lr\":[0.01,0.5]}", found.get("spec").toString());
    assertEquals("{}", found.get("parts").toString());
    assertTrue(found.get("sameData").getAsBoolean());
  }

  @Test
  public void groupsRunsByWhatTheyWereAskedFor() throws Exception {
    JsonObject found = json(server.get("viewer", "/api/v1/sweep?text=rig-"));
    assertEquals(List.of("lr"), strings(found, "parameters"));
    JsonObject first = found.getAsJsonArray("runs").get(0).getAsJsonObject();
    assertEquals(0.005, first.getAsJsonObject("config").get("lr").getAsDouble(), 0);
    assertEquals(
        first.getAsJsonObject("metrics").get("mIoU.t2"),
        first.getAsJsonObject("metrics").get("mIoU"));
  }

  private static List<String> strings(JsonObject object, String key) {
    List<String> all = new ArrayList<>();
    object.getAsJsonArray(key).forEach(e -> all.add(e.getAsString()));
    return all;
  }

  private static List<Long> numbers(JsonObject object, String key) {
    List<Long> all = new ArrayList<>();
    object.getAsJsonArray(key).forEach(e -> all.add(e.getAsLong()));
    return all;
  }
}
