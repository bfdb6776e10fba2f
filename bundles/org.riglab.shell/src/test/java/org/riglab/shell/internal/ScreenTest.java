package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.access.Role;
import org.riglab.api.data.ClassTable;
import org.riglab.api.lab.Gallery;
import org.riglab.api.lab.Run;

/** What fills the terminal, at a virtual one of 80 by 30. */
public final class ScreenTest {
  private static final int RED = 0xffff0000;
  private static final int BLUE = 0xff0000ff;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeLab lab = new FakeLab();
  private Path home;

  @Before
  public void open() throws Exception {
    home = folder.newFolder("home").toPath();
  }

  private VirtualShell shell(Role role, String type, Command... commands) throws Exception {
    CommandGuide guide =
        new CommandGuide(
            new Candidates(
                new Fakes.FakeRegistry(), new Fakes.FakeBench(home), null, lab, null, null, null));
    return new VirtualShell(home, role, guide, type, 80, 30, commands);
  }

  @Test
  public void topShowsAndControlsTheLab() throws Exception {
    try (VirtualShell shell = shell(Role.OPERATOR, "xterm-256color", new TopCommand(lab))) {
      String screen = shell.type("top\r", "q quit");
      assertTrue(
          screen, screen.contains("no server   0 running, 0 queued, 0 paused   0.0 GiB free"));
      assertTrue(screen, screen.contains("gpu0 run 5"));
      assertTrue(screen, screen.contains("disk: 3 MiB free"));
      String first = screen.lines().filter(line -> line.startsWith(">")).findFirst().orElseThrow();
      assertTrue(
          first,
          first.matches(
              ">  +1  run of rig +running  \u2588{3}\u2591{9}  25  0.1250  .+50.00  1m05s"));
      shell.lines().forEach(line -> assertTrue(line, Text.width(line) <= 80));
      shell.type("p", "pause 1");
      shell.type("j");
      shell.await(text -> text.lines().anyMatch(l -> l.matches(">  +2  run of rig +queued.*")));
      shell.type("+", "priority 2 1");
      shell.type("c", "cancel run 2 (run of rig)? y/n");
      shell.type("n");
      shell.await(text -> !text.contains("y/n"));
      assertFalse(lab.calls.toString(), lab.calls.contains("cancel 2"));
      shell.type("c", "y/n");
      shell.type("y", "cancel 2");
      shell.type("q", "rig>");
      lab.calls.removeIf(call -> call.startsWith("list"));
      assertEquals(List.of("pause 1", "priority 1 2", "cancel 2"), lab.calls);
      assertEquals(
          "keys are recorded like lines",
          List.of("pause 1>0", "priority 2 1>0", "cancel 2>0", "top>0"),
          shell.audit);
    }
  }

  @Test
  public void aViewerOnlyLooks() throws Exception {
    try (VirtualShell shell = shell(Role.VIEWER, "xterm", new TopCommand(lab))) {
      shell.type("top\r", "q quit");
      shell.type("p", "'pause 1' requires the role operator; yours is viewer");
      shell.type("\u0003", "rig>");
      lab.calls.removeIf(call -> call.startsWith("list"));
      assertEquals(List.of(), lab.calls);
      assertEquals(List.of("pause 1>126", "top>0"), shell.audit);
    }
  }

  @Test
  public void topWithoutATerminalPrintsOnce() throws Exception {
    try (Shell shell = new Shell(home, new TopCommand(lab))) {
      String printed = shell.run("top");
      assertTrue(printed, printed.startsWith("no server   0 running"));
      assertTrue(printed, printed.contains("run of rig  running"));
      assertFalse(printed, printed.contains("\u001b"));
    }
  }

  @Test
  public void longHelpIsPaged() throws Exception {
    TrainCommand train = new TrainCommand(new Fakes.FakeTrainer(), lab);
    for (Role role : List.of(Role.ADMIN, Role.VIEWER)) {
      try (VirtualShell shell = shell(role, "xterm", train)) {
        String first = shell.type("help train\r", "lines 1 to 29 of");
        assertTrue(first, first.startsWith("rig train NAME [OPTION...]"));
        String second = shell.type(" ", "lines 30 to 58 of");
        assertFalse(second, second.contains("rig train NAME"));
        shell.type("b", "lines 1 to 29 of");
        shell.type("\u001b[B", "lines 2 to 30 of");
        shell.type("G", "end: b goes back");
        shell.type("q", "rig>");
        shell.type("train --help\r", "lines 1 to 29 of");
        shell.type("\u0003", "rig>");
      }
    }
  }

