package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Run;
import org.riglab.base.RequestText;

public class AblateCommandTest {
  private static final Path PAPER = Path.of("..", "..", "config", "tables");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Fakes.FakeTrainer trainer = new Fakes.FakeTrainer();
  private final Fakes.FakeEvaluator evaluator = new Fakes.FakeEvaluator();
  private final QueueLab lab = new QueueLab();
  private Path directory;
  private Fakes.FakeBench bench;
  private Shell shell;

  @Before
  public void open() throws IOException {
    directory = folder.getRoot().toPath();
    bench = new Fakes.FakeBench(directory.resolve("home"));
    shell =
        new Shell(
            directory,
            new AblateCommand(
                bench, bench, trainer, evaluator, new Fakes.FakeRegistry(), lab.lab()));
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
    return lab.submitted.stream().filter(line -> line.startsWith("TRAIN")).toList();
  }

  @Test
  public void rowsAreTrainedWithSharedOwnAndTypedOptions() throws Exception {
    String text = shell.run("ablate --lr 0.5 t.json");
    assertEquals(
        List.of(" {batch=2, lr=0.5, seed=0}", " {batch=3, lr=0.5, seed=0}"), trainer.planned);
    assertEquals(
        List.of(
            "TRAIN a {batch=2, lr=0.5, seed=0} after []",
            "EVAL a {per_image=true} after [1]",
            "TRAIN b {batch=3, lr=0.5, seed=0} after []",
            "EVAL b {per_image=true} after [3]"),
        lab.submitted);
    assertEquals(List.of(1L, 2L, 3L, 4L), lab.awaited);
    assertTrue(text, text.contains("Table 0\n"));
    assertTrue(text, text.lines().anyMatch(l -> l.matches("plain +a +1,002,454 +50.00 +59.4.*")));
    assertTrue(
        text, text.lines().anyMatch(l -> l.matches("larger .* b +1,002,454 +75.00 ! +\\+25.00.*")));
  }

  @Test
  public void whatIsThereIsUsedAndWhatFailedGoesOn() throws Exception {
    shell.run("ablate t.json");
    lab.submitted.clear();
    lab.states.put(1L, Run.State.DONE);
    lab.states.put(2L, Run.State.FAILED);
    lab.states.put(3L, Run.State.RUNNING);
    lab.states.put(4L, Run.State.QUEUED);
    lab.awaited.clear();
    shell.run("ablate t.json");
    assertEquals("nothing twice", List.of(), lab.submitted);
    assertEquals(List.of(2L), lab.retried);
    assertEquals(List.of(2L, 3L, 4L), lab.awaited);
    String message = refused("ablate --batch 7 t.json");
    assertTrue(message, message.contains("run 1 trains a with batch = 2, the table wants 7"));
  }

  /** Tables of runs are narrow: the beginning of a name tells a cell from the others. */
  @Test
  public void namesOfRunsBeginWithRowAndSeed() throws Exception {
    String text = shell.run("ablate --queue --seeds 0,1 t.json");
    for (String name : List.of("plain, seed 0", "plain, seed 1", "larger", "seed 1: Table 0")) {
      assertTrue(text, text.contains(name));
    }
    String row = "a".repeat(RequestText.NAME / 2);
    table(
        """
        {"title": "%s", "rows": [
          {"row": "%s", "network": "c", "spec": {"classes": 2}, "train": {"lr": 0.1}}]}
        """
            .formatted("b".repeat(RequestText.NAME / 2), row));
    List<String> names = new ArrayList<>();
    JsonParser.parseString(shell.run("ablate --queue --json t.json"))
        .getAsJsonArray()
        .forEach(run -> names.add(run.getAsJsonObject().get("name").getAsString()));
    assertEquals(2, names.size());
    for (String name : names) {
      assertTrue(name, name.startsWith(row + ", seed 0: b") && name.length() <= RequestText.NAME);
    }
  }

