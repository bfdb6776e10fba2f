package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.Test;
import org.openqa.selenium.Keys;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

/** Work that people do on the page, in a real browser. */
public class WorkTest extends LabPage {
  @Test
  public void aLinkLeadsToItsPlaceAfterSignIn() throws Exception {
    browser.open("/#/run/2?tab=spec");
    browser.await("login", () -> browser.driver().getCurrentUrl().contains("/login"));
    browser.find("#token").sendKeys("viewer-secret");
    browser.find("button[type=submit]").click();
    browser.await("the place", () -> browser.count(".pairs") > 0);
    assertTrue(browser.driver().getCurrentUrl().endsWith("/#/run/2?tab=spec"));
    browser.open("/#/run/99");
    browser.await("no run", () -> browser.text("h1").equals("There is no run 99"));
  }

  @Test
  public void theAddressHoldsTheList() throws Exception {
    browser.signIn("operator");
    browser.open("/#/runs?q=mIoU%3E60&sort=-mIoU&columns=id,name,mIoU,spec.lr&marked=3,4");
    browser.await(
        "the best first",
        () ->
            browser
                .texts("tbody td.name a")
                .equals(List.of("broken", "rig-add", "rig-tanh", "rig-mul")));
    assertEquals("Compare (2)", browser.find("#compare").getText());
    assertEquals(1, browser.count("th.mIoU[aria-sort=descending]"));
    browser.find("tr[data-run='2'] .pick input").click();
    browser.await(
        "the mark in the address",
        () -> browser.driver().getCurrentUrl().contains("marked=3%2C4%2C2"));
    // A condition that is not complete says what is wrong, and keeps the list.
    browser.find("#filter").sendKeys(" colour=red");
    browser.await("what is wrong", () -> browser.text("#wrong").contains("no run has a field"));
    assertEquals(4, browser.count("tbody tr"));
    browser.find("#filter").clear();
    browser.find("#filter").sendKeys("mIoU>60");
    browser.await("mended", () -> browser.text("#wrong").isEmpty());
    browser.find("#tag").sendKeys("paper", Keys.ENTER);
    browser.await("tagged", () -> server.lab.calls.size() == 3);
    assertEquals("tag 2 [paper] []", server.lab.calls.get(0));
    browser.await("shown", () -> browser.count("td.name .tag") == 3);
    browser.find("#marked .danger").click();
    browser.driver().switchTo().alert().accept();
    browser.await("deleted", () -> server.lab.calls.contains("delete [2, 3, 4]"));
    browser.await("gone", () -> browser.count("tbody tr") == 1);
  }

  @Test
  public void quickKeysMoveARunAsOften() throws Exception {
    for (int i = 0; i < 5; i++) {
      server.lab.add("more-" + i, Run.State.QUEUED, Map.of());
    }
    server.lab.state(8, Run.State.PAUSED);
    browser.signIn("operator");
    browser.open("/#/queue");
    browser.await("queue", () -> browser.count("ol.queue li[data-run]") == 7);
    assertEquals("wait-b", browser.text("[data-paused='8'] a").substring(2));
    browser
        .find("li[data-run='7'] .handle")
        .sendKeys(
            Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_DOWN);
    browser.await(
        "five places on",
        () -> server.lab.queue().equals(List.of(9L, 10L, 11L, 12L, 13L, 7L, 14L)));
    browser.find("li[data-run='9'] button[data-action=pause]").click();
    browser.await("paused", () -> browser.count("[data-paused='9']") == 1);
    assertEquals(
        "focus follows the run",
        "9",
        browser.driver().switchTo().activeElement().getDomAttribute("data-run"));
    assertTrue(!browser.text("main").contains("null"));
  }

  @Test
  public void aQueuedRunShowsItsPointsOnceItRuns() throws Exception {
    browser.signIn("operator");
    browser.open("/#/run/7");
    browser.await("nothing yet", () -> browser.text("#panel").contains("has not started"));
    browser.await("live", () -> browser.texts("#live").equals(List.of("live")));
    server.lab.state(7, Run.State.RUNNING);
    for (int step = 1; step <= 5; step++) {
      server.lab.step(
          7, new Run.Progress(step, 400, 9, 60), List.of(new Point("loss", step, 2.0 / step)));
    }
    browser.await("the chart", () -> browser.count(".chart canvas") == 1);
    browser.await("its value", () -> browser.texts(".legend output").contains("0.4000"));
    browser.await("running", () -> browser.text(".badge").equals("running"));
  }

  @Test
  public void comparesWhatCanBeCompared() throws Exception {
    browser.signIn("viewer");
    browser.open("/#/compare/2");
    browser.await("one", () -> browser.text("main .hint").startsWith("Add another run"));
    assertTrue(!browser.text("main").contains("null"));
    browser.open(
        "/#/compare/"
            + IntStream.range(1, 20).mapToObj(String::valueOf).collect(Collectors.joining(",")));
    browser.await("too many", () -> browser.text("main .hint").startsWith("At most 16 runs"));
    browser.open("/#/compare/2,3");
    browser.await("both", () -> browser.count(".chart canvas") == 1);
    assertTrue(!browser.text("main").contains("null"));
    browser.find("#same-images summary").click();
    browser.await("the same image", () -> browser.count("#same-images .tile") == 3);
    assertEquals("2 rig-mul t2", browser.texts("#same-images .title").get(1));
    String agree = browser.text("#same-images small");
    assertTrue(agree, agree.endsWith("% of the pixels differ") && !agree.startsWith("0.0"));
    Object whole = tile();
    browser.find("#same-images .chip").click();
    browser.await("only where they disagree", () -> !tile().equals(whole));
    browser.find("#same-iteration").sendKeys(Keys.ARROW_LEFT);
    browser.await(
        "the first iteration",
        () -> browser.texts("#same-images .title").get(1).equals("2 rig-mul t1"));
    browser.picture("same-images");
  }

