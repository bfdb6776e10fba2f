package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.Inspection;
import org.riglab.api.bench.Inspector;

/** Matrices of iterations, and inspections. */
public class InspectCommandsTest {
  /** Finds the same in every network. */
  static final Inspector INSPECTOR =
      (spec, examples, observer) ->
          new Inspection(
              spec,
              Specs.standard(2, 0),
              Fakes.CLASSES,
              List.of(new Inspection.Flips(0, 0, 0), new Inspection.Flips(0.1, 0.02, 0.03)),
              List.of(List.of(0.5, 0.4), List.of(0.6, 0.4)),
              List.of(
                  new Inspection.Group(
                      "size",
                      "pixels",
                      List.of(
                          new Inspection.Bin(
                              0, Double.POSITIVE_INFINITY, 70, List.of(0.5, 0.75))))),
              Map.of(),
              List.of(Double.NaN, 0.125),
              List.of(new Inspection.ImageResult("a", List.of(0.1, 0.2), List.of(0.3, 0.4))),
              List.of(),
              List.of());

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Fakes.FakeEvaluator evaluator = new Fakes.FakeEvaluator();
  private final Fakes.FakeReport report = new Fakes.FakeReport();
  private Path directory;
  private Shell shell;

  @Before
  public void open() {
    directory = folder.getRoot().toPath();
    shell =
        new Shell(
            directory,
            new MatrixCommand(evaluator, report),
            new InspectCommand(evaluator, INSPECTOR, report));
  }

  @After
  public void close() {
    shell.close();
  }

  @Test
  public void aMatrixNeedsOneEvaluationWhereIterationsHavePredictions() throws Exception {
    evaluator.answers.add(0.7);
    String text = shell.run("rig:matrix rig --iterations 1..2 --output m.svg --split test");
    assertEquals(List.of("rig {iterations=2, split=test}"), evaluator.planned);
    assertTrue(text, text.lines().anyMatch(l -> l.matches("rig +2 +per-iteration +50.00 +70.00")));
    assertTrue(Files.readString(directory.resolve("m.svg")).startsWith("<svg>mIoU % by"));
  }

  @Test
  public void aMatrixEvaluatesEachNumberWhereThereIsOnePrediction() throws Exception {
    // the evaluator has two predictions, which are not three
    evaluator.answers.addAll(List.of(0.9, 0.6, 0.7, 0.8));
    String json = shell.run("rig:matrix s --iterations 1..3 --json");
    assertEquals(4, evaluator.planned.size());
    assertTrue(
        json, json.replaceAll("\\s", "").contains("\"mIoU\":{\"1\":0.6,\"2\":0.7,\"3\":0.8}"));
    assertEquals(
        "--iterations is 3..1; it must be A..B, for example 1..8",
        shell.error("rig:matrix s --iterations 3..1"));
  }

  @Test
  public void inspectTellsFlipsAndGroupsAndWritesAReport() throws Exception {
    String text = shell.run("rig:inspect rig --iterations 2 --output r.html");
    assertEquals(List.of("rig {iterations=2}"), evaluator.planned);
    assertTrue(text, text.lines().anyMatch(l -> l.matches(" +2 +10.00 +2.00 +3.00 +1.25e-01")));
    assertTrue(text, text.lines().anyMatch(l -> l.matches("from 0 +70 +50.00 +75.00")));
    assertTrue(Files.exists(directory.resolve("r.html")));
    String json = shell.run("rig:inspect rig --json");
    assertTrue(json, json.contains("\"toRight\": 0.1"));
    assertTrue(Files.exists(directory.resolve("inspection.html")));
  }

  @Test
  public void whatCannotBeDoneIsRefusedBeforeTheWork() throws Exception {
    Files.createDirectory(directory.resolve("d.svg"));
    Files.write(directory.resolve("file"), new byte[0]);
    String file = directory.resolve("file").toString();
    String made = directory.resolve("d.svg").toString();
    assertEquals(
        "--output " + made + ": this is a directory; it must be a file",
        shell.error("rig:matrix rig --output d.svg"));
    assertEquals(
        "--output " + file + ": the name must end in .svg",
        shell.error("rig:matrix rig --output file"));
    assertEquals(
        "--output " + made + ": this is a directory; it must be a file",
        shell.error("rig:inspect rig --output d.svg"));
    assertEquals(
        "--pictures " + file + ": " + file + " is a file, not a directory",
        shell.error("rig:inspect rig --pictures file"));
    assertEquals(
        "--examples is -1; it must be 0 or more", shell.error("rig:inspect rig --examples -1"));
    assertEquals(
        "--iterations is 0; it must be a whole number, 1 or more",
        shell.error("rig:inspect rig --iterations 0"));
    assertEquals(List.of(), evaluator.planned);
  }
}