  @Test
  public void thePageFindsTheTableAndItsRuns() throws Exception {
    assertTrue(shell.run("ablate --seeds 0,1 t.json").contains("shows it at #/tables/table-0"));
    shell.run("ablate --seed 2 --only plain t.json");
    JsonObject record =
        JsonParser.parseString(
                Files.readString(directory.resolve("home").resolve("tables/table-0.json")))
            .getAsJsonObject();
    assertEquals("Table 0", record.get("title").getAsString());
    assertEquals("a", record.get("baseline").getAsString());
    JsonObject plain = record.getAsJsonArray("cells").get(0).getAsJsonObject();
    assertEquals(59.4, plain.getAsJsonObject("published").get("mIoU").getAsDouble(), 0);
    JsonArray seeds = plain.getAsJsonArray("seeds");
    assertEquals("earlier seeds stay", 3, seeds.size());
    assertEquals(1, seeds.get(0).getAsJsonObject().get("train").getAsLong());
    assertEquals(2, seeds.get(0).getAsJsonObject().get("eval").getAsLong());
    assertEquals("a-s2", seeds.get(2).getAsJsonObject().get("network").getAsString());
    JsonObject other = record.getAsJsonArray("cells").get(1).getAsJsonObject();
    assertEquals(2, other.getAsJsonArray("seeds").size());
  }

  @Test
  public void theQueueCanBeLeftToAServer() throws Exception {
    String text = shell.run("ablate --queue t.json");
    assertEquals(4, lab.submitted.size());
    assertEquals(List.of(), lab.awaited);
    assertEquals("two networks, and a table of four runs", 7, text.lines().count());
  }

  @Test
  public void severalSeedsAreOneCell() throws Exception {
    lab.scores.putAll(Map.of("a", 0.5, "a-s1", 0.52, "a-s2", 0.57, "b", 0.6));
    String csv = shell.run("ablate --seeds 0,1,2 --format csv t.json");
    assertTrue("nothing but the table: " + csv, csv.startsWith("row,network,"));
    assertEquals(6, trained().size());
    String a = csv.lines().filter(l -> l.startsWith("plain,")).findFirst().orElseThrow();
    // NumPy: mean 0.53, std (ddof=1) 0.0360555, t 4.302653: half width 0.0895671
    assertTrue(a, a.startsWith("plain,a,\"1,002,454\",53.00 ± 8.96,59.4,"));
  }

  @Test
  public void resultsAreThoseOfTheRunsThatHaveEnded() throws Exception {
    shell.run("ablate --queue --seeds 0,1,2 t.json");
    lab.scores.putAll(Map.of("a", 0.5, "a-s1", 0.52, "a-s2", 0.57));
    List.of(1L, 2L, 3L, 4L, 5L, 7L).forEach(id -> lab.states.put(id, Run.State.DONE));
    lab.states.put(8L, Run.State.FAILED);
    lab.submitted.clear();
    String csv = shell.run("ablate --results --seeds 0,1,2,3 --format csv t.json");
    assertTrue(csv, csv.contains("\nplain,a,\"1,002,454\",51.00 ± 12.71 (n=2),59.4,"));
    assertTrue(csv, csv.contains("\nlarger <<6 4>>,b,\"1,002,454\",,,,"));
    assertTrue(csv, shell.run("ablate --results t.json").contains("Difference to a "));
    String only = shell.run("ablate --results --only larger t.json");
    assertTrue("without the baseline: " + only, !only.contains("Difference to"));
    assertEquals(
        "nothing is made",
        Set.of("a", "a-s1", "a-s2", "b", "b-s1", "b-s2"),
        bench.networks.keySet());
    assertEquals(List.of(), lab.submitted);
    assertEquals(List.of(), lab.retried);
    assertEquals(List.of(), lab.awaited);
    JsonArray rows =
        JsonParser.parseString(shell.run("ablate --results --seeds 1,2 --json t.json"))
            .getAsJsonArray();
    assertEquals(1, rows.get(0).getAsJsonObject().getAsJsonArray("scores").size());
    assertEquals(0, rows.get(1).getAsJsonObject().getAsJsonArray("scores").size());
  }

