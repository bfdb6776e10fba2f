package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;
import org.riglab.api.bench.Plugins;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;

/** The page in a real browser. */
public class PageTest extends LabPage {
  @Test
  public void signsInAndOut() throws Exception {
    browser.open("/");
    browser.await("login", () -> browser.driver().getCurrentUrl().endsWith("/login"));
    browser.picture("login");
    browser.find("#token").sendKeys("wrong");
    browser.find("button[type=submit]").click();
    browser.await(
        "the refusal",
        () ->
            browser
                .texts("#error")
                .equals(List.of("the token is unknown, revoked or has expired")));
    browser.complaints();
    browser.signIn("viewer");
    browser.await("who", () -> browser.texts("#who").equals(List.of("viewer · viewer")));
    browser.find("#out").click();
    browser.await("login", () -> browser.driver().getCurrentUrl().endsWith("/login"));
    assertEquals(0, browser.driver().manage().getCookies().size());
    browser.noComplaints();
  }

  @Test
  public void whatHappensBeforeTheStreamIsOpenIsShown() throws Exception {
    browser.signIn("viewer");
    browser.await("runs", () -> browser.count("tbody tr") == 9);
    server.lab.afterList =
        query -> {
          if (query.states().contains(Run.State.PAUSED)) { // what the view reads last
            server.lab.afterList = then -> {};
            server.lab.step(6, new Run.Progress(200, 400, 21.5, 60), List.of());
          }
        };
    browser.open("/#/queue");
    browser.await("progress", () -> browser.text(".queue .steps").startsWith("200"));
  }

  @Test
  public void listsFiltersAndSorts() throws Exception {
    browser.signIn("viewer");
    browser.await("runs", () -> browser.count("tbody tr") == 9);
    browser.picture("runs-light");
    browser.find("#filter").sendKeys("rig-");
    browser.await("the filter", () -> browser.count("tbody tr") == 3);
    assertEquals(List.of("rig-add", "rig-tanh", "rig-mul"), browser.texts("tbody td.name a"));
    browser.find("th.mIoU button").click();
    browser.await("descending", () -> browser.count("th.mIoU[aria-sort=descending]") == 1);
    browser.find("th.mIoU button").click();
    browser.await(
        "ascending",
        () -> browser.texts("tbody td.name a").equals(List.of("rig-mul", "rig-tanh", "rig-add")));
    assertEquals("ascending", browser.find("th.mIoU").getDomAttribute("aria-sort"));
    browser.find("#filter").clear();
    browser.find("#filter").sendKeys(Keys.SPACE, Keys.BACK_SPACE);
    browser.await("all", () -> browser.count("tbody tr") == 9);
    browser.find(".chip input[value=failed]").click();
    browser.await("failed", () -> browser.texts("tbody td.name a").equals(List.of("broken")));
    browser.find(".menu summary").click();
    browser.find(".choices input[type=search]").sendKeys("spec.l");
    browser.await(
        "narrowed",
        () -> browser.texts(".options label").stream().filter(l -> !l.isEmpty()).count() == 1);
    browser.find("label[data-column='spec.lr'] input").click();
    // A spec is shown exactly.
    browser.await("the column", () -> browser.texts("td.spec-lr").equals(List.of("0.002")));
    browser.open("/");
    browser.await("kept", () -> browser.count("th.spec\\.lr") == 1);
    browser.noComplaints();
  }

  @Test
  public void drawsCurvesThatGrow() throws Exception {
    browser.signIn("operator");
    browser.open("/#/run/6");
    browser.find(".tabs");
    browser.await("live", () -> browser.texts("#live").equals(List.of("live")));
    for (int step = 1; step <= 30; step++) {
      server.lab.step(
          6,
          new Run.Progress(step, 400, 21.5, 60),
          List.of(new Point("loss", step, 2.0 / step), new Point("lr", step, 0.01)));
    }
    browser.await("chart", () -> browser.count(".chart canvas") >= 1);
    browser.await(
        "the last loss", () -> browser.texts(".chart .legend output").contains("0.06667"));
    browser.await("progress", () -> browser.find(".steps").getText().equals("30 / 400"));
    Object before = browser.run("return document.querySelector('.chart canvas').toDataURL()");
    server.lab.step(6, new Run.Progress(31, 400, 21.5, 60), List.of(new Point("loss", 31, 5)));
    browser.await(
        "the picture of the curve",
        () ->
            !browser
                .run("return document.querySelector('.chart canvas').toDataURL()")
                .equals(before));
    browser.await("the new loss", () -> browser.texts(".chart .legend output").contains("5"));
    browser.open("/#/run/2?tab=curves");
    browser.await("both charts", () -> browser.count(".chart canvas") == 2);
    assertEquals(
        List.of("0.3", "55.3", "61.3"),
        browser.texts(".chart .legend output").stream()
            .map(text -> text.startsWith("0.3") ? "0.3" : text)
            .toList());
    browser.picture("curves-light");
    browser.dark(true);
    browser.picture("curves-dark");
    browser.noComplaints();
  }

