package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;

/** What the API says about a table of {@code rig ablate}, and about catalogues. */
public class TablesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private TestServer server;

  @Before
  public void start() throws Exception {
    server = new TestServer(folder.getRoot().toPath());
  }

  @After
  public void stop() {
    server.close();
  }

  /** An evaluation of two images with two classes. */
  private long evaluated(String name, int... right) throws Exception {
    Run run = server.lab.add(name, Run.State.DONE, Map.of());
    Path files = Files.createDirectories(server.home.resolve(run.folder()));
    StringBuilder images = new StringBuilder();
    for (int i = 0; i < right.length; i++) {
      images.append(
          "%s{\"id\": \"%d\", \"correct\": [%d, %d], \"predicted\": [100, 100], \"labelled\": [100, 100]}"
              .formatted(i == 0 ? "" : ", ", i, right[i], right[i]));
    }
    Files.writeString(
        files.resolve("evaluation.json"),
        "{\"iterations\": [{\"values\": {\"pAcc\": %s, \"mIoU\": null}}], \"perImage\": [%s]}"
            .formatted((right[0] + right[1]) / 200.0, images));
    return run.id();
  }

  private Map<String, Object> table() throws Exception {
    return Json.parse(server.get("viewer", "/api/v1/tables/t").body(), "the table");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> summary(Map<String, Object> table, int cell) {
    Map<String, Object> found = ((List<Map<String, Object>>) table.get("cells")).get(cell);
    return (Map<String, Object>) ((Map<String, Object>) found.get("summary")).get("pAcc");
  }

  @Test
  @SuppressWarnings("unchecked")
  public void meansIntervalsAndDifferences() throws Exception {
    long a0 = evaluated("a", 50, 60);
    long a1 = evaluated("a-s1", 52, 62);
    long b0 = evaluated("b", 70, 80);
    long b1 = evaluated("b-s1", 74, 84);
    Files.createDirectories(server.home.resolve("tables"));
    Files.writeString(
        server.home.resolve("tables/t.json"),
        """
        {"title": "T", "baseline": "a", "cells": [
          {"row": "A", "column": "", "network": "a", "published": {"pAcc": 61.5},
           "seeds": [{"seed": 0, "train": 99, "eval": %d}, {"seed": 1, "train": 99, "eval": %d}]},
          {"row": "B", "column": "", "network": "b", "published": {},
           "seeds": [{"seed": 0, "train": 99, "eval": %d}, {"seed": 1, "train": 99, "eval": %d}]},
          {"row": "C", "column": "", "network": "c", "published": {},
           "seeds": [{"seed": 0, "train": 99, "eval": 98}]},
          {"row": "A", "column": "of b", "network": "d", "baseline": "b", "published": {},
           "seeds": [{"seed": 0, "train": 99, "eval": %d}, {"seed": 1, "train": 99, "eval": %d}]}]}
        """
            .formatted(a0, a1, b0, b1, a0, a1));
    assertEquals(
        List.of(Map.of("name", "t", "title", "T")),
        Json.parse(server.get("viewer", "/api/v1/tables").body(), "the list").get("tables"));
    Map<String, Object> table = table();
    for (int i = 0; i < 200 && !Boolean.TRUE.equals(table.get("complete")); i++) {
      Thread.sleep(20);
      table = table();
    }
    assertEquals(List.of("pAcc"), table.get("metrics"));
    Map<String, Object> base = summary(table, 0);
    assertEquals(2L, base.get("n"));
    assertEquals(0.56, (Double) base.get("mean"), 1e-12);
    // 12.706205 * 0.014142 / sqrt(2)
    assertEquals(0.12706205, (Double) base.get("half"), 1e-8);
    assertEquals(null, base.get("difference"));
    Map<String, Object> difference = (Map<String, Object>) summary(table, 1).get("difference");
    assertEquals(0.21, (Double) difference.get("mean"), 1e-12);
    assertTrue("" + difference, (Double) difference.get("low") >= 0.2 - 1e-9);
    assertTrue("" + difference, (Double) difference.get("high") <= 0.22 + 1e-9);
    difference = (Map<String, Object>) summary(table, 3).get("difference");
    assertEquals("to its own baseline", -0.21, (Double) difference.get("mean"), 1e-12);
    List<Map<String, Object>> cells = (List<Map<String, Object>>) table.get("cells");
    assertEquals("a", cells.get(1).get("baseline"));
    assertEquals("b", cells.get(3).get("baseline"));
    Map<String, Object> missing = summary(table, 2);
    assertEquals(0L, missing.get("n"));
    assertEquals(null, missing.get("mean"));
    assertTrue(table.toString(), table.toString().contains("state=deleted"));
    assertEquals(404, server.get("viewer", "/api/v1/tables/u").statusCode());
  }

  @Test
  public void aDamagedTableLeavesTheOthersInTheList() throws Exception {
    Files.createDirectories(server.home.resolve("tables"));
    Files.writeString(server.home.resolve("tables/a.json"), "{\"title\": \"A");
    Files.writeString(server.home.resolve("tables/b.json"), "{\"title\": \"B\"}");
    Files.writeString(server.home.resolve("tables/c.json"), "{\"title\": 7, \"cells\": [3, {}]}");
    assertEquals(
        List.of(
            Map.of("name", "a", "title", "a.json cannot be read"),
            Map.of("name", "b", "title", "B"),
            Map.of("name", "c", "title", "7")),
        Json.parse(server.get("viewer", "/api/v1/tables").body(), "the list").get("tables"));
    assertEquals(400, server.get("viewer", "/api/v1/tables/a").statusCode());
    assertEquals(200, server.get("viewer", "/api/v1/tables/b").statusCode());
    assertEquals(200, server.get("viewer", "/api/v1/tables/c").statusCode());
    assertEquals(400, server.get("viewer", "/api/v1/tables/..%2Faccess%2Ftokens").statusCode());
  }

  @Test
  public void aCatalogueInstallsWhatWasShown() throws Exception {
    server.offers.add(TestServer.offer("wave-gate", "1.0.0", List.of()));
    String path = "/api/v1/catalogue/wave-gate%401.0.0";
    String right = "{\"sha256\": [\"" + "ee".repeat(32) + "\"]}";
    String wrong = "{\"sha256\": [\"" + "dd".repeat(32) + "\"]}";
    assertEquals(403, server.json("operator", "POST", path, right).statusCode());
    assertEquals(409, server.json("admin", "POST", path, wrong).statusCode());
    assertEquals(
        400, server.json("admin", "POST", "/api/v1/catalogue/wave-gate", right).statusCode());
    server.libraries.add(TestServer.offer("wave-library", "3.0.0", List.of()));
    assertEquals(
        "the library was not confirmed",
        409,
        server.json("admin", "POST", path, right).statusCode());
    server.libraries.clear();
    assertEquals(List.of(), server.installed);
    assertEquals(201, server.json("admin", "POST", path, right).statusCode());
    assertEquals(List.of("wave-gate@1.0.0"), server.installed);
    assertEquals(404, server.get("viewer", "/api/v1/catalogue/none").statusCode());
    assertTrue(
        server.get("viewer", "/api/v1/catalogue?word=wave").body().contains("\"wave-gate\""));
  }
}