  @Test
  public void aDryRunListsTheCells() throws Exception {
    JsonArray cells =
        JsonParser.parseString(shell.run("ablate --dry-run --json --seeds 0,5 t.json"))
            .getAsJsonArray();
    assertEquals(4, cells.size());
    JsonObject cell = cells.get(1).getAsJsonObject();
    assertEquals("Table 0", cell.get("table").getAsString());
    assertEquals("plain", cell.get("row").getAsString());
    assertEquals("a-s5", cell.get("network").getAsString());
    assertEquals(5, cell.get("seed").getAsInt());
    assertEquals(59.4, cell.getAsJsonObject("published").get("mIoU").getAsDouble(), 0);
    assertEquals(2, cell.getAsJsonObject("train").get("batch").getAsInt());
    assertEquals(Set.of(), bench.networks.keySet());
    assertEquals(List.of(), lab.submitted);
    assertTrue(shell.run("ablate --dry-run t.json").startsWith("Table 0: 2 cells\n"));
  }

  @Test
  public void axesMakeCells() throws Exception {
    table(
        """
        {"title": "grid", "spec": {"classes": 2},
         "axes": {"network": "g", "fields": {
           "unroll": ["sequential", "parallel"], "feedback": [[4, 5, 6]],
           "train.lr": [0.1, 0.2], "iterations": [1, 2]}}}
        """);
    JsonArray cells =
        JsonParser.parseString(shell.run("ablate --dry-run --json t.json")).getAsJsonArray();
    assertEquals(8, cells.size());
    JsonObject last = cells.get(7).getAsJsonObject();
    assertEquals("unroll parallel, feedback 4 5 6, lr 0.2", last.get("row").getAsString());
    assertEquals("iterations 2", last.get("column").getAsString());
    assertEquals("g-parallel-4-5-6-0.2-2", last.get("network").getAsString());
    assertEquals(0.2, last.getAsJsonObject("train").get("lr").getAsDouble(), 0);
    String latex = shell.run("ablate --format latex t.json");
    assertTrue(latex, latex.contains(" & iterations 1 & iterations 2 \\\\\n\\midrule"));
    assertTrue(latex, latex.contains("\\textbf{"));
    assertTrue(refused("ablate --format pdf t.json").contains("format is pdf"));
  }

