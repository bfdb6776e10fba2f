package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.Test;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;

/** The curves of a run of many points, which grow. */
public class LongRunTest extends LabPage {
  private static final int READ = 1500; // points that the page asks for
  private static final int STEPS = 4 * READ;

  private void watch() {
    for (int step = 1; step <= STEPS; step++) {
      server.lab.point(6, "loss", step, step % 2 == 0 ? 1 : 2);
    }
    browser.signIn("operator");
    browser.open("/#/run/6");
    browser.await("the curve", () -> browser.count(".chart canvas") == 1);
    browser.await("live", () -> browser.texts("#live").equals(List.of("live")));
  }

  private void tell(int from, int to, double value) {
    List<Point> points = new ArrayList<>();
    for (int step = from; step <= to; step++) {
      points.add(new Point("loss", step, value));
    }
    server.lab.step(6, new Run.Progress(to, 100_000, 21.5, 60), points);
  }

  /** Share of the plot's pixels that are coloured but not opaque: the band, not the line. */
  private double band() {
    return ((Number)
            browser.run(
                """
                const c = document.querySelector('.chart canvas');
                const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                let n = 0;
                for (let i = 0; i < d.length; i += 4) if (d[i + 3] === 0x33) n++;
                return n / (c.width * c.height);
                """))
        .doubleValue();
  }

  @Test
  public void fillsWhatIsBetweenTheBounds() {
    watch();
    browser.await("the band", () -> band() > 0.3);
    browser.find(".legend button").click();
    browser.await("none of a hidden line", () -> band() < 0.01);
  }

  @Test
  public void isSummarisedByTheServerBeforeItGrowsWithoutEnd() {
    watch();
    browser.run("performance.clearResourceTimings()");
    String read =
        "return performance.getEntriesByType('resource')"
            + ".filter(e => e.name.includes('/curves')).length";
    tell(STEPS + 1, STEPS + READ, 1.5);
    browser.await("progress", () -> browser.text(".steps").startsWith("7"));
    assertEquals("the points suffice", 0L, browser.run(read));
    tell(STEPS + READ + 1, STEPS + READ + 100, 1.5);
    browser.await("the curve is read again", () -> browser.run(read).equals(1L));
    browser.noComplaints();
  }

  /** The last point of a curve that the server has reduced is the mean of several. */
  @Test
  public void theLegendShowsTheLastValue() {
    watch();
    browser.await("the loss", () -> browser.text(".legend output").equals("1"));
  }

  @Test
  public void drawsWhatIsNarrowerThanAPixelLater() {
    watch();
    tell(STEPS + 1, STEPS + 1, 1.25);
    browser.await("the loss", () -> browser.text(".legend output").equals("1.250"));
  }

  @Test
  public void drawsAChartThatIsNotSeenOnceItIs() {
    browser.size(1300, 300, false);
    watch();
    server.lab.step(
        6, new Run.Progress(STEPS, 100_000, 21.5, 60), List.of(new Point("mIoU.t1", 1, 0.25)));
    browser.await("its chart", () -> browser.count(".chart canvas") == 2);
    browser.run("document.querySelector('.charts').style.paddingTop = '3000px'");
    String seen = "return document.querySelectorAll('.chart')[1].getBoundingClientRect().top";
    assertTrue(((Number) browser.run(seen)).doubleValue() > 1000);
    browser.run("return new Promise(done => setTimeout(done, 100))");
    server.lab.step(
        6, new Run.Progress(STEPS + 5, 100_000, 21.5, 60), List.of(new Point("mIoU.t1", 2, 0.5)));
    browser.await("progress", () -> browser.text(".steps").startsWith("6\u202f005"));
    browser.run("scrollTo(0, 1e6)");
    browser.await(
        "the last value",
        () ->
            browser
                .run("return document.querySelectorAll('.legend output')[1].textContent")
                .equals("50.0"));
  }
}
