package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;

/** Single features of views, in a real browser. */
public class FeaturesTest extends LabPage {
  @Test
  public void aLinkSignsInOnce() {
    String link = "/login#once=" + server.links.get();
    browser.open(link);
    browser.await("who", () -> browser.text("#who").equals("first-visit · admin"));
    assertTrue(browser.driver().getCurrentUrl().endsWith("#/runs"));
    browser.noComplaints();
    browser.open("/rig.svg");
    browser.open(link);
    browser.await("still signed in", () -> browser.text("#who").equals("first-visit · admin"));
    browser.find("#out").click();
    browser.await("out", () -> browser.driver().getCurrentUrl().endsWith("/login"));
    browser.open("/");
    browser.open(link);
    browser.await(
        "the refusal",
        () -> browser.text("#error").startsWith("the link was used already or has expired"));
    assertTrue("no secret stays", browser.driver().getCurrentUrl().endsWith("/login"));
    assertEquals(0, browser.driver().manage().getCookies().size());
  }

  @Test
  public void manyRunsAreToldApart() {
    String digest = "ab".repeat(32);
    for (int i = 0; i < 5; i++) {
      Run run = server.lab.add("many-" + i, Run.State.DONE, Map.of("weights", digest + i));
      server.lab.point(run.id(), "loss", 1, 0.5);
      server.lab.point(run.id(), "mIoU.t1", 1, 0.9);
    }
    browser.signIn("viewer");
    browser.open("/#/compare/1,2,3,4,5,10,11,12,13,14");
    browser.await("chart", () -> browser.count(".chart canvas") == 1);
    List<String> swatches =
        browser
            .driver()
            .findElements(org.openqa.selenium.By.cssSelector(".chosen .swatch"))
            .stream()
            .map(e -> e.getCssValue("background"))
            .toList();
    assertEquals(10, swatches.size());
    assertEquals("eight colours, then dashes", 10, new HashSet<>(swatches).size());
    assertTrue(swatches.get(8), swatches.get(8).contains("gradient"));
    // Five runs are equally good: none is the best.
    String row = "[aria-label='Last values'] tbody tr:first-child ";
    assertEquals("mIoU of the last iteration, %", browser.text(row + "th"));
    assertEquals(5, browser.texts(row + "td").stream().filter("90.0"::equals).count());
    assertEquals(0, browser.count(row + "td.best"));
    assertFalse("a digest is cut", browser.text("[aria-label='Parts']").contains(digest));
    browser.noComplaints();
  }

  @Test
  public void aDragAtTheEdgeScrolls() {
    for (int i = 0; i < 30; i++) {
      server.lab.add("more-" + i, Run.State.QUEUED, Map.of());
    }
    browser.signIn("operator");
    browser.open("/#/queue");
    browser.await("queue", () -> browser.count("ol.queue li[data-run]") == 33);
    WebElement handle = browser.find("li[data-run='7'] .handle");
    long height = ((Number) browser.run("return innerHeight")).longValue();
    int down = (int) height - handle.getRect().getY() - 40;
    new Actions(browser.driver()).clickAndHold(handle).moveByOffset(0, down).perform();
    browser.await(
        "the end of the page",
        () ->
            (Boolean)
                browser.run(
                    "return scrollY > 0 && scrollY + innerHeight >= document.body.scrollHeight -"
                        + " 2"));
    new Actions(browser.driver()).moveByOffset(0, -5).release().perform();
    browser.await("dragged", () -> server.lab.queue().indexOf(7L) > 20);
    browser.noComplaints();
  }

  @Test
  public void anEvaluationShowsItsResults() throws Exception {
    evaluation(server);
    browser.signIn("viewer");
    browser.open("/#/run/10");
    browser.await("results", () -> browser.count("#panel .versus") == 2);
    assertEquals("Results", browser.text("[role=tab][aria-selected=true]"));
    assertEquals(
        List.of("51.0", "62.0"),
        browser.texts("[aria-label='Metrics by iteration'] tbody tr:first-child td"));
    assertEquals(
        List.of("40.0", "55.0"),
        browser.texts("[aria-label='IoU of each class'] tbody tr:nth-child(2) td"));
    browser.noComplaints();
  }

