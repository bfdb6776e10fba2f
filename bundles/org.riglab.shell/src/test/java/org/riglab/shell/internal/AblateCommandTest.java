package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.Training;

public class AblateCommandTest {
  private static final Path PAPER = Path.of("..", "..", "examples", "paper");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Fakes.FakeTrainer trainer = new Fakes.FakeTrainer();
  private final Fakes.FakeEvaluator evaluator = new Fakes.FakeEvaluator();
  private Path directory;
  private Fakes.FakeBench bench;
  private Shell shell;

  @Before
  public void open() throws IOException {
    directory = folder.getRoot().toPath();
    bench = new Fakes.FakeBench(directory.resolve("home"));
    shell = new Shell(directory, new AblateCommand(bench, bench, trainer, evaluator));
    table(
        """
        {"title": "Table 0", "spec": {"classes": 2}, "train": {"lr": 0.1, "batch": 2},
         "rows": [
          {"row": "plain", "network": "a", "weights": "resnet", "published": {"mIoU": 59.4}},
          {"row": "larger <<6 4>>", "network": "b", "train": {"batch": 3}}]}
        """);
  }

  @After
  public void close() {
    shell.close();
  }

  private void table(String json) throws IOException {
    Files.writeString(directory.resolve("t.json"), json);
  }

  private String refused(String line) {
    return assertThrows(RigException.class, () -> shell.run(line)).getMessage();
  }

  private List<String> trained() {
    return trainer.planned.stream().filter(line -> line.startsWith("resume")).toList();
  }

  @Test
  public void rowsAreTrainedWithSharedOwnAndTypedOptions() throws Exception {
    String text = shell.run("ablate --lr 0.5 t.json");
    assertEquals(
        List.of(
            " {batch=2, lr=0.5, seed=0}",
            " {batch=3, lr=0.5, seed=0}",
            "resume a {batch=2, lr=0.5, seed=0}",
            "resume b {batch=3, lr=0.5, seed=0}"),
        trainer.planned);
    assertTrue(text, text.contains("Table 0\n"));
    assertTrue(text, text.lines().anyMatch(l -> l.matches("plain +a +1,002,454 +59.4 +62.50 .*")));
    assertTrue(text, text.lines().anyMatch(l -> l.matches("larger .* b +1,002,454 +- +62.50 .*")));
  }

  @Test
  public void evaluationsAreCheckedBeforeTheFirstTraining() throws Exception {
    table(
        """
        {"title": "t", "spec": {"classes": 2}, "rows": [
          {"row": "1", "network": "a"},
          {"row": "2", "network": "b", "eval": {"dataset": "other", "scoring": "guess"}}]}
        """);
    evaluator.refused = "scoring=guess";
    assertEquals("no such option: scoring=guess", refused("ablate t.json"));
    assertEquals(List.of(" {seed=0}", " {seed=0}"), trainer.planned);
    assertEquals(List.of(" {dataset=toy}", " {dataset=other, scoring=guess}"), evaluator.planned);
    assertEquals("nothing is made", Set.of(), bench.networks.keySet());
    assertEquals("no such option: scoring=guess", refused("ablate --assemble t.json"));
    evaluator.planned.clear();
    evaluator.refused = "";
    shell.run("ablate t.json");
    assertEquals(
        "as it is evaluated, the data set is the training's",
        List.of("a {}", "b {dataset=other, scoring=guess}"),
        evaluator.planned.subList(2, 4));
  }

  @Test
  public void assemblingTrainsNothing() throws Exception {
    String text = shell.run("ablate --assemble t.json");
    assertEquals(Set.of("a", "b"), bench.networks.keySet());
    assertEquals(List.of(), trained());
    assertTrue(text, text.lines().anyMatch(l -> l.matches("plain +a +1,002,454 +59.4")));
  }

  @Test
  public void networksThatAreThereStayAndOthersAreRefused() throws Exception {
    shell.run("ablate --assemble --only plain t.json");
    assertEquals(Set.of("a"), bench.networks.keySet());
    shell.run("ablate --assemble t.json");
    assertEquals(Set.of("a", "b"), bench.networks.keySet());
    bench.networks.put("b", Specs.standard(3, 0));
    String message = refused("ablate t.json");
    assertTrue(message, message.contains("there is a network b already, and it is another one"));
    assertEquals(List.of(), trained());
  }

