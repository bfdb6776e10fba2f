package org.riglab.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A link to the page that signs in once, for the person who has started the server.
 *
 * @param address of the page, with the secret after the number sign: a browser does not send it,
 *     and no log has it
 */
record FirstVisit(String address) {
  private static final int PATIENCE_SECONDS = 5;
  private static final Pattern LOOPBACK =
      Pattern.compile("https?://(127\\.0\\.0\\.1|localhost|\\[::1\\])(:\\d+)?/.*");

  /**
   * @param pages where the page is served
   * @param secrets makes the secret of a link
   * @return the link; empty if the page is not served to this machine
   */
  static Optional<FirstVisit> of(List<String> pages, Supplier<Optional<String>> secrets) {
    return pages.stream()
        .filter(page -> LOOPBACK.matcher(page).matches())
        .findFirst()
        .flatMap(page -> secrets.get().map(s -> new FirstVisit(page + "login#once=" + s)));
  }

  /**
   * Prints the link, or opens it in the browser.
   *
   * @param out gets the link if no browser was opened
   * @param access directory of the owner; null to print only
   */
  void offer(PrintStream out, Path access) {
    offer(out, access, FirstVisit::start);
  }

  /**
   * @param browser opens a file; returns whether it could
   */
  void offer(PrintStream out, Path access, Function<Path, Boolean> browser) {
    if (access == null || !browser.apply(page(access))) {
      out.println("rig: this link signs in once, from this machine, within 10 minutes:");
      out.println(address);
    }
  }

  /** A file for the owner only that leads to the link: other users see command lines. */
  private Path page(Path access) {
    try {
      Path file = Files.createTempFile(Files.createDirectories(access), "open-", ".html");
      file.toFile().deleteOnExit();
      return Files.writeString(
          file, "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url=" + address + "\">\n");
    } catch (IOException e) {
      return null;
    }
  }

  private static boolean start(Path file) {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (file == null || !system.startsWith("mac") && !hasBrowser(System.getenv())) {
      return false;
    }
    return start(file, system.startsWith("mac") ? "open" : "xdg-open");
  }

  /** Whether there is a screen for a browser, or somebody has named one, as remote editors do. */
  static boolean hasBrowser(Map<String, String> environment) {
    return Stream.of("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
        .anyMatch(name -> !environment.getOrDefault(name, "").isEmpty());
  }

  /**
   * Starts a program that opens a file, and goes on at once if it stays.
   *
   * @param file that it gets
   * @param program name or path
   * @return whether it was started and has not failed within some seconds
   */
  static boolean start(Path file, String program) {
    try {
      Process process =
          new ProcessBuilder(program, file.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return !process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() == 0;
    } catch (IOException e) {
      return false; // no such program: the link is printed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
