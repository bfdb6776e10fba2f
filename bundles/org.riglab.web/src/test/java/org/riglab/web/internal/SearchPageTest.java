package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;
import org.riglab.api.lab.Run;
import org.riglab.search.SearchProgress;
import org.riglab.search.SearchResult;
import org.riglab.search.Trial;

/** A search on the page. */
public class SearchPageTest extends LabPage {
  /** Adds a search of five trials, of which some are done, the first one with the best score. */
  static void search(TestServer server, int done) {
    search(server, done, 0.1);
  }

  private static void equalScores(TestServer server) {
    search(server, 5, 0);
  }

  private static void search(TestServer server, int done, double gap) {
    List<Trial> trials = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("lr", Math.pow(10, -i));
      values.put("network.gate", i % 2 == 0 ? "add-relu" : "mul-tanh");
      trials.add(
          new Trial(
              i,
              i > done ? Trial.State.OPEN : i == 3 ? Trial.State.PRUNED : Trial.State.DONE,
              i > done ? Double.NaN : 0.7 - gap * i,
              i > done ? 0 : 400,
              values,
              List.of(),
              List.of((long) i),
              List.of("lr-" + i),
              Map.of()));
    }
    Map<String, Object> space = new LinkedHashMap<>();
    space.put("lr", "log:1e-5..1e-1");
    space.put("network.gate", "mul-tanh/add-relu");
    Map<String, Double> importance = new LinkedHashMap<>();
    importance.put("lr", done < 4 || gap == 0 ? Double.NaN : 0.75);
    importance.put("network.gate", done < 4 || gap == 0 ? Double.NaN : 0.0);
    server.searches.put(
        "lr",
        new SearchProgress(
            "lr",
            "random",
            "mIoU",
            "",
            space,
            new SearchResult(trials, importance, "epsilon squared of the ranks")));
  }

  @Test
  public void showsTrialsImportanceAndParallelCoordinates() throws Exception {
    search(server, 5);
    browser.signIn("viewer");
    browser.open("/#/tables");
    browser.await("the search", () -> browser.texts(".files a").contains("lr"));
    browser.find(".files a[href='#/search/lr']").click();
    browser.await("trials", () -> browser.count("#leaderboard tbody tr") == 5);
    assertEquals(
        List.of("1", "done", "60.0", "400", "0.1", "mul-tanh", "1"),
        browser.texts("#leaderboard tbody tr:first-child td"));
    assertEquals(List.of("60.0"), browser.texts("#leaderboard .best"));
    assertEquals(
        List.of("done", "done", "pruned", "done", "done"), browser.texts("#leaderboard .badge"));
    assertEquals(List.of("lr", "network.gate"), browser.texts("#importance tbody th"));
    assertEquals("75.0", browser.text("#importance tbody td"));
    assertEquals(5, browser.count("#parallel polyline.in"));
    // The learning rates are powers of ten: on a logarithmic axis they are equally far apart.
    assertEquals(
        List.of(28L, 84L, 140L, 196L, 252L),
        browser.run(
            "return [...document.querySelectorAll('#parallel polyline')]"
                + ".map(p => Math.round(p.points[0].y))"));
    browser.find("input[aria-label='from of mIoU']").sendKeys("35\t");
    browser.await("a brush", () -> browser.count("#parallel polyline.in") == 3);
    browser.picture("search-light");
    browser.noComplaints();
  }

  @Test
  public void changesWhileItGoesOn() throws Exception {
    search(server, 2);
    browser.signIn("viewer");
    browser.open("/#/search/lr");
    browser.await("trials", () -> browser.count("#leaderboard tbody tr") == 5);
    assertEquals(
        List.of("done", "done", "open", "open", "open"), browser.texts("#leaderboard .badge"));
    assertEquals("few say nothing", 0, browser.count("#importance"));
    browser.await("live", () -> browser.texts("#live").equals(List.of("live")));
    browser.find("input[aria-label='from of mIoU']").sendKeys("35");
    search(server, 5);
    server.lab.state(6, Run.State.DONE);
    browser.await("its importance", () -> browser.count("#importance tbody tr") == 2);
    assertEquals("pruned", browser.texts("#leaderboard .badge").get(2));
    // What is being typed stays, and so does the focus.
    new Actions(browser.driver()).sendKeys(Keys.TAB).perform();
    assertEquals("35", browser.find("input[aria-label='from of mIoU']").getDomProperty("value"));
    assertEquals(
        "to of mIoU", browser.driver().switchTo().activeElement().getDomAttribute("aria-label"));
    // Equal scores: no trial is the best, and no field is important.
    equalScores(server);
    server.lab.state(6, Run.State.DONE);
    browser.await(
        "nothing to tell", () -> browser.text("main").contains("scores of the trials do not"));
    assertEquals(0, browser.count("#leaderboard .best"));
    browser.open("/#/search/none");
    browser.await("no such search", () -> browser.text("h1").equals("There is no search none"));
    assertEquals(404, server.get("viewer", "/api/v1/searches/none").statusCode());
    server.web.searches = null;
    assertEquals("{\"searches\":[]}", server.get("viewer", "/api/v1/searches").body().strip());
    assertEquals(404, server.get("viewer", "/api/v1/searches/lr").statusCode());
  }
}