  @Test
  public void anotherSeedIsAnotherNetwork() throws Exception {
    JsonArray rows =
        JsonParser.parseString(shell.run("ablate --json --seed 2 t.json")).getAsJsonArray();
    assertEquals(Set.of("a-s2", "b-s2"), bench.networks.keySet());
    assertEquals("resume a-s2 {batch=2, lr=0.1, seed=2}", trainer.planned.get(2));
    JsonObject row = rows.get(0).getAsJsonObject();
    assertEquals(59.4, row.getAsJsonObject("published").get("mIoU").getAsDouble(), 0);
    assertEquals("a-s2", row.get("network").getAsString());
  }

  @Test
  public void pretrainedWeightsGoIntoRowsThatNameThem() throws Exception {
    Files.createDirectory(directory.resolve("w"));
    assertTrue(
        refused("ablate -a -w w t.json").contains("has 0 files whose name begins with resnet"));
    Files.writeString(directory.resolve("w/resnet-1.pth"), "");
    Files.writeString(directory.resolve("w/resnet101.pth"), "");
    shell.run("ablate --assemble --weights w t.json");
    assertEquals(1, bench.calls.size());
    assertTrue(bench.calls.get(0), bench.calls.get(0).startsWith("import a resnet-1.pth"));
    String again = shell.run("ablate --assemble --weights w t.json");
    assertTrue(again, again.contains("a is there already; "));
    assertEquals(1, bench.calls.size());
  }

  @Test
  public void aStopSaysHowToGoOn() {
    trainer.end = Training.End.STOPPED;
    String message = refused("ablate t.json");
    assertTrue(message, message.endsWith("is stopped; the same command goes on from there"));
  }

  @Test
  public void brokenTablesAreRefusedBeforeAnythingIsMade() throws Exception {
    assertTrue(refused("ablate --only zzz t.json").contains("no row of "));
    table("{\"rows\": []}");
    assertTrue(refused("ablate t.json").contains("rows is missing"));
    table("{\"rows\": [{\"row\": \"x\"}]}");
    assertTrue(refused("ablate t.json").contains("row 1: network must be a text"));
    table("{\"rows\": [3]}");
    assertTrue(refused("ablate t.json").contains("row 1 is 3; right would be an object"));
    table("{\"row\": []}");
    assertTrue(refused("ablate t.json").contains("'row' is unknown; allowed are eval, "));
    table(
        "{\"rows\": [{\"row\": \"x\", \"network\": \"x\", \"published\": {\"mIoU\": \"many\"}}]}");
    assertTrue(refused("ablate t.json").contains("published mIoU must be a number"));
    table(
        "{\"rows\": [{\"row\": \"x\", \"network\": \"x\"}, {\"row\": \"y\", \"network\": \"x\"}]}");
    assertTrue(refused("ablate t.json").contains("row 2: a row before has the network x"));
    assertEquals(Set.of(), bench.networks.keySet());
  }

  /** Two tables that name one network share it, so they must agree on what it is. */
  @Test
  public void thePapersTablesAgreeOnTheirNetworks() throws IOException {
    List<Ablation.Row> rows;
    try (Stream<Path> files = Files.list(PAPER)) {
      rows =
          files
              .filter(file -> file.toString().endsWith(".json"))
              .flatMap(file -> Ablation.read(file).rows().stream())
              .toList();
    }
    assertEquals(66, rows.size());
    Set<String> names = new TreeSet<>();
    for (Ablation.Row row : rows) {
      for (Ablation.Row other : rows) {
        boolean same = row.network().equals(other.network());
        assertEquals(
            row.network() + " " + other.network(),
            same,
            row.spec().equals(other.spec()) && row.train().equals(other.train()));
        if (same) {
          assertEquals(row.network(), row.weights(), other.weights());
          names.add(row.network());
        }
      }
    }
    assertEquals(54, names.size());
  }
}