  @Test
  public void chartsAreControlledAndSaved() {
    for (int step = 1; step <= 400; step += 57) {
      server.lab.point(2, "seconds", step, 3 * step);
    }
    browser.signIn("viewer");
    browser.open("/#/run/2?tab=curves");
    browser.await("both charts", () -> browser.count(".chart canvas") == 2);
    browser.run(
        "window.saved = []; const make = URL.createObjectURL.bind(URL); URL.createObjectURL = b =>"
            + " { window.blob = b; return make(b); }; HTMLAnchorElement.prototype.click ="
            + " function () { const b = window.blob; b.text().then(t =>"
            + " window.saved.push([this.download, b.type, t])); };");
    browser.find("[aria-label='save loss as CSV']").click();
    List<?> plain = saved(0);
    assertEquals("loss.csv", plain.get(0));
    List<String> lines = ((String) plain.get(2)).lines().toList();
    assertEquals("\"step\",\"loss\"", lines.get(0));
    assertEquals(401, lines.size());
    String last = browser.text(".legend output");
    browser.find("#smooth").sendKeys(Keys.END);
    browser.await("smoothed", () -> !browser.text(".legend output").equals(last));
    browser.find("#smooth").sendKeys(Keys.HOME);
    browser.await("as it was", () -> browser.text(".legend output").equals(last));
    Object before = picture();
    browser.find(".look .chip:nth-of-type(1)").click();
    browser.await("logarithmic", () -> !picture().equals(before));
    Object logarithmic = picture();
    browser.find(".look .chip:nth-of-type(1)").click();
    browser.find(".look .chip:nth-of-type(2)").click();
    browser.await("clipped", () -> !picture().equals(logarithmic));
    browser.find("#xaxis").sendKeys("minutes");
    browser.find("[aria-label='save loss as CSV']").click();
    List<?> timed = saved(1);
    List<String> minutes = ((String) timed.get(2)).lines().toList();
    assertEquals("\"minutes\",\"loss\"", minutes.get(0));
    double end = Double.parseDouble(minutes.get(400).split(",")[0]);
    assertEquals("three seconds a step", 20, end, 0.01);
    // The crosshair of one chart is that of the other.
    new Actions(browser.driver()).moveToElement(browser.find(".chart .u-over")).perform();
    browser.await(
        "both say where",
        () -> browser.texts(".chart .where").stream().allMatch(t -> t.startsWith("minutes ")));
    browser.find("[aria-label='save loss as PNG']").click();
    List<?> png = saved(2);
    assertEquals(List.of("loss.png", "image/png"), png.subList(0, 2));
    browser.find(".legend .entry").click();
    assertEquals("false", browser.find(".legend .entry").getDomAttribute("aria-pressed"));
    browser.noComplaints();
  }

  private List<?> saved(int index) {
    browser.await(
        "a file", () -> ((List<?>) browser.run("return window.saved")).size() == index + 1);
    return (List<?>) ((List<?>) browser.run("return window.saved")).get(index);
  }

  private Object picture() {
    return browser.run("return document.querySelector('.chart canvas').toDataURL()");
  }

  @Test
  public void aLiveRunGetsAnAxisOfTime() {
    browser.signIn("viewer");
    browser.open("/#/run/6");
    browser.await("live", () -> browser.text("#live").equals("live"));
    for (int step = 1; step <= 3; step++) {
      server.lab.step(
          6,
          new Run.Progress(step, 400, 21.5, 60),
          List.of(new Point("loss", step, 2.0 / step), new Point("seconds", step, 60 * step)));
    }
    browser.await(
        "the axes", () -> browser.texts("#xaxis option").equals(List.of("step", "minutes")));
    assertEquals("no chart of its own", 1, browser.count(".chart"));
  }

