package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.Observer;
import org.riglab.api.metric.Scores;
import org.riglab.base.Json;

public class OutputTest {
  private static final long SECOND = 1_000_000_000L;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void numbersStandRightAndTextLeft() {
    Table table = new Table("class", "IoU %");
    table.row("sky", "91.20");
    table.row("pedestrian", "-");
    table.row("pole", "5.00");
    assertEquals(
        """
        class       IoU %
        sky         91.20
        pedestrian      -
        pole         5.00
        """,
        table.toString());
  }

  @Test
  public void wideTextIsWrappedInItsColumn() {
    Table table = new Table("name", "about", "n");
    table.row("gate", "word ".repeat(40).strip(), "1");
    List<String> lines = table.toString().lines().toList();
    assertTrue(lines.toString(), lines.stream().allMatch(l -> l.length() <= Text.COLUMNS));
    assertEquals(4, lines.size());
    assertTrue(lines.get(1).startsWith("gate  word word"));
    assertTrue(lines.get(1).endsWith("  1"));
    assertTrue(lines.get(2).startsWith("      word"));
    assertEquals(40, table.toString().split("word", -1).length - 1);
  }

  private static Table runs() {
    Table table = new Table("id", "name", "state", "device", "").elided("name").optional("device");
    table.row("7", "a-network-with-a-long-name", "running", "gpu0", "waits for other runs");
    return table;
  }

  @Test
  public void textGivesWayThenTheLeastImportantColumn() {
    assertEquals(
        """
        id  name                        state    device
         7  a-network-with-a-long-name  running  gpu0    waits for other runs
        """,
        runs().text(80, false));
    assertEquals(
        """
        id  name           state    device
         7  a-network-wi\u2026  running  gpu0    waits for
                                            other runs
        """,
        runs().text(50, false));
    assertEquals(
        """
        id  name           state
         7  a-network-wi\u2026  running  waits for
                                    other runs
        """,
        runs().text(42, false));
  }

  @Test
  public void numbersAreNeverCutButContinuedBelow() {
    List<String> header = new ArrayList<>(List.of("class"));
    List<String> row = new ArrayList<>(List.of("sky"));
    for (int t = 1; t <= 6; t++) {
      header.add("IoU % t" + t);
      row.add(t + "0.00");
    }
    Table table = new Table(header);
    table.row(row);
    assertEquals(
        """
        class  IoU % t1  IoU % t2  IoU % t3
        sky       10.00     20.00     30.00

        class  IoU % t4  IoU % t5  IoU % t6
        sky       40.00     50.00     60.00
        """,
        table.text(40, false));
  }

  @Test
  public void wideAndCombiningCharactersTakeTheirColumns() {
    Table table = new Table("name", "n");
    table.row("\u9053\u8def", "1");
    table.row("e\u0301te", "2");
    assertEquals("name  n\n\u9053\u8def  1\ne\u0301te   2\n", table.toString());
    assertEquals(4, Text.width("\u9053\u8def"));
    assertEquals("\u9053\u2026", Text.cut("\u9053\u8def", 3));
    assertEquals(List.of("\u9053", "\u8def", "x"), Text.fold("\u9053\u8defx", 2));
  }

  @Test
  public void coloursAreThereIfAskedFor() {
    Table table = new Table("id", "state").states("state");
    table.row("1", "failed");
    table.row("2", "unknown");
    assertEquals(
        "\u001b[1mid\u001b[0m  \u001b[1mstate\u001b[0m\n"
            + " 1  \u001b[31mfailed\u001b[0m\n 2  unknown\n",
        table.text(80, true));
    assertFalse(table.text(80, false).contains("\u001b"));
  }

  @Test
  public void aRowMustFit() {
    assertThrows(IllegalArgumentException.class, () -> new Table("a", "b").row("1"));
  }

