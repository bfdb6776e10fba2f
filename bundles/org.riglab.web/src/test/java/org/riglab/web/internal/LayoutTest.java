package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;

/** Where things stand in the views, and which of them are shown. */
public class LayoutTest extends LabPage {
  @Test
  public void columnsOfAnyNameAreCells() throws Exception {
    browser.signIn("viewer");
    browser.open("/#/runs?columns=id,name,tags,note,files,error,sweep,warnings,bytes");
    browser.await("runs", () -> browser.count("tbody tr") == 9);
    assertEquals(
        "each is a cell in the colour of its row",
        List.of(),
        browser.run(
            """
            return [...document.querySelectorAll("tbody tr")].flatMap(row => [...row.cells])
              .filter(cell => getComputedStyle(cell).display !== "table-cell"
                || getComputedStyle(cell).color !== getComputedStyle(cell.parentElement).color
                  && !cell.matches(".submitted, .started, .ended"))
              .map(cell => cell.className);
            """));
  }

  /** Labels whose control is in another line, and texts that are narrower than a word. */
  private List<?> apart() {
    return (List<?>)
        browser.run(
            """
            return [...document.querySelectorAll(".bar label[for]")].filter(e => e.checkVisibility())
              .filter(label => {
                const control = document.getElementById(label.htmlFor).getBoundingClientRect();
                const box = label.getBoundingClientRect();
                return control.top >= box.bottom || box.top >= control.bottom;
              }).map(label => label.textContent);
            """);
  }

  @Test
  public void labelsStayWithTheirControlsOnAPhone() throws Exception {
    browser.size(390, 844, true);
    evaluation(server);
    browser.signIn("viewer");
    List<String> found = new ArrayList<>();
    for (String view :
        List.of(
            "run/2?tab=curves",
            "run/2?tab=pictures",
            "run/2?tab=confusion",
            "compare/2,3",
            "compare/10,2",
            "sweep?q=rig-")) {
      browser.open("/#/" + view);
      browser.await(view, () -> browser.count(".bar label[for]") > 0);
      apart().forEach(label -> found.add(view + ": " + label));
      browser.noScrollSideways();
    }
    assertEquals(List.of(), found);
  }

  @Test
  public void namesOfRunningRunsAreReadOnAPhone() throws Exception {
    browser.size(390, 844, true);
    browser.signIn("operator");
    browser.open("/#/queue");
    browser.await("queue", () -> browser.count("ol.queue li[data-run]") == 3);
    server.lab.step(6, new Run.Progress(200, 400, 21.5, 60), List.of(new Point("loss", 200, 1)));
    browser.await("progress", () -> browser.text(".queue .steps").startsWith("200"));
    double narrowest =
        ((Number)
                browser.run(
                    "return Math.min(...[...document.querySelectorAll('.queue .about')].map(e =>"
                        + " e.getBoundingClientRect().width))"))
            .doubleValue();
    assertTrue("a name has " + narrowest + " pixels", narrowest > 230);
    browser.noScrollSideways();
  }

  @Test
  public void whatIsConfirmedIsReadOnAPhone() {
    server.offers.add(TestServer.offer("channel-gate", "1.1.0", List.of()));
    browser.size(390, 844, true);
    browser.signIn("admin");
    browser.open("/#/plugins");
    browser.find("[aria-label='details of channel-gate']").click();
    browser.find("[aria-label='Update channel-gate 1.1.0']").click();
    browser.await("the digest", () -> browser.text(".plan").contains("ee".repeat(32)));
    assertEquals(
        0L,
        browser.run(
            "const e = document.querySelector('#offer .card'); return Math.max(0, e.scrollWidth -"
                + " e.clientWidth)"));
  }

  @Test
  public void aViewThatTakesLongSaysSo() throws Exception {
    browser.signIn("viewer");
    // An answer that is late; what the view shows meanwhile is in the style sheet.
    browser.run(
        "const real = fetch; const late = new Promise(r => window.go = r); window.fetch = async"
            + " (...a) => { await late; return real(...a); }; location.hash = '#/networks'");
    browser.await(
        "what it does",
        () ->
            "\"Reading…\" visible"
                .equals(
                    browser.run(
                        "const s = getComputedStyle(document.querySelector('main'), '::before');"
                            + " return s.content + ' ' + s.visibility")));
    browser.run("window.go()");
    browser.await("the view", () -> browser.text("h1").equals("Networks"));
    assertEquals(
        "none",
        browser.run("return getComputedStyle(document.querySelector('main'), '::before').content"));
  }

  @Test
  public void coloursOfRunsFollowTheTheme() throws Exception {
    browser.signIn("viewer");
    browser.open("/#/compare/2,3");
    browser.await("chart", () -> browser.count(".chart canvas") == 1);
    List<String> light = colours(".chosen .swatch");
    browser.dark(true);
    browser.await("drawn anew", () -> !colours(".legend .swatch").equals(light));
    assertEquals(colours(".legend .swatch"), colours(".chosen .swatch"));
    assertNotEquals(light, colours(".chosen .swatch"));
  }

  private List<String> colours(String css) {
    return browser.driver().findElements(org.openqa.selenium.By.cssSelector(css)).stream()
        .map(e -> e.getCssValue("background-color"))
        .toList();
  }

  @Test
  public void aViewSaysWhatIsNotThere() {
    browser.signIn("viewer");
    Map<String, String> views =
        Map.of(
            "run/99", "There is no run 99",
            "tables/none", "There is no table none",
            "search/none", "There is no search none",
            "networks/none", "There is no network none",
            "sweep/99", "There is no sweep 99");
    views.forEach(
        (view, text) -> {
          browser.open("/#/" + view);
          browser.await(view, () -> browser.text("h1").equals(text));
          assertEquals("and where others are", 1, browser.count("main p a"));
          assertEquals("", browser.text("#notice"));
        });
  }

  @Test
  public void onlyASweepHasSeeds() {
    browser.signIn("operator");
    browser.open("/#/start");
    browser.find("#start .field");
    assertEquals(false, browser.find("#seeds").isDisplayed());
    browser.find("input[name=kind][value=sweep]").click();
    assertEquals(true, browser.find("#seeds").isDisplayed());
    browser.find("input[name=kind][value=eval]").click();
    assertEquals(false, browser.find("#seeds").isDisplayed());
  }
}
