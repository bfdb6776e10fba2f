package org.riglab.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
  private static final Set<String> TEXT =
      Set.of("www-browser", "w3m", "lynx", "links", "links2", "elinks");
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
   * Opens the page in a browser where there is one, and prints a link for whoever sees no browser.
   *
   * @param out for people
   * @param access directory of the owner; null to open no browser
   * @param terminal whether {@code out} is one
   * @param another makes a further link: a browser may have used this one already
   */
  void offer(PrintStream out, Path access, boolean terminal, Supplier<FirstVisit> another) {
    offer(out, access, terminal, another, FirstVisit::start);
  }

  /**
   * @param browser opens a file; returns whether it could
   */
  void offer(
      PrintStream out,
      Path access,
      boolean terminal,
      Supplier<FirstVisit> another,
      Predicate<Path> browser) {
    if (access == null || !browser.test(page(access))) {
      out.println("rig: this link signs in once, from this machine, within 10 minutes:");
      out.println(address);
    } else if (terminal) {
      // Whether a window is seen is not known: a browser may run on another screen.
      out.println(
          "rig: the page is opened in a browser; if none appears, this link signs in once:");
      out.println(another.get().address);
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
    boolean mac = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac");
    return file != null
        && browsers(System.getenv(), mac).stream().anyMatch(program -> start(file, program));
  }

  /**
   * The programs that may open a page, in the order in which they are tried: those that {@code
   * BROWSER} names, then that of the desktop.
   *
   * @param environment of the process
   * @param mac whether this is macOS
   * @return command lines, words separated by spaces; {@code %s} stands for the page
   */
  static List<String> browsers(Map<String, String> environment, boolean mac) {
    List<String> programs = new ArrayList<>();
    for (String program : environment.getOrDefault("BROWSER", "").split(":")) {
      String name = program.strip().split("\\s+")[0];
      // The terminal belongs to the server: a text browser would read its keys.
      if (!name.isEmpty() && !TEXT.contains(name.substring(name.lastIndexOf('/') + 1))) {
        programs.add(program.strip());
      }
    }
    boolean screen =
        Stream.of("DISPLAY", "WAYLAND_DISPLAY")
            .anyMatch(name -> !environment.getOrDefault(name, "").isEmpty());
    if (mac) {
      programs.add("open");
    } else if (screen) {
      programs.add("xdg-open");
    }
    return programs;
  }

  /**
   * Starts a program that opens a file, and goes on at once if it stays.
   *
   * @param file that it gets
   * @param program name or path, with options
   * @return whether it was started and has not failed within some seconds
   */
  static boolean start(Path file, String program) {
    List<String> words = new ArrayList<>(List.of(program.split("\\s+")));
    if (!program.contains("%s")) {
      words.add("%s");
    }
    words.replaceAll(word -> word.replace("%s", file.toString()));
    try {
      Process process =
          new ProcessBuilder(words)
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