  @Test
  public void columnsCrossRows() throws Exception {
    String columns =
        """
        {"title": "crossed", "spec": {"classes": 2, "iterations": 3}, "train": {"lr": 0.1},
         "columns": [
           {"column": "easy", "network": "-e", "train": {"batch": 2}},
           {"column": "hard", "network": "-h", "spec": {"classes": 5}, "train": {"batch": 4}}],
         "rows": [{"row": "plain", "network": "a", "spec": {"classes": 3}},
                  {"row": "gated", "network": "b", "train": {"batch": 8}%s}]}
        """;
    table(columns.formatted(""));
    JsonArray cells =
        JsonParser.parseString(shell.run("ablate --dry-run --json t.json")).getAsJsonArray();
    List<String> found = new ArrayList<>();
    for (JsonElement element : cells) {
      JsonObject cell = element.getAsJsonObject();
      JsonObject train = cell.getAsJsonObject("train");
      found.add(
          "%s %s %s %s %s %s"
              .formatted(
                  cell.get("row").getAsString(),
                  cell.get("column").getAsString(),
                  cell.get("network").getAsString(),
                  cell.getAsJsonObject("spec").get("classes"),
                  train.get("lr"),
                  train.get("batch")));
    }
    assertEquals(
        List.of(
            "plain easy a-e 3 0.1 2",
            "plain hard a-h 3 0.1 4",
            "gated easy b-e 2 0.1 8",
            "gated hard b-h 5 0.1 8"),
        found);
    lab.scores.putAll(Map.of("a-e", 0.9, "b-e", 0.8, "a-h", 0.3, "b-h", 0.4));
    String markdown = shell.run("ablate --format markdown t.json");
    assertTrue(markdown, markdown.contains("| plain | **90.00** | 30.00 |"));
    assertTrue(markdown, markdown.contains("| gated | 80.00 -10.00 "));
    assertTrue(markdown, markdown.contains(" | **40.00 +10.00 "));
    assertTrue(markdown, markdown.contains("Difference to a of the column in points"));
    JsonObject record =
        JsonParser.parseString(
                Files.readString(directory.resolve("home").resolve("tables/crossed.json")))
            .getAsJsonObject();
    assertEquals("a", record.get("baseline").getAsString());
    JsonObject last = record.getAsJsonArray("cells").get(3).getAsJsonObject();
    assertEquals("a-h", last.get("baseline").getAsString());

    table(columns.formatted(", \"column\": \"x\""));
    String message = refused("ablate t.json");
    assertTrue(message, message.contains("row 2: column must not be given"));
    table("{\"columns\": [{\"column\": \"x\"}], \"rows\": [{\"row\": \"1\", \"network\": \"a\"}]}");
    message = refused("ablate t.json");
    assertTrue(message, message.contains("row 1, column 1: network must be a text"));
    table("{\"columns\": 3, \"rows\": [{\"row\": \"1\", \"network\": \"a\"}]}");
    message = refused("ablate t.json");
    assertTrue(message, message.contains("columns must be a list of objects"));
  }

  @Test
  public void aNetworkThatCannotBeAssembledLeavesNoneBehind() throws Exception {
    bench.refuses = "b";
    for (String line : List.of("ablate --queue t.json", "ablate --assemble t.json")) {
      String message = refused(line);
      assertTrue(message, message.contains("t.json, row larger <<6 4>>: no such gate"));
      assertEquals(Set.of(), bench.networks.keySet());
      assertEquals(List.of(), lab.submitted);
    }
    bench.refuses = null;
    shell.run("ablate --assemble --only plain t.json");
    bench.refuses = "b";
    refused("ablate t.json");
    assertEquals("what was there stays", Set.of("a"), bench.networks.keySet());
  }

  @Test
  public void aRowThatCannotBeAssembledIsRefusedBeforeAnythingIsMade() throws Exception {
    table(
        """
        {"spec": {"classes": 2}, "rows": [{"row": "1", "network": "a"},
          {"row": "2", "network": "b", "spec": {"unroll": "sequential"}}]}
        """);
    bench.unsound = "sequential";
    for (String line : List.of("ablate --dry-run t.json", "ablate --queue t.json")) {
      String message = refused(line);
      assertTrue(message, message.contains("t.json, row 2: unroll sequential cannot be assembled"));
    }
    assertEquals(Set.of(), bench.networks.keySet());
    shell.run("ablate --dry-run --only a t.json");
  }