  @Test
  public void comparesRuns() throws Exception {
    browser.signIn("viewer");
    browser.await("runs", () -> browser.count("tbody tr") == 9);
    for (String run : List.of("2", "3", "4")) {
      browser.find("tr[data-run='" + run + "'] .pick input").click();
    }
    assertEquals("Compare (3)", browser.find("#compare").getText());
    browser.find("#compare").click();
    browser.await("chart", () -> browser.count(".chart canvas") == 1);
    assertTrue(browser.driver().getCurrentUrl().endsWith("#/compare/2,3,4"));
    String spec = browser.find("[aria-label='What was asked for'] table").getText();
    assertTrue(spec, spec.contains("lr 0.005 0.0033333333333333335 0.0025"));
    assertTrue(spec, !spec.contains("batch"));
    List<String> classes = browser.texts("[aria-label='IoU of each class, %'] tbody th");
    assertEquals(List.of("disc", "ground", "square", "triangle"), classes);
    browser.picture("compare-light");
    browser.driver().findElement(By.cssSelector("a[aria-label='leave out run 3']")).click();
    browser.await("two", () -> browser.count(".chosen li") == 2);
    browser.find("#add").sendKeys("5", Keys.ENTER);
    browser.await("three", () -> browser.count(".chosen li") == 3);
    browser.noComplaints();
  }

  @Test
  public void showsAFilmstripOfIterations() throws Exception {
    browser.signIn("viewer");
    browser.open("/#/run/2?tab=pictures");
    browser.await("the strip", () -> browser.count("#panel > .tiles .tile") == 7);
    assertEquals(
        List.of("Image", "Label", "t1", "t2", "Gate 6 t2", "Gate 5 t2", "Gate 4 t2"),
        browser.texts("#panel > .tiles .title"));
    assertEquals("1", browser.find("#image").getDomProperty("value"));
    assertEquals("Network rig-mul, when the run was done.", browser.text("#source"));
    browser.picture("pictures-light");
    // The pointer in the middle; keys move it, and all tiles tell of the same pixel.
    browser.find("#panel > .tiles").sendKeys(Keys.ARROW_RIGHT);
    browser.await("the readout", () -> browser.text(".readout").startsWith("x 49"));
    assertEquals(
        "x 49, y 48 · label disc · t1 disc · t2 disc · gate 4 t2 0.9706"
            + " · gate 5 t2 0.9706 · gate 6 t2 0.9706",
        browser.text(".readout"));
    Object before = canvas(2);
    browser.find("#panel > .tiles").sendKeys("+");
    browser.await("zoomed", () -> !canvas(2).equals(before));
    assertTrue("all tiles zoom", !canvas(0).equals(canvas(1)));
    browser.find("#panel > .tiles").sendKeys("0");
    // What feedback changed: the disc of the second iteration is larger, and less of the label.
    browser.await("the shares", () -> browser.count("#changes tbody tr") == 3);
    List<String> all = browser.texts("#changes tbody tr:first-child td");
    assertEquals("9\u202f216", all.get(0));
    assertTrue(all.toString(), Double.parseDouble(all.get(1)) > 10);
    assertEquals("0.0", all.get(2));
    assertEquals("disc", browser.texts("#changes tbody th").get(1));
    browser.find("#every summary").click();
    browser.await("every image", () -> browser.texts("#every tbody th").equals(List.of("val-1")));
    browser.find("button[aria-label='next image']").click();
    browser.await("next", () -> "2".equals(browser.find("#image").getDomProperty("value")));
    browser.await(
        "whose picture it is",
        () -> browser.text("#source").equals("Network rig-mul, from the run's checkpoint."));
    assertTrue(browser.driver().getCurrentUrl().endsWith("tab=pictures&image=2"));
    // A run without a checkpoint says so, and shows nobody else's pictures.
    browser.open("/#/run/5?tab=pictures");
    browser.await("none", () -> browser.text("#panel").startsWith("This run has no pictures"));
    browser.noComplaints();
  }