  @Test
  public void savesAView() {
    browser.signIn("viewer");
    browser.open("/#/runs?q=rig-&sort=-name");
    browser.await("the filter", () -> browser.count("tbody tr") == 3);
    browser.find(".menu:nth-of-type(2) summary").click();
    browser.find("#view-name").sendKeys("best rigs", Keys.ENTER);
    browser.await(
        "the view", () -> browser.texts(".menu .options li a").equals(List.of("best rigs")));
    browser.open("/#/queue");
    browser.open("/#/runs");
    browser.await("all", () -> browser.count("tbody tr") == 9);
    browser.find(".menu:nth-of-type(2) summary").click();
    browser.find(".menu .options li a").click();
    browser.await(
        "the filter again",
        () -> browser.texts("tbody td.name a").equals(List.of("rig-tanh", "rig-mul", "rig-add")));
    browser.run("localStorage.clear()");
    browser.noComplaints();
  }

  @Test
  public void saysWhatANetworkSeesInADroppedImage() {
    browser.signIn("operator");
    browser.open("/#/networks/rig");
    browser.find(".drop");
    browser.run(
        "const c = document.createElement('canvas'); c.width = c.height = 2; c.toBlob(b => {"
            + " const d = new DataTransfer(); d.items.add(new File([b], 'street.png', {type:"
            + " 'image/png'})); document.querySelector('.drop').dispatchEvent(new"
            + " DragEvent('drop', {dataTransfer: d, bubbles: true, cancelable: true})); });");
    browser.await(
        "both", () -> browser.texts(".drop .title").equals(List.of("street.png", "prediction")));
  }

  @Test
  public void keepsTagsANoteAndAPriority() {
    browser.signIn("operator");
    browser.open("/#/run/8");
    browser.find(".keeping summary").click();
    browser.find("#run-tags").sendKeys("paper, night");
    browser.find("#run-note").sendKeys("as in the draft");
    browser.find("#run-priority").clear();
    browser.find("#run-priority").sendKeys("5");
    browser.find("#keeping [type=submit]").click();
    browser.await("saved", () -> server.lab.run(8).priority() == 5);
    assertEquals(List.of("night", "paper"), server.lab.run(8).tags());
    assertEquals("as in the draft", server.lab.run(8).note());
    browser.await("the note", () -> browser.text(".note").equals("as in the draft"));
    assertEquals(List.of("night", "paper"), browser.texts(".kept .tag"));
    browser.open("/#/run/1");
    browser.find(".keeping summary").click();
    assertFalse("its turn is over", browser.find("#run-priority").isDisplayed());
    browser.find("#keeping .danger").click();
    browser.driver().switchTo().alert().accept();
    browser.await("deleted", () -> server.lab.calls.contains("delete [1]"));
    browser.await("the list", () -> browser.driver().getCurrentUrl().endsWith("#/runs"));
    browser.noComplaints();
  }

  @Test
  public void aConfusionLeadsToAllImagesOfTheSplit() {
    browser.signIn("viewer");
    browser.open("/#/run/2?tab=confusion");
    browser.await("matrix", () -> browser.count(".matrix tbody tr") == 4);
    // Disc taken for ground: at most 30 pixels of val-0 and val-1, none of val-2.
    browser.find(".matrix tbody tr:nth-child(2) td:nth-child(2) button").click();
    browser.await(
        "the images", () -> browser.texts("#where .title").equals(List.of("val-0", "val-1")));
    browser.await(
        "how many",
        () ->
            browser
                .text("#where .hint")
                .equals(
                    "2 images with most of these pixels, of the 2 of 64 in which they can occur;"
                        + " 40 pixels in the whole split."));
    // Without counts of this iteration, the pictures that are kept; then, asked for, all.
    browser.find("#matrix-iteration").sendKeys(Keys.ARROW_LEFT);
    browser.find(".matrix tbody tr:nth-child(2) td:nth-child(2) button").click();
    browser.await("kept", () -> browser.texts("#where .title").equals(List.of("val-1")));
    browser.find("#whole-split").click();
    browser.await("all", () -> browser.count("#where .title") == 3);
    browser.noComplaints();
  }

