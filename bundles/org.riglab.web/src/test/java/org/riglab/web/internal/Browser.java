package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A real Chromium without a window. */
final class Browser implements AutoCloseable {
  private static final List<Path> CHROMIUM =
      List.of(
          Path.of("/usr/bin/chromium"),
          Path.of("/usr/bin/chromium-browser"),
          Path.of("/usr/bin/google-chrome"));
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();

  private TestServer server;
  private final ChromeDriver driver;

  /** Skips the test where there is no browser. */
  Browser() {
    Path chromium = CHROMIUM.stream().filter(Files::isExecutable).findFirst().orElse(null);
    assumeTrue("no Chromium and chromedriver", chromium != null && Files.isExecutable(DRIVER));
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--window-size=1280,860");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .build(),
            options);
  }

  /** Visits another server from now on, as somebody who has never been there. */
  void visit(TestServer other) {
    server = other;
    driver.get("about:blank");
    driver.executeCdpCommand("Network.clearBrowserCookies", Map.of());
    driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    dark(false);
    complaints();
  }

  void leave() {
    driver.get("about:blank");
  }

  void open(String path) {
    driver.get(server.url(path));
  }

  void signIn(String role) {
    open("/login");
    find("#token").sendKeys(role + "-secret");
    find("button[type=submit]").click();
    await("the page", () -> driver.getCurrentUrl().contains("#/runs"));
  }

  /** Waits for an element to be there. */
  WebElement find(String css) {
    await(css, () -> !driver.findElements(By.cssSelector(css)).isEmpty());
    return driver.findElement(By.cssSelector(css));
  }

  /** The text of the first such element; empty if there is none. */
  String text(String css) {
    return texts(css).stream().findFirst().orElse("");
  }

  int count(String css) {
    return driver.findElements(By.cssSelector(css)).size();
  }

  List<String> texts(String css) {
    return driver.findElements(By.cssSelector(css)).stream().map(WebElement::getText).toList();
  }

  /** Waits until something holds. */
  void await(String what, Supplier<Boolean> holds) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try {
        if (holds.get()) {
          return;
        }
      } catch (StaleElementReferenceException e) {
        // It was drawn anew meanwhile: look again.
        continue;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "waited in vain for " + what + " at " + driver.getCurrentUrl() + "\n" + complaints());
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  Object run(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  void dark(boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  void size(int width, int height, boolean phone) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
  }

  /** What the console complains about: errors, refusals of the policy, files that are missing. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  void noComplaints() {
    assertEquals(List.of(), complaints());
  }

  void noScrollSideways() {
    assertEquals(
        driver.getCurrentUrl(),
        0L,
        run(
            "const e = document.documentElement;"
                + "return Math.max(0, e.scrollWidth - e.clientWidth)"));
  }

  ChromeDriver driver() {
    return driver;
  }

  /** Keeps a picture where the property {@code riglab.screenshots} says, for people to look at. */
  void picture(String name) throws IOException {
    String directory = System.getProperty("riglab.screenshots");
    if (directory != null) {
      Files.createDirectories(Path.of(directory));
      Files.write(Path.of(directory, name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
