package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.Figure;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Stopping;

/** Numbers of iterations, budgets and stability of eval and predict. */
public class AnytimeCommandsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Fakes.FakeEvaluator evaluator = new Fakes.FakeEvaluator();
  private final Fakes.FakeReport report = new Fakes.FakeReport();
  private Path directory;
  private Fakes.FakeBench bench;
  private Shell shell;

  @Before
  public void open() throws Exception {
    directory = folder.getRoot().toPath();
    bench = new Fakes.FakeBench(directory.resolve("home"));
    bench.networks.put("rig", Specs.standard(2, 0));
    shell =
        new Shell(
            directory,
            new EvalCommand(evaluator, report),
            new PredictCommand(bench, bench, report, List.of()));
  }

  @After
  public void close() {
    shell.close();
  }

  @Test
  public void evalPassesOnWhenToStop() throws Exception {
    shell.run("rig:eval rig --iterations 4 --budget-ms 20 --budget-gmac 1.5 --until 'change<0.5%'");
    assertEquals(
        List.of("rig {budget_gmac=1.5, budget_ms=20, iterations=4, until=change<0.5%}"),
        evaluator.planned);
  }

  @Test
  public void evalDrawsTheScoreOverTheCost() throws Exception {
    evaluator.answers.addAll(List.of(0.6, 0.7));
    shell.run("rig:eval rig other --until stable --curve curve.svg");
    assertTrue(Files.readString(directory.resolve("curve.svg")).startsWith("<svg>mIoU over cost"));
    List<Figure.Series> series = report.figures.get(0).series();
    assertEquals(4, series.size());
    assertEquals(List.of(1.0, 2.0), series.get(0).x());
    assertEquals(List.of(50.0, 60.0), series.get(0).y());
    assertEquals("rig, 1.67 iterations per image", series.get(1).name());
    assertEquals(List.of(1.6), series.get(1).x());
    assertEquals(List.of(70.0), series.get(3).y());
  }

  @Test
  public void evalTellsTheCost() throws Exception {
    String printed = shell.run("rig:eval rig --curve curve.json");
    assertTrue(
        printed,
        printed.contains(
            """
            iteration  GMACs    ms  images that end there
                    1  1.000  3.00                      1
                    2  2.000  5.00                      2
            1.67 iterations, 1.600 GMACs per image;\
            """));
    JsonArray networks =
        JsonParser.parseString(Files.readString(directory.resolve("curve.json"))).getAsJsonArray();
    assertEquals(
        "{\"iteration\":1,\"mIoU\":0.5,\"multiplyAdds\":1.0E9,\"milliseconds\":3.0}",
        networks.get(0).getAsJsonObject().getAsJsonArray("iterations").get(0).toString());
    assertEquals(
        "--curve " + directory.resolve("curve.png") + ": the name must end in .svg or .json",
        shell.error("rig:eval rig --curve curve.png"));
  }

  @Test
  public void theCostOfASmallNetworkHasDigitsThatCount() throws Exception {
    evaluator.macs = 1.25e6;
    String printed = shell.run("rig:eval rig --curve curve.json");
    assertTrue(
        printed,
        printed.contains(
            """
            iteration  MMACs    ms  images that end there
                    1  1.250  3.00                      1
                    2  2.500  5.00                      2
            1.67 iterations, 2.000 MMACs per image;\
            """));
  }

  @Test
  public void predictPassesOnWhenToStop() throws Exception {
    Files.write(directory.resolve("a.png"), new byte[0]);
    String printed = shell.run("rig:predict rig a.png --iterations 3 --until 'kl<0.1' -o p");
    Inference inference = bench.inferences.get(0);
    assertEquals(new Stopping(3, 0, 0, "kl<0.1"), inference.stopping());
    assertTrue(printed, printed.contains("a.png: 2 iterations"));
    assertEquals(
        "--iterations is two; it must be a whole number, 1 or more",
        shell.error("rig:predict rig a.png --iterations two"));
  }

  @Test
  public void noIterationAndNoBudgetAreNoNumbers() throws Exception {
    Files.write(directory.resolve("a.png"), new byte[0]);
    for (String command : List.of("rig:eval rig ", "rig:predict rig a.png ")) {
      for (String number : List.of("0", "-1")) {
        assertEquals(
            "--iterations is " + number + "; it must be a whole number, 1 or more",
            shell.error(command + "--iterations " + number));
        for (String option : List.of("--budget-ms", "--budget-gmac")) {
          assertEquals(
              option + " is " + number + "; it must be above 0",
              shell.error(command + option + " " + number));
        }
      }
    }
    assertEquals(List.of(), evaluator.planned);
    assertEquals(List.of(), bench.inferences);
  }

  @Test
  public void aFileThatCannotBeWrittenIsRefusedBeforeTheEvaluation() throws Exception {
    Files.createDirectory(directory.resolve("d.svg"));
    Files.write(directory.resolve("file"), new byte[0]);
    Path made = directory.resolve("d.svg");
    assertEquals(
        "--curve " + made + ": this is a directory; it must be a file",
        shell.error("rig:eval rig --curve d.svg"));
    assertEquals(
        "--confusion "
            + directory.resolve("file/c.csv")
            + ": "
            + directory.resolve("file")
            + " is a file, not a directory",
        shell.error("rig:eval rig --confusion file/c.csv"));
    assertEquals(
        "--output "
            + directory.resolve("file")
            + ": "
            + directory.resolve("file")
            + " is a file, not a directory",
        shell.error("rig:predict rig a.png --output file"));
    assertEquals(List.of(), evaluator.planned);
    assertEquals(List.of(), bench.inferences);
  }

  @Test
  public void aNetworkCountsOnce() throws Exception {
    assertEquals(
        "a network is named twice: each counts once for the mean",
        shell.error("rig:eval rig other rig"));
    assertEquals(List.of(), evaluator.planned);
  }
}