  @Test
  public void showsPicturesOfTheStepsOfATraining() throws Exception {
    browser.signIn("viewer");
    browser.open("/#/run/3?tab=pictures&step=100");
    browser.await("the step", () -> browser.text("output[for=step]").equals("100"));
    assertEquals(List.of("Image", "Label", "t1", "t2"), browser.texts("#panel > .tiles .title"));
    Object early = canvas(3);
    browser.find("#step").sendKeys(Keys.ARROW_RIGHT);
    browser.await("the next", () -> browser.text("output[for=step]").equals("200"));
    browser.await("its picture", () -> !canvas(3).equals(early));
    browser.find("#step").sendKeys(Keys.END);
    browser.await("the end", () -> browser.text("output[for=step]").equals("the end"));
    browser.await("gates", () -> browser.count("#panel > .tiles .tile") == 7);
    browser.noComplaints();
  }

  private Object canvas(int tile) {
    return browser.run(
        "return document.querySelectorAll('#panel > .tiles canvas')[arguments[0]].toDataURL()",
        tile);
  }

  @Test
  public void aConfusionLeadsToPictures() throws Exception {
    browser.signIn("viewer");
    browser.open("/#/run/2?tab=confusion");
    browser.await("matrix", () -> browser.count(".matrix tbody tr") == 4);
    assertEquals(
        List.of("93", "3.0", "2.0", "2.0", "92.0"),
        browser.texts(".matrix tbody tr:first-child td"));
    assertEquals(
        "square taken for disc: 160 pixels",
        browser
            .find(".matrix tbody tr:nth-child(3) td:nth-child(3) button")
            .getDomAttribute("title"));
    browser.picture("confusion-light");
    browser.find("#matrix-iteration").sendKeys(Keys.ARROW_LEFT);
    browser.await("first", () -> browser.text(".matrix tbody tr:first-child td").equals("90"));
    browser.find(".matrix tbody tr:nth-child(2) td:nth-child(2) button").click();
    browser.await("the pictures", () -> browser.texts("#where .title").equals(List.of("val-1")));
    assertTrue(browser.text("#where small"), browser.text("#where small").contains(" of 3"));
    browser.picture("confusion-pictures");
    browser.find("#against").sendKeys("iteration 2");
    browser.await(
        "differences", () -> browser.text(".matrix tbody tr:first-child td").equals("−3.0"));
    browser.find(".look + p, .bar .chip").click();
    browser.await(
        "sorted",
        () ->
            browser
                .texts(".matrix tbody th")
                .equals(List.of("ground", "disc", "square", "triangle")));
    browser.noComplaints();
  }

  @Test
  public void reordersByKeyboardAndByHand() throws Exception {
    browser.signIn("operator");
    browser.open("/#/queue");
    browser.await("queue", () -> browser.count("ol.queue li[data-run]") == 3);
    browser.picture("queue-light");
    browser.find("li[data-run='9'] .handle").sendKeys(Keys.ARROW_UP);
    browser.await("moved", () -> server.lab.queue().equals(List.of(7L, 9L, 8L)));
    browser.await(
        "focus stays",
        () ->
            "move run 9 wait-c"
                .equals(browser.driver().switchTo().activeElement().getDomAttribute("aria-label")));
    browser.driver().switchTo().activeElement().sendKeys(Keys.ARROW_UP);
    browser.await("first", () -> server.lab.queue().equals(List.of(9L, 7L, 8L)));
    new Actions(browser.driver())
        .clickAndHold(browser.find("li[data-run='9'] .handle"))
        .moveByOffset(0, 30)
        .moveToElement(browser.find("li[data-run='8']"), 0, 15)
        .release()
        .perform();
    browser.await("dragged", () -> server.lab.queue().equals(List.of(7L, 8L, 9L)));
    browser.noComplaints();
  }