  @Test
  public void textIsWrappedAtSpaces() {
    String wrapped = Text.wrap("abcde ".repeat(20), 4, Text.COLUMNS);
    assertEquals("abcde ".repeat(16).strip() + "\n    abcde abcde abcde abcde", wrapped);
  }

  @Test
  public void durationsAreShort() {
    assertEquals("45s", Text.duration(45.2));
    assertEquals("3m12s", Text.duration(191.7));
    assertEquals("2h05m", Text.duration(2 * 3600 + 5 * 60 + 59));
    assertEquals("-", Text.duration(Double.NaN));
  }

  private record Inner(double value, BatchNormPolicy policy) {}

  private record Outer(String name, Optional<Integer> none, List<Inner> items, Path file) {}

  @Test
  public void recordsBecomeJson() {
    assertEquals(
        "{\"name\":\"a\",\"none\":null,\"items\":[{\"value\":0.5,\"policy\":\"per-iteration\"},"
            + "{\"value\":null,\"policy\":\"frozen\"}],\"file\":\"x.png\"}",
        Json.tree(
                new Outer(
                    "a",
                    Optional.empty(),
                    List.of(
                        new Inner(0.5, BatchNormPolicy.PER_ITERATION),
                        new Inner(Double.NaN, BatchNormPolicy.FROZEN)),
                    Path.of("x.png")))
            .toString());
  }

  @Test
  public void jsonIsReadWithWholeNumbers() throws Exception {
    Path file = folder.newFile("spec.json").toPath();
    Files.writeString(file, "{\"width\": 16, \"lr\": 0.5, \"layers\": [1, 2]}");
    assertEquals(Map.of("width", 16L, "lr", 0.5, "layers", List.of(1L, 2L)), Json.read(file));
    Map<String, String> wrong =
        Map.of(
            "[1]", " holds an array; expected a JSON object",
            "[]", " holds an array; expected a JSON object",
            "3", " holds a number; expected a JSON object",
            "{\"width\": 16, \"lr",
                " is not a JSON object: Unterminated string at line 1 column 18 path $.width",
            "", " is empty; expected a JSON object");
    for (Map.Entry<String, String> entry : wrong.entrySet()) {
      Files.writeString(file, entry.getKey());
      assertEquals(
          file + entry.getValue(),
          assertThrows(RigException.class, () -> Json.read(file)).getMessage());
    }
    Files.write(file, new byte[] {(byte) 0x93, 'N', 'U', 'M'});
    assertEquals(
        file + " is not UTF-8 text; expected a JSON object",
        assertThrows(RigException.class, () -> Json.read(file)).getMessage());
    Path missing = file.resolveSibling("missing.json");
    assertEquals(
        "there is no file " + missing,
        assertThrows(RigException.class, () -> Json.read(missing)).getMessage());
  }

