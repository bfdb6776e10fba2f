package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;
import org.riglab.api.lab.Run;

/** Every view without a mouse. */
public class KeyboardTest extends LabPage {
  /** Notes the controls of the view in their order, and each that gets the focus. */
  private static final String WATCH =
      """
      const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary,"
        + " [tabindex]")].filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility()
        && (e.type !== "radio" || e.checked)); // a group is one stop
      window.controls = all;
      window.walked = [];
      window.wrong = [];
      const outlined = e => {
        const style = e && getComputedStyle(e);
        return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      };
      window.watcher = ({target}) => {
        walked.push(all.indexOf(target));
        const box = target.getBoundingClientRect();
        const seen = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
        if (!outlined(target) && !outlined(target.nextElementSibling)) wrong.push("no outline: " + target.outerHTML.slice(0, 200));
        if (!seen) wrong.push("outside: " + target.outerHTML.slice(0, 200));
      };
      document.activeElement.blur();
      all[0].focus();
      walked.push(0);
      document.addEventListener("focusin", watcher);
      return all.length;
      """;

  private void tabs(int times) {
    new Actions(browser.driver()).sendKeys(Keys.TAB.toString().repeat(times)).perform();
  }

  private String focused() {
    return (String)
        browser.run(
            "const e = document.activeElement; return e.getAttribute('aria-label') || e.id ||"
                + " e.textContent");
  }

  @Test
  public void everyControlIsReachedInOrder() throws Exception {
    evaluation(server);
    table(server);
    SearchPageTest.search(server, 5);
    server.offers.add(TestServer.offer("wave-gate", "1.0.0", List.of()));
    browser.signIn("admin");
    List<String> found = new ArrayList<>();
    for (Map.Entry<String, String> view : ViewsTest.VIEWS.entrySet()) {
      browser.open("/#/" + view.getKey());
      browser.await(view.getKey(), () -> browser.count(view.getValue()) > 0);
      int controls = ((Number) browser.run(WATCH)).intValue();
      tabs(controls - 1);
      List<?> walked =
          (List<?>)
              browser.run(
                  "document.removeEventListener('focusin', watcher); return walked.filter(i => i"
                      + " >= 0)");
      for (int i = 0; i < controls; i++) {
        if (i >= walked.size() || ((Number) walked.get(i)).intValue() != i) {
          found.add(view.getKey() + ": not reached in its turn: " + html(i) + " " + walked);
          break;
        }
      }
      ((List<?>) browser.run("return wrong")).forEach(w -> found.add(view.getKey() + ": " + w));
    }
    assertEquals(String.join("\n", found), 0, found.size());
  }

  private Object html(int control) {
    return browser.run("return controls[arguments[0]].outerHTML.slice(0, 200)", control);
  }

  @Test
  public void focusStaysWhereOneWorks() throws Exception {
    browser.signIn("admin");
    browser.open("/#/queue");
    browser.await("queue", () -> browser.count("ol.queue li[data-run]") == 3);
    browser.find("[data-run='8'][data-action=cancel]").sendKeys(Keys.ENTER);
    browser.await("cancelled", () -> browser.count("ol.queue li[data-run]") == 2);
    browser.await("another run", () -> focused().startsWith("move run 7"));
    browser.find("[data-run='6'][data-action=pause]").sendKeys(Keys.ENTER);
    browser.await("paused", () -> server.lab.run(6).state() == Run.State.PAUSED);
    browser.await("its new button", () -> focused().equals("resume run 6"));

    browser.open("/#/plugins");
    browser.find("[aria-label='remove old-gate']").sendKeys(Keys.ENTER);
    browser.driver().switchTo().alert().accept();
    browser.await("removed", () -> browser.count("[aria-label='remove old-gate']") == 0);
    browser.await("the table", () -> focused().equals("Table of plugins"));

    for (int i = 0; i < 60; i++) {
      server.lab.add("more-" + i, Run.State.DONE, Map.of());
    }
    browser.open("/#/runs");
    browser.await("a page", () -> browser.count("tbody tr") == 50);
    browser.driver().executeScript("document.querySelector('.foot button:last-child').focus()");
    new Actions(browser.driver()).sendKeys(Keys.ENTER).perform();
    browser.await("the last page", () -> browser.count("tbody tr") == 19);
    browser.await("the way back", () -> focused().equals("Previous"));

    browser.open("/#/runs?q=rig-");
    browser.await("three", () -> browser.count("tbody tr") == 3);
    browser.find("tr[data-run='2'] .pick input").sendKeys(Keys.SPACE);
    browser.find("#marked .danger").sendKeys(Keys.ENTER);
    browser.driver().switchTo().alert().accept();
    browser.await("deleted", () -> browser.count("tbody tr") == 2);
    browser.await("the view", () -> browser.count("main:focus") == 1);
    // A link leads into the view that it opens.
    browser.find("tr[data-run='3'] td.name a").sendKeys(Keys.ENTER);
    browser.await("its page", () -> browser.count(".actions a") > 0);
    assertEquals("view", browser.run("return document.activeElement.id"));
    tabs(1);
    assertEquals(true, browser.run("return !!document.activeElement.closest('.actions')"));
  }
}