  @Test
  public void installsFromACatalogueWhatWasConfirmed() {
    server.offers.add(TestServer.offer("channel-gate", "1.1.0", List.of()));
    server.offers.add(TestServer.offer("far-gate", "2.0.0", List.of("org.riglab.api 9.0")));
    server.offers.add(TestServer.offer("wave-gate", "1.0.0", List.of()));
    browser.signIn("admin");
    browser.open("/#/plugins");
    browser.await("offers", () -> browser.count("#catalogue tbody tr") == 3);
    assertEquals(
        List.of("1.0.0 is outdated", "does not fit"), browser.texts("#catalogue tbody .badge"));
    browser.await("a mark", () -> browser.texts("td .paused").contains("outdated: 1.1.0"));
    browser.find("#word").sendKeys("wave", Keys.ENTER);
    browser.await("found", () -> browser.count("#catalogue tbody tr") == 1);
    browser.find("[aria-label='details of wave-gate']").click();
    browser.await("details", () -> browser.text("#offer .pairs").contains("Apache-2.0"));
    server.libraries.add(TestServer.offer("wave-library", "3.0.0", List.of()));
    browser.find("[aria-label='Install wave-gate 1.0.0']").click();
    browser.await("the plan", () -> browser.text(".plan").contains("ee".repeat(32)));
    assertTrue(browser.text(".plan").contains("with the library wave-library 3.0.0"));
    assertEquals("nothing yet", List.of(), server.installed);
    browser.find(".plan .primary").click();
    browser.await("installed", () -> server.installed.equals(List.of("wave-gate@1.0.0")));
    browser.find("#word").clear();
    browser.find("#word").sendKeys("channel", Keys.ENTER);
    browser.await("found", () -> browser.texts("#catalogue tbody td").contains("1.1.0"));
    browser.find("[aria-label='details of channel-gate']").click();
    browser.find("[aria-label='Update channel-gate 1.1.0']").click();
    browser.find(".plan .primary").click();
    browser.await("updated", () -> server.installed.contains("channel-gate@1.1.0"));
    browser.await("no mark", () -> browser.count("td .paused") == 0);
    browser.noComplaints();
  }

  @Test
  public void aTableFillsWhileItsRunsGoOn() throws Exception {
    evaluation(server);
    table(server);
    browser.signIn("viewer");
    browser.open("/#/tables");
    browser.find(".files a").click();
    browser.await("the table", () -> browser.count(".ablation tbody td") == 2);
    assertEquals("A small table", browser.text("h1"));
    assertEquals("62.00 (57.5)", browser.texts(".ablation tbody td").get(0));
    assertEquals("62.00", browser.text(".ablation strong"));
    assertEquals("(60.0)\nseed 0 running 0 %", browser.texts(".ablation tbody td").get(1));
    server.lab.step(6, new Run.Progress(200, 400, 21.5, 60), List.of());
    server.lab.state(6, Run.State.RUNNING);
    browser.await("half", () -> browser.text(".ablation").contains("running 50 %"));
    browser.noComplaints();
  }

  @Test
  public void drawsTheScoreOverTheCost() throws Exception {
    evaluation(server);
    evaluation(server);
    browser.signIn("viewer");
    browser.open("/#/compare/10,11");
    browser.await("the curve", () -> browser.count("#over-cost .chart canvas") == 1);
    browser.await(
        "its scores",
        () -> browser.texts("#over-cost .legend output").equals(List.of("62.0", "62.0")));
    browser.find("#cost").sendKeys("milliseconds");
    new Actions(browser.driver()).moveToElement(browser.find("#over-cost .u-over")).perform();
    browser.await("ms", () -> browser.text("#over-cost .where").startsWith("ms "));
    browser.noComplaints();
  }
}