  @Test
  public void helpIsByTask() throws Exception {
    try (VirtualShell shell =
        shell(Role.VIEWER, "xterm", new RunCommand(lab), new QueueCommand(lab))) {
      String help = shell.enter("help");
      assertTrue(help, help.contains("\nRuns\n  run    shows a run: its state"));
      assertTrue(help, help.contains("\n\nQueue\n  queue  lists the running"));
    }
  }

  @Test
  public void coloursWhereThereAreSome() throws Exception {
    try (VirtualShell shell = shell(Role.ADMIN, "xterm-256color", new QueueCommand(lab))) {
      shell.enter("queue");
      shell.enter("queue --nonsense");
      assertTrue(shell.sent(), shell.sent().contains("\u001b[36mrunning\u001b[0m"));
      assertTrue(shell.sent(), shell.sent().contains("\u001b[31mrig: there is no option"));
    }
    try (VirtualShell shell = shell(Role.ADMIN, "vt100", new QueueCommand(lab))) {
      assertTrue(shell.enter("queue").contains("run of rig"));
      assertFalse(shell.sent(), shell.sent().contains("\u001b[36mrunning"));
    }
  }

  @Test
  public void onlyWhatDiffers() throws Exception {
    try (Shell shell = new Shell(home, new DiffCommand(lab))) {
      assertEquals(
          """
          run 1 has not started; what it has not determined yet is not compared
          run 2 has not started; what it has not determined yet is not compared
                       run 1   run 2
          spec    lr     0.1     0.2
          metric  lr  0.1000  0.2000
          """,
          shell.run("diff 1 2"));
      assertTrue(shell.run("diff 1 2 --json").contains("\"metric\""));
    }
  }