  static Scores scores(double mIoU, Double... iou) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("mIoU", mIoU);
    values.put("pAcc", 0.75);
    return new Scores(
        values, Map.of("IoU", Arrays.asList(iou)), List.of(List.of(3L, 1L), List.of(0L, 4L)));
  }

  @Test
  public void scoresOfEveryIterationAreShown() {
    List<Scores> iterations = List.of(scores(0.5, 0.5, 0.5), scores(0.625, 0.75, Double.NaN));
    assertEquals(
        """
        iteration  mIoU %  pAcc %
                1   50.00   75.00
                2   62.50   75.00
        """,
        ScoreTables.summary(iterations).toString());
    assertEquals(
        """
        class  pixels %  IoU % t1  IoU % t2
        road      50.00     50.00     75.00
        sky       50.00     50.00         -
        """,
        ScoreTables.perClass(List.of("road", "sky"), iterations).toString());
    assertEquals(
        "iteration,label,\"road, paved\",sky\n"
            + "1,\"road, paved\",3,1\n1,sky,0,4\n2,\"road, paved\",3,1\n2,sky,0,4\n",
        ScoreTables.confusionCsv(List.of("road, paved", "sky"), iterations));
    assertEquals(Optional.empty(), ScoreTables.absent(List.of("road", "sky"), iterations.get(0)));
    assertEquals(
        Optional.of("No pixel is labelled sky: the scores cover 1 of 2 classes."),
        ScoreTables.absent(
            List.of("road", "sky"),
            new Scores(Map.of(), Map.of(), List.of(List.of(9L, 0L), List.of(0L, 0L)))));
    JsonObject json = ScoreTables.json(iterations.get(1));
    assertEquals(
        "{\"mIoU\":0.625,\"pAcc\":0.75,\"perClass\":{\"IoU\":[0.75,null]},"
            + "\"confusion\":[[3,1],[0,4]]}",
        json.toString());
  }

  private final AtomicLong clock = new AtomicLong();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Progress progress(boolean interactive) {
    return new Progress(
        new Terminal(
            new PrintStream(bytes, true, StandardCharsets.UTF_8),
            interactive,
            80,
            Optional.empty()),
        "",
        clock::get);
  }

  private static Observer.Step step(long step, long steps) {
    return new Observer.Step(step, steps, 1.23456, 2.5e-4, 12.34, 0.01, 192);
  }

  @Test
  public void withoutATerminalThereIsALineNowAndThen() {
    try (Progress progress = progress(false)) {
      for (int i = 1; i <= 100; i++) {
        progress.step(step(i, 100));
        clock.addAndGet(SECOND);
      }
    }
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    List<String> steps = new ArrayList<>();
    lines.forEach(l -> steps.add(l.substring(0, l.indexOf(' '))));
    assertEquals(
        List.of("1/100", "16/100", "31/100", "46/100", "61/100", "76/100", "91/100", "100/100"),
        steps);
    assertEquals("1/100 loss 1.2346 lr 2.5e-04 12.3 img/s 3m12s left", lines.get(0));
  }

  @Test
  public void withoutATerminalOnlyLongEvaluationsAreWorthALine() {
    try (Progress progress = progress(false)) {
      for (int i = 1; i <= 20; i++) {
        progress.image(i, 20);
        clock.addAndGet(SECOND);
      }
    }
    assertEquals("16/20 images\n", bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  public void onATerminalOneLineIsDrawnAgain() {
    Progress progress = progress(true);
    progress.step(step(1, 20));
    clock.addAndGet(SECOND / 20);
    progress.step(step(2, 20)); // too soon to be drawn
    clock.addAndGet(SECOND);
    progress.step(step(10, 20));
    progress.message("a word");
    progress.step(step(20, 20)); // the last one is always drawn
    progress.close();
    String clear = "\r\u001b[K";
    String tail = " loss 1.2346 lr 2.5e-04 12.3 img/s 3m12s left";
    assertEquals(
        clear
            + "[..........] 1/20"
            + tail
            + clear
            + "[#####.....] 10/20"
            + tail
            + clear
            + "a word\n"
            + clear
            + "[##########] 20/20"
            + tail
            + clear,
        bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  public void aLineNeverReachesTheTerminalsEdge() {
    try (Progress progress = progress(true)) {
      progress.step(new Observer.Step(1_000_000, 9_000_000, 123456.7, 1e-5, 12345.6, 0, 360000));
    }
    for (String line : bytes.toString(StandardCharsets.UTF_8).split("\r\u001b\\[K", -1)) {
      assertTrue(line, line.length() <= 79);
    }
  }

  @Test
  public void filesAreReplacedAsAWhole() throws Exception {
    Path file = folder.getRoot().toPath().resolve("deep/er/a.csv");
    Output.write(file, "one");
    Output.write(file, "two");
    assertEquals("two", Files.readString(file));
    try (var files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }

  /** As any other file that the user writes, not for the owner alone. */
  @Test
  public void filesHaveTheUsualPermissions() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Path usual = Files.createFile(folder.getRoot().toPath().resolve("usual"));
    Path file = folder.getRoot().toPath().resolve("ours");
    Output.write(file, "x");
    assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(file));
  }
}