  @Test
  public void theSmallFormHasOtherBackbonesAndData() throws Exception {
    assertTrue(refused("ablate --small t.json").contains("has no small form"));
    table(
        """
        {"spec": {"classes": 2, "backbone": "resnet50"}, "train": {"recipe": "x"},
         "small": {"backbones": {"resnet50": "resnet:width=8"}, "train": {"steps": 9},
                   "spec": {"classes": 6}},
         "rows": [{"row": "1", "network": "a", "weights": "resnet50"}]}
        """);
    JsonObject cell =
        JsonParser.parseString(shell.run("ablate --small --dry-run --json t.json"))
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject();
    assertEquals("a-small", cell.get("network").getAsString());
    assertEquals("", cell.get("weights").getAsString());
    assertEquals("{\"steps\":9,\"seed\":0}", cell.getAsJsonObject("train").toString());
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
    String where = directory.resolve("t.json") + ", row 2: ";
    assertEquals(where + "no such option: scoring=guess", refused("ablate t.json"));
    assertEquals(List.of(" {seed=0}", " {seed=0}"), trainer.planned);
    assertEquals(List.of(" {dataset=toy}", " {dataset=other, scoring=guess}"), evaluator.planned);
    assertEquals("nothing is made", Set.of(), bench.networks.keySet());
    assertEquals(where + "no such option: scoring=guess", refused("ablate --assemble t.json"));
    evaluator.planned.clear();
    evaluator.refused = "";
    shell.run("ablate t.json");
    assertEquals(
        "as it is evaluated, the data set is the training's",
        List.of(
            "EVAL a {per_image=true} after [1]",
            "EVAL b {dataset=other, per_image=true, scoring=guess} after [3]"),
        lab.submitted.stream().filter(line -> line.startsWith("EVAL")).toList());
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
    assertTrue(message, message.contains("network b already exists with another spec"));
    assertEquals(List.of(), trained());
  }

  @Test
  public void anotherSeedIsAnotherNetwork() throws Exception {
    JsonArray rows =
        JsonParser.parseString(shell.run("ablate --json --seed 2 t.json")).getAsJsonArray();
    assertEquals(Set.of("a-s2", "b-s2"), bench.networks.keySet());
    assertEquals("TRAIN a-s2 {batch=2, lr=0.1, seed=2} after []", lab.submitted.get(0));
    JsonObject row = rows.get(0).getAsJsonObject();
    assertEquals(59.4, row.getAsJsonObject("published").get("mIoU").getAsDouble(), 0);
    assertEquals("a-s2", row.get("network").getAsString());
  }

  @Test
  public void pretrainedWeightsGoIntoRowsThatNameThem() throws Exception {
    Files.createDirectory(directory.resolve("w"));
    assertTrue(
        refused("ablate -a -w w t.json")
            .contains("contains 0 files with names that start with resnet"));
    Files.writeString(directory.resolve("w/resnet-1.pth"), "");
    Files.writeString(directory.resolve("w/resnet101.pth"), "");
    shell.run("ablate --assemble --weights w t.json");
    assertEquals(1, bench.calls.size());
    assertTrue(bench.calls.get(0), bench.calls.get(0).startsWith("import a resnet-1.pth"));
    String again = shell.run("ablate --assemble --weights w t.json");
    assertTrue(again, again.contains("a already exists; "));
    assertEquals(1, bench.calls.size());
  }

  @Test
  public void aStopSaysHowToGoOn() {
    lab.end = Run.State.PAUSED;
    String message = refused("ablate t.json");
    assertTrue(message, message.endsWith("is paused; run the same command again to continue"));
  }

  @Test
  public void brokenTablesAreRefusedBeforeAnythingIsMade() throws Exception {
    assertTrue(refused("ablate --only zzz t.json").contains("no row of "));
    table("{\"rows\": []}");
    assertTrue(refused("ablate t.json").contains("rows is missing"));
    table("{\"rows\": [{\"row\": \"x\"}]}");
    assertTrue(refused("ablate t.json").contains("row 1: network must be a text"));
    table("{\"rows\": [3]}");
    assertTrue(refused("ablate t.json").contains("row 1 is 3; expected an object"));
    table("{\"row\": []}");
    assertTrue(refused("ablate t.json").contains("'row' is unknown; allowed are axes, "));
    assertTrue(refused("ablate t.json").endsWith("; the most similar is rows"));
    table("{\"rows\": [{\"row\": \"x\", \"network\": \"x\", \"colum\": \"y\", \"trian\": {}}]}");
    assertTrue(
        refused("ablate t.json")
            .endsWith(
                "t.json, row 1: 'colum', 'trian' are unknown; allowed are column, eval, network,"
                    + " published, row, spec, train, weights; the most similar are column, train"));
    table("{\"rows\": [{\"row\": \"x\", \"network\": \"x\"}], \"small\": {\"backbone\": {}}}");
    assertTrue(refused("ablate t.json").contains("t.json: small: 'backbone' is unknown; allowed"));
    table("{\"axes\": {\"field\": {\"gate\": [\"mul-tanh\"]}}}");
    assertTrue(refused("ablate t.json").contains("t.json: axes: 'field' is unknown; allowed"));
    table(
        "{\"rows\": [{\"row\": \"x\", \"network\": \"x\", \"published\": {\"mIoU\": \"many\"}}]}");
    assertTrue(refused("ablate t.json").contains("published mIoU must be a number"));
    table(
        "{\"rows\": [{\"row\": \"x\", \"network\": \"x\"}, {\"row\": \"y\", \"network\": \"x\"}]}");
    assertTrue(refused("ablate t.json").contains("row 2: a row before has the network x"));
    assertEquals(Set.of(), bench.networks.keySet());
  }

