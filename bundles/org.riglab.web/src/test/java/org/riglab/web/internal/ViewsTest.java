package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeNotNull;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;

/** Every view: accessible, in light and dark, on wide and narrow screens; and what it costs. */
public class ViewsTest extends LabPage {
  /** What is there when a view is complete, by address. */
  static final Map<String, String> VIEWS = new LinkedHashMap<>();

  static {
    VIEWS.put("runs?marked=2,3", "tbody tr");
    VIEWS.put("run/2?tab=curves", ".chart canvas");
    VIEWS.put("run/3?tab=pictures", "#changes tbody tr");
    VIEWS.put("run/2?tab=confusion", ".matrix");
    VIEWS.put("run/2?tab=spec", ".pairs");
    VIEWS.put("run/2?tab=events", ".events");
    VIEWS.put("run/2?tab=files", ".files");
    VIEWS.put("run/99", "main p a");
    VIEWS.put("runs?columns=id,name,tags,note,files,error,sweep,warnings", "tbody tr");
    VIEWS.put("run/6", ".chart, .hint");
    VIEWS.put("compare/2", "main .hint");
    VIEWS.put("sweep/99", "main p a");
    VIEWS.put("tables/none", "main p a");
    VIEWS.put("networks/none", "main p a");
    VIEWS.put("compare/2,3,4", ".chart canvas");
    VIEWS.put("sweep?q=rig-", "#parallel svg");
    VIEWS.put("run/10?tab=results", ".versus");
    VIEWS.put("tables", ".files a");
    VIEWS.put("tables/small", ".ablation");
    VIEWS.put("search/lr", "#parallel svg");
    VIEWS.put("queue", "ol.queue li");
    VIEWS.put("networks", "#network-form");
    VIEWS.put("networks/rig", ".unrolled");
    VIEWS.put("plugins", "tbody tr");
    VIEWS.put("start", "#start .field");
    VIEWS.put("start/sweep", "#start .field");
    VIEWS.put("start/eval", "#start .field");
  }

  /** What is opened in a view, step by step: clicked, then waited for. */
  private static final Map<String, List<String>> OPENED =
      Map.of(
          "runs?marked=2,3", List.of(".menu summary", ".menu[open] .options label"),
          "run/2?tab=spec", List.of(".keeping summary", "#keeping textarea"),
          "run/2?tab=confusion", List.of(".matrix td:nth-child(3) button", "#where > *"),
          "sweep?q=rig-", List.of(".sweep tbody button", "tr.member:not([hidden])"),
          "start", List.of("#start summary", "#find"),
          "plugins",
              List.of(
                  "[aria-label='details of channel-gate']",
                  "[aria-label='Update channel-gate 1.1.0']",
                  ".plan .primary"));

  private static void open(String view) {
    browser.open("/#/" + view);
    browser.await(view, () -> browser.count(VIEWS.get(view)) > 0);
    List<String> steps = OPENED.getOrDefault(view, List.of());
    for (int i = 0; i < steps.size(); i++) {
      WebElement element = browser.find(steps.get(i));
      if (i < steps.size() - 1) {
        element.click();
      }
    }
  }

