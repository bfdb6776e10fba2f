package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The link with which the person at the machine comes in. */
public class FirstVisitTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  public void leadsToThisMachineOnly() {
    assertEquals(
        Optional.of("http://127.0.0.1:8090/login#once=abc"),
        FirstVisit.of(
                List.of("http://192.168.1.5:8090/", "http://127.0.0.1:8090/"),
                () -> Optional.of("abc"))
            .map(FirstVisit::address));
    List<String> made = new ArrayList<>();
    assertEquals(
        Optional.empty(),
        FirstVisit.of(
            List.of("http://192.168.1.5:8090/", "http://127.0.0.1.evil.example/"),
            () -> {
              made.add("abc");
              return Optional.of("abc");
            }));
    assertEquals("no secret is made for nothing", List.of(), made);
  }

  @Test
  public void theServerTakesOneOption() {
    assertTrue(Main.serves(List.of("server")));
    assertTrue(Main.serves(List.of("server", "--open")));
    assertFalse(Main.serves(List.of("server", "--opne")));
    assertFalse(Main.serves(List.of("worker", "--open")));
  }

  @Test
  public void opensAFileOfTheOwnerAndPrintsNothing() throws Exception {
    List<Path> opened = new ArrayList<>();
    new FirstVisit("http://127.0.0.1:8090/login#once=abc")
        .offer(out, folder.getRoot().toPath().resolve("access"), false, this::another, opened::add);
    assertEquals("", bytes.toString(StandardCharsets.UTF_8));
    Path file = opened.get(0);
    assertTrue(Files.readString(file).contains("url=http://127.0.0.1:8090/login#once=abc\""));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  /** A program that stands for {@code xdg-open}. */
  private String program(String line) throws Exception {
    Path script = folder.getRoot().toPath().resolve("xdg-open");
    Files.writeString(script, "#!/bin/sh\n" + line + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return script.toString();
  }

  @Test
  public void theProgramOfTheDesktopGetsTheFile() throws Exception {
    Path copy = folder.getRoot().toPath().resolve("copy.html");
    String program = program("cp \"$1\" " + copy);
    new FirstVisit("http://127.0.0.1:8090/login#once=abc")
        .offer(
            out,
            folder.getRoot().toPath(),
            false,
            this::another,
            file -> FirstVisit.start(file, program));
    assertEquals("", bytes.toString(StandardCharsets.UTF_8));
    assertTrue(Files.readString(copy).contains("url=http://127.0.0.1:8090/login#once=abc\""));
  }

  @Test
  public void isPrintedWhereTheProgramFailsOrIsMissing() throws Exception {
    String program = program("exit 3"); // as xdg-open does where no browser is found
    for (String tried : List.of(program, program + "-none")) {
      bytes.reset();
      new FirstVisit("http://127.0.0.1:8090/login#once=abc")
          .offer(
              out,
              folder.getRoot().toPath(),
              false,
              this::another,
              file -> FirstVisit.start(file, tried));
      assertTrue(
          bytes
              .toString(StandardCharsets.UTF_8)
              .endsWith("http://127.0.0.1:8090/login#once=abc\n"));
    }
  }

  private FirstVisit another() {
    return new FirstVisit("http://127.0.0.1:8090/login#once=def");
  }

  @Test
  public void aTerminalAlsoGetsALinkOfItsOwn() {
    new FirstVisit("http://127.0.0.1:8090/login#once=abc")
        .offer(out, folder.getRoot().toPath(), true, this::another, file -> true);
    assertTrue(
        bytes.toString(StandardCharsets.UTF_8).endsWith("http://127.0.0.1:8090/login#once=def\n"));
    assertFalse(bytes.toString(StandardCharsets.UTF_8).contains("abc"));
  }

  @Test
  public void aBrowserNeedsAScreenOrIsNamed() {
    assertEquals(
        List.of(),
        FirstVisit.browsers(Map.of("PATH", "/bin", "DISPLAY", "", "BROWSER", ""), false));
    assertEquals(
        List.of("xdg-open"), FirstVisit.browsers(Map.of("WAYLAND_DISPLAY", "wayland-0"), false));
    assertEquals(
        List.of("/opt/code/browser.sh", "firefox --new-window %s", "xdg-open"),
        FirstVisit.browsers(
            Map.of("BROWSER", "/opt/code/browser.sh: firefox --new-window %s", "DISPLAY", ":0"),
            false));
    assertEquals(List.of("open"), FirstVisit.browsers(Map.of(), true));
    assertEquals(
        "the terminal is the server's",
        List.of(),
        FirstVisit.browsers(Map.of("BROWSER", "/usr/bin/w3m:lynx -x"), false));
  }

  @Test
  public void aNamedBrowserGetsItsOptions() throws Exception {
    Path copy = folder.getRoot().toPath().resolve("words");
    String program = program("echo \"$#:$1:$3\" > " + copy + "; cat \"$2\" >> " + copy);
    assertTrue(
        FirstVisit.start(
            Files.writeString(folder.newFile("page.html").toPath(), "page"),
            program + " --new %s --last"));
    assertEquals("3:--new:--last\npage", Files.readString(copy));
  }

  @Test
  public void isPrintedWhereThereIsNoBrowser() {
    new FirstVisit("http://127.0.0.1:8090/login#once=abc")
        .offer(out, folder.getRoot().toPath(), true, this::another, file -> false);
    assertTrue(
        bytes.toString(StandardCharsets.UTF_8).endsWith("http://127.0.0.1:8090/login#once=abc\n"));
  }
}