  private static byte[] png(int rgb, int width, int height) throws Exception {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, x < width / 2 ? rgb : BLUE);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", bytes);
    return bytes.toByteArray();
  }

  private static Gallery gallery() throws Exception {
    byte[] png = png(RED, 60, 40);
    Gallery.Picture picture =
        new Gallery.Picture(
            "0001",
            40,
            60,
            true,
            List.of(0.5, 0.75),
            List.of(),
            Map.of("image", png, "label", png, "t1", png, "t2", png));
    return new Gallery() {
      @Override
      public Listing list(Run run) {
        return new Listing(
            "rig",
            List.of("0000", "0001"),
            List.of(1),
            new ClassTable(List.of()),
            true,
            List.of(),
            List.of());
      }

      @Override
      public Picture picture(Run run, int index, long step) {
        throw new AssertionError("the shell shows the end");
      }

      @Override
      public void overlay(String network, Path image, Path png) {
        throw new AssertionError("the shell shows runs");
      }

      @Override
      public Picture picture(Run run, int index) {
        assertEquals(1, index);
        return picture;
      }
    };
  }

  @Test
  public void picturesInHalfBlocks() throws Exception {
    try (VirtualShell shell =
        shell(Role.VIEWER, "xterm-256color", new PicturesCommand(lab, gallery()))) {
      String screen =
          shell.type(
              "pictures 1 --as blocks\r", "run 1 run of rig, image 1 of 2: 0001, t1 50.00 %");
      screen = shell.await(text -> text.lines().filter(l -> l.equals("rig>")).count() == 1);
      // Two beside each other, 39 columns wide, 13 rows high.
      assertEquals(
          screen, 26, screen.lines().filter(l -> l.startsWith("\u2580".repeat(39))).count());
      assertTrue(screen, screen.contains("t1" + " ".repeat(39) + "t2"));
      // The left half of a picture is red, the right half blue: of xterm's 256 colours.
      assertTrue(shell.sent().contains("\u001b[38;5;196;48;5;196m\u2580"));
      assertTrue(shell.sent().contains("\u001b[38;5;21;48;5;21m\u2580"));
    }
  }

  @Test
  public void picturesFitTheHeightOfTheTerminal() throws Exception {
    Gallery.Picture square =
        new Gallery.Picture("0001", 48, 48, true, List.of(), List.of(), Map.of());
    // Two or three beside each other would be 63 or 28 lines high: the prompt, too, needs one.
    assertEquals(4, PicturesCommand.across(square, 5, 80, 27));
    assertEquals(3, PicturesCommand.across(square, 5, 80, 28));
    assertEquals(2, PicturesCommand.across(square, 5, 80, 100));
    // Where no number fits, as on a terminal that does not tell its height.
    assertEquals(2, PicturesCommand.across(square, 5, 80, 0));
    assertEquals(1, PicturesCommand.across(square, 1, 20, 5));
  }

  @Test
  public void manyRunsArePaged() throws Exception {
    for (long id = 40; id > 2; id--) {
      lab.further.add(FakeLab.run(id, Run.State.DONE));
    }
    try (VirtualShell shell = shell(Role.VIEWER, "xterm-256color", new RunsCommand(lab))) {
      String screen = shell.type("runs\r", "lines 1 to 29 of ");
      assertTrue(screen, screen.lines().limit(3).anyMatch(line -> line.startsWith("40 ")));
      shell.type(" ", "40 of 41 runs; --limit");
      shell.type("q", "rig>");
      // What fits is printed.
      lab.further.clear();
      shell.type("runs\r", "2 of 3 runs; --limit");
    }
  }

  @Test
  public void picturesInAllColoursWhereTheTerminalHasThem() throws Exception {
    try (VirtualShell shell =
        shell(Role.VIEWER, "xterm-256color", new PicturesCommand(lab, gallery()))) {
      shell.trueColour = true;
      shell.type("pictures 1 --as blocks --layers label\r", "label");
      shell.await(text -> text.lines().filter(l -> l.equals("rig>")).count() == 1);
      assertTrue(shell.sent().contains("\u001b[38;2;255;0;0;48;2;255;0;0m\u2580"));
      assertFalse(shell.sent().contains("38;5;196"));
      shell.colour = false;
      shell.type("pictures 1\r", "requires a terminal with colours");
    }
  }

  @Test
  public void noSixelsWhereTheTerminalDoesNotNameThem() throws Exception {
    try (VirtualShell shell =
        shell(Role.VIEWER, "xterm-256color", new PicturesCommand(lab, gallery()))) {
      shell.type("pictures 1 --layers label\r", "label");
      shell.type("\u001b[?64;22;46c"); // 46 is not 4
      shell.await(text -> text.lines().filter(l -> l.equals("rig>")).count() == 1);
      assertFalse(shell.sent().contains("\u001bP"));
      assertTrue(shell.sent().contains("\u001b[38;5;196;48;5;196m\u2580"));
    }
  }

  @Test
  public void picturesAsSixelsWhereTheTerminalSaysSo() throws Exception {
    try (VirtualShell shell =
        shell(Role.VIEWER, "xterm-256color", new PicturesCommand(lab, gallery()))) {
      shell.type("pictures 1 --layers label\r", "label");
      shell.type("\u001b[?62;4;22c");
      shell.await(text -> shell.sent().contains("\u001b\\"));
      String sixel = shell.sent().substring(shell.sent().indexOf("\u001bP"));
      // 60 columns of 8 pixels, 2 colours, 54 bands of 6 rows.
      assertTrue(sixel, sixel.startsWith("\u001bP0;1;0q\"1;1;480;320#0;2;100;0;0#1;2;0;0;100"));
      assertEquals(54, sixel.chars().filter(c -> c == '-').count());
      assertTrue(sixel, sixel.contains("#0!240~!240?$#1!240?!240~$-"));
    }
  }

  @Test
  public void picturesNeedATerminalButAreListedWithout() throws Exception {
    try (Shell shell = new Shell(home, new PicturesCommand(lab, gallery()))) {
      assertTrue(shell.error("pictures 1").contains("requires a terminal with colours"));
      assertEquals(
          """
          index  image  stored with the run
              0   0000  no
              1   0001  yes
          run 1 run of rig, image 1 of 2: 0001, t1 50.00 %, t2 75.00 %
          layers: image, label, t1, t2
          """,
          shell.run("pictures 1 --list"));
      assertTrue(shell.error("pictures 1 --as ascii").contains("allowed are auto, sixel, blocks"));
    }
  }

  @Test
  public void ditheringKeepsTheMean() {
    BufferedImage grey = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 40; x++) {
        grey.setRGB(x, y, 0x808080);
      }
    }
    BufferedImage dithered = Mosaic.dithered(grey);
    double sum = 0;
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 40; x++) {
        int red = dithered.getRGB(x, y) >> 16 & 0xff;
        assertEquals(0, red % 51);
        sum += red;
      }
    }
    assertEquals(128, sum / 1600, 2);
  }
}