  @Test
  public void aViewerSeesNoLeversAndAnAdminSeesAll() throws Exception {
    browser.signIn("viewer");
    browser.open("/#/queue");
    browser.await("queue", () -> browser.count("ol.queue li[data-run]") == 3);
    assertEquals(0, browser.count(".handle"));
    browser.open("/#/plugins");
    browser.await("plugins", () -> browser.count("tbody tr") == 2);
    assertEquals(List.of("active", "does not resolve"), browser.texts("tbody .badge"));
    assertEquals(0, browser.count("form:not([role=search])"));
    browser.signIn("admin");
    browser.open("/#/plugins");
    browser.find("form #jar");
    browser.picture("plugins-light");
    browser.noComplaints();
  }

  @Test
  public void saysAboveEveryViewWhatIsNotWell() throws Exception {
    server.lab.checks.add(new Health.Check("disk", Health.Status.OK, "90 GiB free"));
    server.lab.checks.add(new Health.Check("runs", Health.Status.WARN, "runs use 95 of 100 GiB"));
    server.lab.checks.add(new Health.Check("run 6", Health.Status.WARN, "no step for 10 minutes"));
    browser.signIn("viewer");
    List<String> lines =
        List.of("⚠ runs: runs use 95 of 100 GiB", "⚠ run 6: no step for 10 minutes");
    browser.await("warnings", () -> browser.texts("#health p").equals(lines));
    browser.find("nav a[href='#/plugins']").click();
    browser.await("plugins", () -> browser.count("tbody tr") == 2);
    assertEquals(lines, browser.texts("#health p"));
    browser.picture("health");
    browser.noComplaints();
    server.lab.checks.set(0, new Health.Check("disk", Health.Status.CRITICAL, "9 MiB free"));
    browser.open("/");
    browser.await("what is critical", () -> browser.count("#health .error") == 2);
    assertEquals("⚠ disk: 9 MiB free", browser.text("#health .error"));
    assertEquals(1, browser.count("#health .warn"));
    server.lab.checks.clear();
    browser.open("/#/queue");
    browser.await("queue", () -> browser.count("ol.queue li[data-run]") == 3);
    browser.await("nothing", () -> browser.texts("#health").equals(List.of("")));
  }

  @Test
  public void fitsAPhone() throws Exception {
    browser.size(390, 844, true);
    browser.signIn("operator");
    List<String> views = new ArrayList<>();
    for (String view :
        List.of(
            "runs",
            "run/2?tab=curves",
            "run/2?tab=pictures",
            "run/2?tab=confusion",
            "run/2?tab=spec",
            "run/2?tab=events",
            "compare/2,3,4,5",
            "queue",
            "plugins")) {
      browser.open("/#/" + view);
      browser.await("content", () -> browser.count("main .card") > 0);
      browser.await(
          "curves", () -> !view.contains("curves") || browser.count(".chart canvas") == 2);
      browser.noScrollSideways();
      browser.picture("phone-" + view.replaceAll("\\W+", "-"));
      views.add(view);
    }
    browser.dark(true);
    browser.open("/#/runs");
    browser.await("runs", () -> browser.count("tbody tr") == 9);
    browser.picture("phone-dark");
    browser.noComplaints();
  }

  @Test
  public void whatPeopleNamedIsTextAndNoMarkup() throws Exception {
    String hostile = "<img src=x onerror=window.hurt=1>\"'&amp;</script>";
    server.lab.add(hostile, Run.State.QUEUED, Map.of("note", hostile));
    server.lab.point(10, hostile, 1, 0.5);
    server.plugins.add(
        new Plugins.Plugin(
            hostile, "1.0.0", "ab".repeat(32), hostile, List.of(hostile), List.of(hostile)));
    browser.signIn("admin");
    browser.await("the name", () -> browser.text("tr[data-run='10'] td.name a").equals(hostile));
    for (String view :
        List.of("run/10?tab=curves", "run/10?tab=spec", "compare/9,10", "queue", "plugins")) {
      browser.open("/#/" + view);
      browser.await(view, () -> browser.text("main").contains("<img src=x"));
    }
    assertEquals(null, browser.run("return window.hurt"));
    browser.noComplaints();
  }

  @Test
  public void isDarkWhereTheSystemIs() throws Exception {
    browser.signIn("viewer");
    browser.await("runs", () -> browser.count("tbody tr") == 9);
    Object light = browser.run("return getComputedStyle(document.body).backgroundColor");
    browser.dark(true);
    Object dark = browser.run("return getComputedStyle(document.body).backgroundColor");
    assertEquals("rgb(246, 247, 249)", light);
    assertEquals("rgb(16, 21, 27)", dark);
    browser.picture("runs-dark");
    browser.noComplaints();
  }
}