  private Object tile() {
    return browser.run("return document.querySelectorAll('#same-images canvas')[1].toDataURL()");
  }

  @Test
  public void groupsASweep() throws Exception {
    for (int i = 0; i < 6; i++) {
      Run run =
          server.lab.add(
              "sweep-" + i,
              Run.State.DONE,
              Map.of("lr", i < 3 ? 0.1 : 0.01, "batch", i % 3 == 0 ? 4 : 8, "seed", i));
      server.lab.point(run.id(), "mIoU.t1", 400, 0.4);
      server.lab.point(run.id(), "mIoU.t2", 400, 0.5 + 0.01 * i);
    }
    browser.signIn("viewer");
    browser.open("/#/sweep?q=sweep-");
    browser.await("rows", () -> browser.count("table.sweep tbody") == 4);
    List<String> best = browser.texts("table.sweep tbody:nth-of-type(1) td");
    // Runs 4 and 5: 54 and 55, whose interval is 12.706 * 0.707 / sqrt(2) wide to either side.
    assertEquals(List.of("8", "0.01", "2", "54.5", "6.4"), best.subList(1, 6));
    browser.find("table.sweep tbody button").click();
    browser.await("its runs", () -> browser.count("tr.member:not([hidden])") == 2);
    browser.await("heat map", () -> browser.count("#heat .matrix tbody tr") == 2);
    assertEquals(6, browser.count("#parallel polyline.in"));
    browser.find("#parallel input[aria-label='from of mIoU']").sendKeys("53", Keys.TAB);
    browser.await("brushed", () -> browser.count("#parallel polyline.in") == 3);
    // lr 0.1: 50 to 52, 0.01: 53 to 55, whatever the batch: 1 - (4 + 4 / 4) / 17.5.
    assertEquals(List.of("lr", "batch"), browser.texts("#importance tbody th"));
    assertEquals("71.4", browser.text("#importance tbody td"));
    assertEquals("-0.88", browser.text("#importance tbody td:nth-child(4)"));
    browser.picture("sweep");
  }

  @Test
  public void startsASweepAndClonesARun() throws Exception {
    browser.signIn("operator");
    browser.open("/#/start/sweep");
    browser.find("#seeds").sendKeys("0, 1");
    browser.find("[aria-label^='Values']").sendKeys("0.1; 0.01");
    browser.find("#option-steps").sendKeys("50");
    browser.find("#start .primary").click();
    browser.await("submitted", () -> server.lab.requests.size() == 1);
    Request request = server.lab.requests.get(0);
    assertEquals("rig", request.network());
    assertEquals(Map.of("lr", List.of("0.1", "0.01")), request.grid());
    assertEquals(List.of(0L, 1L), request.seeds());
    assertEquals(Map.of("steps", "50"), request.options());
    browser.await("its page", () -> browser.driver().getCurrentUrl().contains("#/run/10"));
    browser.open("/#/start?clone=2");
    browser.await("the spec", () -> "0.005".equals(value("#option-lr")));
    assertEquals("shapes:size=96", value("#option-dataset"));
    browser.find("#option-lr").clear();
    browser.find("#option-lr").sendKeys("0.5");
    browser.find("#start .primary").click();
    browser.await("submitted", () -> server.lab.requests.size() == 2);
    Map<String, Object> options = server.lab.requests.get(1).options();
    assertEquals("0.5", options.get("lr"));
    assertEquals("as it was", Map.of("name", "shapes", "size", 96L), options.get("dataset"));
  }

  private String value(String css) {
    return browser.find(css).getDomProperty("value");
  }

  @Test
  public void assemblesANetworkAndExchangesItsGate() throws Exception {
    browser.signIn("operator");
    browser.open("/#/networks");
    browser.find("#new-name").sendKeys("mine");
    browser.find("#part-backbone").sendKeys("resnet:layers=1,1,1,1");
    browser.find("#net-classes").sendKeys("4");
    browser.find("#network-form .primary").click();
    browser.await("its page", () -> browser.text("h1").equals("mine"));
    assertEquals(Map.of("backbone", "resnet:layers=1,1,1,1", "classes", "4"), server.asked.get(0));
    browser.await(
        "its picture",
        () ->
            Boolean.TRUE.equals(
                browser.run("return document.querySelector('.unrolled').naturalWidth > 0")));
    browser.find("#part-gate").clear();
    browser.find("#part-gate").sendKeys("mul-tanh");
    browser.find("#network-form .primary").click();
    browser.await("exchanged", () -> server.asked.size() == 2);
    assertEquals("mul-tanh", server.asked.get(1).get("gate"));
  }

  @Test
  public void numbersAndTimes() throws Exception {
    browser.signIn("viewer");
    Object shown =
        browser.run(
            "return import('/format.js').then(f => [f.number(1e300), f.number(0.00123456),"
                + " f.number(0.00124), f.value(0.00123456), f.value(0.1 + 0.2), f.number(1234567),"
                + " f.percent(0.5), f.part('b 1.0.0 ' + 'ab'.repeat(32)), f.number(NaN)])");
    assertEquals(
        List.of(
            "1.000e+300",
            "0.001235",
            "0.001240",
            "0.00123456",
            "0.30000000000000004",
            "1\u202f234\u202f567",
            "50.0",
            "b 1.0.0 abababababab",
            "–"),
        shown);
  }
}