  /** As over SSH. */
  @Test
  public void filesThatATableOfARemoteUserNamesAreConfined() throws Exception {
    Path files = shell.confine(directory);
    Map<String, String> attacks =
        Map.of(
            "\"train\": {\"python\": \"x.sh\"}", "option 'python' is for local users",
            "\"train\": {\"data\": \"/etc\"}", "leads elsewhere",
            "\"eval\": {\"DATA\": \"..\"}", "leads elsewhere",
            "\"train\": {\"loss\": \"coarse-to-fine:table=../t.json\"}", "leads elsewhere",
            "\"small\": {\"train\": {\"data\": \"../home\"}}", "leads elsewhere");
    for (Map.Entry<String, String> attack : attacks.entrySet()) {
      Files.writeString(
          files.resolve("x.json"),
          "{\"spec\": {\"classes\": 2}, \"rows\": [{\"row\": \"x\", \"network\": \"x\"}], "
              + attack.getKey()
              + "}");
      String said = refused("ablate -a x.json");
      assertTrue(attack + ": " + said, said.contains(attack.getValue()));
    }
    assertEquals(Set.of(), bench.networks.keySet());
    Files.writeString(
        files.resolve("x.json"),
        "{\"spec\": {\"classes\": 2}, \"train\": {\"data\": \"pics\"},"
            + " \"rows\": [{\"row\": \"x\", \"network\": \"x\"}]}");
    shell.run("ablate x.json");
    assertEquals(List.of(" {data=" + files.resolve("pics") + ", seed=0}"), trainer.planned);
    // No network, table or run gets a name that leads elsewhere or steers a terminal.
    for (String network : List.of("../../escaped", "a/b", "a\\n", "\\u001b[2J")) {
      Files.writeString(
          files.resolve("x.json"),
          "{\"spec\": {\"classes\": 2}, \"rows\": [{\"row\": \"y\", \"network\": \"%s\"}]}"
              .formatted(network));
      String said = refused("ablate -a x.json");
      assertTrue(said, said.contains("x.json, row 1: "));
    }
    Files.writeString(
        files.resolve("x.json"),
        "{\"title\": \"../../../escaped\\u001b]0;x\\u0007\", \"spec\": {\"classes\": 2},"
            + " \"rows\": [{\"row\": \"y\", \"network\": \"y\"}]}");
    assertTrue(refused("ablate -a x.json").contains("x.json: title must be one line of at most"));
    Files.writeString(
        files.resolve("x.json"),
        "{\"spec\": {\"classes\": 2}, \"rows\": [{\"row\": \"y\\u009b2J\", \"network\": \"y\"}]}");
    assertTrue(refused("ablate -a x.json").contains("row 1: row must be one line of at most"));
    assertEquals(Set.of("x"), bench.networks.keySet());
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
    for (int table = 1; table <= 8; table++) {
      Path file = PAPER.resolve("table" + table + ".json");
      assertEquals(
          Ablation.read(file).rows().size(), Ablation.read(file).small(file).rows().size());
    }
  }
}
