package org.riglab.web.internal;

import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.Before;
import org.junit.Test;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;

/**
 * Prints what the page costs the main thread of the browser. It is executed with {@code
 * -Driglab.page.cost=ROUNDS} only: the figures are for people and depend on the machine.
 *
 * <p>Processor time is that of the main thread (Chromium's metrics in the domain {@code
 * threadTicks}), so that other load on the machine changes it little. Paints are in wall time from
 * the start of the navigation to the frame after the rows or charts were inserted.
 */
public class PageCostTest extends LabPage {
  private static final int UPDATES = 20;
  private static final int PERIOD_MILLIS = 300; // as the lab sends points
  private static final int POINTS = 100_000;

  /** Notes the time of the frame after the element appeared. */
  private static final String WATCH =
      """
      const wanted = %s;
      window.painted = 0;
      const watcher = new MutationObserver(() => {
        if (!document.querySelector(wanted)) return;
        watcher.disconnect();
        requestAnimationFrame(() => setTimeout(() => (window.painted = performance.now()), 0));
      });
      watcher.observe(document, {childList: true, subtree: true});
      """;

  private int rounds;

  /** Skips the test unless it is asked for. */
  @Before
  public void asked() {
    rounds = Integer.getInteger("riglab.page.cost", 0);
    assumeTrue("riglab.page.cost is not set", rounds > 0);
    cdp("Performance.disable", Map.of());
    cdp("Performance.enable", Map.of("timeDomain", "threadTicks"));
  }

  private static Map<String, Object> cdp(String command, Map<String, Object> arguments) {
    return browser.driver().executeCdpCommand(command, arguments);
  }

  /** Milliseconds of processor time of the page's main thread so far, by kind. */
  private static Map<String, Double> spent() {
    Map<String, Double> spent = new TreeMap<>();
    for (Object entry : (List<?>) cdp("Performance.getMetrics", Map.of()).get("metrics")) {
      Map<?, ?> metric = (Map<?, ?>) entry;
      String name = (String) metric.get("name");
      if (name.endsWith("Duration")) {
        spent.put(
            name.replace("Duration", ""), 1000 * ((Number) metric.get("value")).doubleValue());
      }
    }
    return spent;
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static void print(String what, Object... values) {
    System.out.println(String.format(Locale.ROOT, what, values) + " (load " + load() + ")");
  }

  /** Changes something at the period of the lab. */
  private interface Change {
    void make(long number);
  }

  /** The processor time of one update, less that of the same time without any. */
  private void updates(String view, Change change) throws Exception {
    for (int round = 1; round <= rounds; round++) {
      Map<String, Double> start = spent();
      Thread.sleep(UPDATES * PERIOD_MILLIS);
      Map<String, Double> idle = spent();
      for (int i = 0; i < UPDATES; i++) {
        change.make((long) round * UPDATES + i);
        Thread.sleep(PERIOD_MILLIS);
      }
      Map<String, Double> end = spent();
      StringBuilder kinds = new StringBuilder();
      for (String kind : end.keySet()) {
        double own = end.get(kind) - idle.get(kind) - (idle.get(kind) - start.get(kind));
        kinds.append(String.format(Locale.ROOT, " %s %.2f", kind, own / UPDATES));
      }
      print("%s, ms of processor time per update:%s", view, kinds);
    }
  }

  private void step(long step) {
    server.lab.step(
        6,
        new Run.Progress(step, 2 * POINTS, 21.5 + step % 7, 60 + step % 11),
        List.of(
            new Point("loss", step, 1 + Math.sin(step)),
            new Point("lr", step, 0.01 - step * 1e-9),
            new Point("seconds", step, step * 0.3)));
  }

  private void fill(int points) {
    for (int step = 1; step <= points; step++) {
      server.lab.point(6, "loss", step, 2.0 * Math.exp(-step / 20_000.0) + 0.1 * Math.sin(step));
      server.lab.point(6, "lr", step, 0.01 - step * 1e-9);
      server.lab.point(6, "seconds", step, step * 0.3);
      if (step % 1000 == 0) {
        server.lab.point(6, "mIoU.t1", step, 0.5 - 1.0 / step);
        server.lab.point(6, "mIoU.t2", step, 0.6 - 1.0 / step);
      }
    }
  }

  private void paint(String what, String path, String element) {
    for (int round = 1; round <= rounds; round++) {
      browser.leave();
      Object script =
          cdp(
                  "Page.addScriptToEvaluateOnNewDocument",
                  Map.of("source", WATCH.formatted("'" + element + "'")))
              .get("identifier");
      browser.open(path);
      browser.await(what, () -> ((Number) browser.run("return painted")).doubleValue() > 0);
      double painted = ((Number) browser.run("return painted")).doubleValue();
      print("%s: %.0f ms, processor time %.0f ms", what, painted, spent().get("Task"));
      cdp("Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", script));
    }
  }

  @Test
  public void aRun() throws Exception {
    fill(POINTS);
    browser.signIn("operator");
    paint("first paint of a run of 100,000 points", "/#/run/6", ".chart canvas");
    browser.await("charts", () -> browser.count(".chart canvas") == 2);
    browser.await("live", () -> browser.texts("#live").equals(List.of("live")));
    updates("a run of 100,000 points", number -> step(POINTS + number));
    List<String> shown = new ArrayList<>(browser.texts(".steps"));
    assertTrue(shown.toString(), shown.get(0).endsWith("/ 200\u202f000"));
  }

  /** What any page costs: it has one paragraph, whose text changes. A command would cost more. */
  @Test
  public void theLeast() throws Exception {
    browser.driver().get("data:text/html,<p>0</p>");
    String script =
        """
        let left = %d;
        const timer = setInterval(() => {
          if (--left === 0) clearInterval(timer);
          requestAnimationFrame(() => (document.querySelector('p').textContent = left));
        }, %d);
        """
            .formatted(UPDATES, PERIOD_MILLIS);
    updates(
        "one paragraph",
        number -> {
          if (number % UPDATES == 0) {
            browser.run(script);
          }
        });
  }

  @Test
  public void manyRuns() throws Exception {
    for (int i = 0; i < 2000; i++) {
      server.lab.add("run-" + i, Run.State.DONE, Map.of("lr", 0.01));
    }
    browser.signIn("operator");
    paint("first paint of 2,000 runs", "/#/runs", "tbody tr[data-run]");
    browser.open("/#/runs?q=live");
    browser.await("the run", () -> browser.count("tbody tr[data-run]") == 1);
    browser.await("live", () -> browser.texts("#live").equals(List.of("live")));
    updates("the list of runs", this::step);
  }
}