  @Test
  public void everyViewIsAccessible() throws Exception {
    String axe;
    try (InputStream in = ViewsTest.class.getResourceAsStream("/axe.min.js")) {
      assumeNotNull(in);
      axe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    browser.size(1300, 900, false);
    List<String> found = new ArrayList<>(findings(axe, "login"));
    browser.signIn("admin");
    for (Map.Entry<String, String> view : VIEWS.entrySet()) {
      open(view.getKey());
      for (boolean dark : new boolean[] {false, true}) {
        browser.dark(dark);
        browser.picture((dark ? "dark-" : "light-") + name(view.getKey()));
        found.addAll(findings(axe, view.getKey() + (dark ? " dark" : " light")));
      }
      browser.dark(false);
    }
    assertEquals(String.join("\n", found), 0, found.size());
  }

  private static String name(String view) {
    return view.replaceAll("\\W+", "-");
  }

  /** Adds an evaluation, a table and a catalogue, which other tests do not need. */
  @Before
  public void more() throws Exception {
    evaluation(server);
    table(server);
    SearchPageTest.search(server, 5);
    server.offers.add(TestServer.offer("channel-gate", "1.1.0", List.of()));
    server.offers.add(TestServer.offer("far-gate", "2.0.0", List.of("org.riglab.api 9.0")));
  }

  /** Serious and critical findings, one line each. */
  @SuppressWarnings("unchecked")
  private static List<String> findings(String axe, String view) {
    if (view.equals("login")) {
      browser.open("/login");
    }
    browser.run("if (!window.axe) { " + axe + " }");
    Object answer =
        browser
            .driver()
            .executeAsyncScript(
                "const done = arguments[arguments.length - 1];axe.run(document, {resultTypes:"
                    + " ['violations']}).then(r => done(r.violations.filter(v => ['serious',"
                    + " 'critical'].includes(v.impact)).map(v => v.id + ': ' + v.nodes.slice(0,"
                    + " 3).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join('"
                    + " | '))),e => done(['axe failed: ' + e]));");
    return ((List<String>) answer).stream().map(line -> view + ": " + line).toList();
  }

  @Test
  public void everyViewFitsAPhone() throws Exception {
    browser.size(390, 844, true);
    browser.signIn("admin");
    for (Map.Entry<String, String> view : VIEWS.entrySet()) {
      open(view.getKey());
      browser.noScrollSideways();
      browser.picture("phone-" + name(view.getKey()));
    }
    browser.size(800, 900, false);
    for (String view : List.of("runs", "run/3?tab=pictures", "compare/2,3,4", "start")) {
      browser.open("/#/" + view);
      browser.await(view, () -> browser.count("main h1") > 0);
      browser.noScrollSideways();
    }
  }

  @Test
  public void everyControlHasAVisibleFocus() throws Exception {
    browser.signIn("operator");
    browser.open("/#/run/2?tab=spec");
    browser.await("spec", () -> browser.count(".pairs") > 0);
    for (int i = 0; i < 25; i++) {
      browser.driver().switchTo().activeElement().sendKeys(Keys.TAB);
      String without =
          (String)
              browser.run(
                  "const e = document.activeElement; const s = getComputedStyle(e);"
                      + "return e === document.body || s.outlineStyle !== 'none'"
                      + " && parseFloat(s.outlineWidth) > 0 ? '' : e.outerHTML.slice(0, 200)");
      assertEquals("", without);
    }
  }

  /** The figures of one page are printed: they are for people, and depend on the machine. */
  @Test
  public void aLiveUpdateWritesOnlyWhatChanges() throws Exception {
    browser.signIn("operator");
    browser.open("/#/run/6");
    browser.await("live", () -> browser.texts("#live").equals(List.of("live")));
    browser.run(
        "document.querySelector('.actions button').focus(); window.before = document.activeElement;"
            + " window.made = 0; new MutationObserver(list => { for (const m of list) window.made"
            + " += m.addedNodes.length; }).observe(document.querySelector('.runhead'), {childList:"
            + " true, subtree: true});");
    for (int step = 1; step <= 40; step++) {
      server.lab.step(
          6, new Run.Progress(step, 400, 21.5, 60), List.of(new Point("loss", step, 2.0 / step)));
    }
    browser.await("progress", () -> browser.find(".steps").getText().equals("40 / 400"));
    assertEquals(true, browser.run("return document.activeElement === window.before"));
    // Texts and a fact that was not there before; no button and no badge anew.
    long made = (Long) browser.run("return window.made");
    assertTrue("elements made: " + made, made < 200);
    browser.find(".actions button").click();
    browser.await("paused", () -> server.lab.run(6).state() == Run.State.PAUSED);
    browser.await("resume", () -> browser.text(".actions button").equals("Resume"));
    assertEquals(
        "focus stays among the actions",
        true,
        browser.run("return document.querySelector('.actions').contains(document.activeElement)"));
  }

  @Test
  public void theWholePageIsSmall() throws Exception {
    browser.signIn("viewer");
    browser.await("runs", () -> browser.count("tbody tr") == 10);
    // Over the network, headers included: every module and style sheet, and the first answers.
    double bytes =
        ((Number)
                browser.run(
                    "return performance.getEntries().reduce((sum, e) => sum + (e.transferSize ??"
                        + " 0), 0)"))
            .doubleValue();
    List<?> others =
        (List<?>)
            browser.run(
                "return performance.getEntriesByType('resource').map(e => e.name)"
                    + ".filter(name => !name.startsWith(location.origin))");
    assertEquals("nothing comes from elsewhere", List.of(), others);
    assertTrue("the page takes " + bytes + " bytes", bytes > 30_000 && bytes <= 300_000);
    System.out.println("transfer of the page: " + bytes + " bytes");
  }
}
