package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
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
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Run;
import org.riglab.search.internal.SearchService;

public class SearchCommandTest {
  private static final String FILE =
      """
      {"spec": {"classes": 2}, "train": {"batch": 2, "steps": 20},
       "space": {"lr": "log:1e-4..1", "decay": [0.25, 0.5]}, "runs": 9}
      """;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Fakes.FakeTrainer trainer = new Fakes.FakeTrainer();
  private Path directory;
  private Fakes.FakeBench bench;
  private SearchLab lab;
  private Shell shell;

  @Before
  public void open() throws IOException {
    directory = folder.getRoot().toPath();
    Files.writeString(directory.resolve("s.json"), FILE);
    start("home");
  }

  private void start(String home) {
    if (shell != null) {
      shell.close();
    }
    bench = new Fakes.FakeBench(directory.resolve(home));
    lab = new SearchLab(SearchCommandTest::score);
    shell =
        new Shell(
            directory,
            new SearchCommand(new SearchService(bench, bench, trainer, lab.lab()), trainer));
  }

  @After
  public void close() {
    shell.close();
  }

  /** Best at a learning rate of 0.01. */
  private static double score(Map<String, Object> options) {
    return 0.9 - 0.1 * Math.abs(Math.log10((Double) options.get("lr")) + 2);
  }

  private JsonObject search(String line) throws Exception {
    return JsonParser.parseString(shell.run(line)).getAsJsonObject();
  }

  private static List<JsonObject> trials(JsonObject json) {
    List<JsonObject> trials = new ArrayList<>();
    JsonArray array = json.getAsJsonArray("trials");
    for (JsonElement trial : array) {
      trials.add(trial.getAsJsonObject());
    }
    return trials;
  }

  /** Of all trials whose values are known, also of those that would come last. */
  @Test
  public void aTrialThatCannotBeAssembledIsRefusedBeforeAnyIsQueued() throws Exception {
    Files.writeString(
        directory.resolve("s.json"),
        """
        {"spec": {"classes": 2}, "train": {"batch": 2, "steps": 20}, "runs": 4,
         "space": {"network.unroll": ["parallel", "sequential", "rethinking", "feed-forward"]}}
        """);
    for (String unroll : List.of("parallel", "sequential", "rethinking", "feed-forward")) {
      bench.unsound = unroll;
      for (String line : List.of("search --dry-run s.json", "search s.json")) {
        String message = assertThrows(RigException.class, () -> shell.run(line)).getMessage();
        assertEquals("the search s: unroll " + unroll + " cannot be assembled", message);
      }
    }
    assertEquals(Map.of(), lab.jobs);
    assertEquals(Map.of(), bench.networks);
  }

  @Test
  public void allTrialsAreTrainedAndTheBestComesFirst() throws Exception {
    JsonObject json = search("search --json s.json");
    List<JsonObject> trials = trials(json);
    assertEquals(9, trials.size());
    assertEquals(9, lab.jobs.size());
    double before = 1;
    for (JsonObject trial : trials) {
      assertEquals("done", trial.get("state").getAsString());
      double score = trial.get("score").getAsDouble();
      double lr = trial.getAsJsonObject("values").get("lr").getAsDouble();
      assertEquals(score(Map.of("lr", lr)), score, 1e-12);
      assertTrue(score <= before);
      before = score;
    }
    double share = json.getAsJsonObject("importance").get("lr").getAsDouble();
    assertTrue(share > json.getAsJsonObject("importance").get("decay").getAsDouble());
    SearchLab.Job first = lab.jobs.get(1L);
    assertEquals("s-1", first.request.network());
    assertEquals(List.of("search/s"), List.copyOf(first.tags));
    assertEquals("mIoU", first.request.options().get("monitor"));
    assertEquals(2L, first.request.options().get("batch"));
    assertTrue(bench.networks.containsKey("s-9"));
    String text = shell.run("search s.json");
    assertEquals("nothing twice", 9, lab.jobs.size());
    assertTrue(text, text.lines().anyMatch(line -> line.matches("rank +trial +state +mIoU .*")));
    assertTrue(text, text.lines().anyMatch(line -> line.matches("lr +0.[0-9]{2}")));
  }

  @Test
  public void failedTrialsSayWhyAndGoOnWhenTheirRunsDo() throws Exception {
    lab.errors.putAll(Map.of(1L, "the disk is full", 2L, "the disk is full"));
    RigException none = assertThrows(RigException.class, () -> shell.run("search --runs 2 s.json"));
    assertEquals(RigException.Kind.PART_FAILED, none.kind());
    assertEquals(
        "search s: no trial has a score; run 1 failed: the disk is full", none.getMessage());
    String text = shell.run("search --runs 3 s.json");
    assertTrue(text, text.lines().anyMatch(line -> line.startsWith("trial 3 done at step 20")));
    lab.errors.remove(1L);
    lab.jobs.get(1L).state = Run.State.QUEUED; // rig retry 1
    text = shell.run("search --runs 4 s.json");
    assertTrue(text, text.lines().anyMatch(line -> line.startsWith("trial 1 done at step 20")));
    assertTrue(text, text.lines().noneMatch(line -> line.startsWith("trial 2")));
    lab.errors.put(5L, "no such file");
    text = shell.run("search --runs 5 s.json");
    assertTrue(text, text.contains("trial 5 failed\nrun 5: no such file\n"));
  }

  @Test
  public void theScoreIsThatOfAnyIteration() throws Exception {
    JsonObject last = trials(search("search --json s.json")).get(0);
    JsonObject first = trials(search("search --json --name t --metric mIoU:1 s.json")).get(0);
    assertEquals(last.get("score").getAsDouble() / 2, first.get("score").getAsDouble(), 1e-12);
    assertEquals("mIoU:1", lab.jobs.get(10L).request.options().get("monitor"));
    JsonObject worst = trials(search("search --json --name w --metric -mIoU s.json")).get(0);
    // its score is the least of all evaluations, that after 2 of 20 steps
    assertTrue(worst.get("score").getAsDouble() < 0.1);
  }

  @Test
  public void successiveHalvingStopsTheWeak() throws Exception {
    lab.devices = 9;
    List<JsonObject> trials = trials(search("search --json --asha 2:3 s.json"));
    // all reach 2 steps at once, three of nine go on to 6, one to the end
    assertEquals(1, count(trials, "done", 20));
    assertEquals(2, count(trials, "pruned", 6));
    assertEquals(6, count(trials, "pruned", 2));
    double best = trials.stream().mapToDouble(SearchCommandTest::expected).max().orElseThrow();
    assertEquals("the best of all", best, expected(trials.get(0)), 0);
    assertEquals("after 2, 6 and 18 steps", 3, trials.get(0).getAsJsonArray("rungs").size());
    assertEquals(2L, lab.jobs.get(1L).request.options().get("eval_every"));
    for (SearchLab.Job job : lab.jobs.values()) {
      assertEquals(job.state == Run.State.CANCELLED, job.tags.contains("pruned"));
    }
    assertTrue(shell.run("search --asha 2:3 s.json").contains("pruned"));
  }

  private static double expected(JsonObject trial) {
    return score(Map.of("lr", trial.getAsJsonObject("values").get("lr").getAsDouble()));
  }

  private static long count(List<JsonObject> trials, String state, long step) {
    return trials.stream()
        .filter(t -> t.get("state").getAsString().equals(state))
        .filter(t -> t.get("step").getAsLong() == step)
        .count();
  }

  @Test
  public void aStoppedTrialContinuesWhenItIsAmongTheBest() throws Exception {
    lab.devices = 1;
    String text = shell.run("search --asha 2:2 --runs 6 --seed 2 s.json");
    assertTrue(text, text.contains(" continues\n"));
    List<JsonObject> trials = trials(search("search --json --asha 2:2 --runs 6 --seed 2 s.json"));
    // with all six there, the best three went beyond the first rung
    List<JsonObject> further = trials.stream().filter(t -> t.get("step").getAsLong() > 2).toList();
    List<Double> sorted = trials.stream().map(SearchCommandTest::expected).sorted().toList();
    for (double best : sorted.subList(3, 6)) {
      assertTrue(further.stream().anyMatch(t -> expected(t) == best));
    }
  }

  @Test
  public void anInterruptedSearchGoesOnToTheSameTrials() throws Exception {
    for (String method : List.of("random", "evolution --population 4")) {
      String line = "search --json --method " + method + " --runs 12 s.json";
      start("whole-" + method.charAt(0));
      JsonObject whole = search(line);
      start("broken-" + method.charAt(0));
      for (int kills = 0; kills < 3; kills++) {
        lab.left = 7;
        assertThrows(IllegalStateException.class, () -> shell.run(line));
      }
      lab.left = Integer.MAX_VALUE;
      assertEquals(whole, search(line));
      assertEquals(12, lab.jobs.size());
    }
  }

  /** When runs are stopped depends on when they are looked at; what is tried does not repeat. */
  @Test
  public void anInterruptedHalvingRepeatsNothing() throws Exception {
    String line = "search --json --method evolution --population 4 --asha 2:3 --runs 12 s.json";
    for (int kills = 0; kills < 4; kills++) {
      lab.left = 5;
      assertThrows(IllegalStateException.class, () -> shell.run(line));
    }
    lab.left = Integer.MAX_VALUE;
    List<JsonObject> trials = trials(search(line));
    assertEquals(12, lab.jobs.size());
    assertEquals(12, trials.stream().map(t -> t.get("values")).distinct().count());
    assertEquals(trials, trials(search(line)));
  }

  @Test
  public void aRunThatWasQueuedBeforeTheStateWasWrittenIsFoundAgain() throws Exception {
    shell.run("search --runs 3 s.json");
    Path state = directory.resolve("home/searches/s.json");
    String text = Files.readString(state);
    Files.writeString(state, text.replace("\"0\": 3", "\"0\": 0").replace("\"done\"", "\"open\""));
    shell.run("search --runs 3 s.json");
    assertEquals(3, lab.jobs.size());
    assertEquals(text, Files.readString(state));
  }

  @Test
  public void severalSeedsAreOneTrial() throws Exception {
    List<JsonObject> trials = trials(search("search --json --runs 2 --seeds 3,4 s.json"));
    assertEquals(4, lab.jobs.size());
    assertEquals("s-1-s3", lab.jobs.get(1L).request.network());
    assertEquals(4L, lab.jobs.get(2L).request.options().get("seed"));
    assertEquals(2, trials.get(0).getAsJsonArray("runs").size());
  }

  @Test
  public void aDryRunMakesNothing() throws Exception {
    List<JsonObject> trials = trials(search("search --dry-run --json s.json"));
    assertEquals(9, trials.size());
    assertEquals("[\"s-1\"]", trials.get(0).get("networks").toString());
    assertTrue(trials.get(0).getAsJsonObject("train").has("lr"));
    assertEquals(Map.of(), lab.jobs);
    assertEquals(Map.of(), bench.networks);
    assertFalse(Files.exists(directory.resolve("home/searches")));
    assertTrue(shell.run("search -n s.json").startsWith("s: 9 trials at most\n"));
  }

  private String refused(String line) {
    return assertThrows(RigException.class, () -> shell.run(line)).getMessage();
  }

  @Test
  public void whatCannotBeIsRefused() throws Exception {
    shell.run("search --runs 1 s.json");
    String other = refused("search --over lr=1e-3..1 s.json");
    assertTrue(other, other.contains("search s began with space "));
    assertTrue(refused("search --method grid s.json").contains("expected random or evolution"));
    assertTrue(refused("search --runs 0 s.json").contains("expected 1 to 1000"));
    assertTrue(refused("search --asha 20 s.json").contains("STEPS below the 20 steps"));
    assertTrue(refused("search --over lr s.json").contains("is not FIELD=VALUES"));
    assertTrue(refused("search --population 2 s.json").contains("expected 4 to 1000"));
    Files.writeString(directory.resolve("x.json"), "{\"spac\": {}}");
    assertTrue(refused("search x.json").contains("'spac' is unknown; allowed are asha, "));
    assertTrue(refused("search x.json").endsWith("; the most similar is space"));
    Files.writeString(directory.resolve("y.json"), "{\"space\": {\"lr\": \"1..2\"}}");
    assertTrue(refused("search y.json").contains("spec is missing"));
    Files.writeString(
        directory.resolve("z.json"),
        "{\"spec\": {\"classes\": 2}, \"space\": {\"lr\": [null, 1]}}");
    assertEquals("z.json: lr is [null, 1]; null is no value", refused("search z.json"));
    for (String key : List.of("name", "network", "method", "metric", "asha", "weights")) {
      Files.writeString(
          directory.resolve("z.json"),
          "{\"spec\": {\"classes\": 2}, \"space\": {\"lr\": \"1..2\"}, \"" + key + "\": null}");
      assertEquals("z.json: " + key + " is null; expected a text", refused("search z.json"));
    }
  }

  @Test
  public void aSearchOfWhichNothingWasQueuedLeavesNothing() throws Exception {
    Path state = directory.resolve("home/searches/s.json");
    lab.refusal = "there is no dataset 'nods'";
    assertEquals(lab.refusal, refused("search s.json"));
    assertFalse(Files.exists(state));
    assertEquals(List.of("discard s-1"), bench.calls);
    lab.refusal = "";
    shell.run("search --over lr=1e-3..1 --runs 2 s.json");
    String before = Files.readString(state);
    lab.refusal = "the disk is full";
    assertEquals(lab.refusal, refused("search --over lr=1e-3..1 --runs 3 s.json"));
    assertEquals("the trials before stay", before, Files.readString(state));
    assertEquals(List.of("discard s-1", "discard s-3"), bench.calls);
  }

  @Test
  public void fieldsThatWouldBeIgnoredAreRefused() {
    assertEquals(
        "--over lr is given twice", refused("search --over lr=1e-3..1 --over lr=1..2 s.json"));
    for (String field : List.of("seed", "network.seed")) {
      assertEquals(
          "s.json: " + field + " cannot be searched; use seeds, over which a trial has its mean",
          refused("search --over " + field + "=int:0..3 s.json"));
    }
  }

  /** As over SSH. */
  @Test
  public void filesThatASearchOfARemoteUserNamesAreConfined() throws Exception {
    Path files = shell.confine(directory);
    Files.copy(directory.resolve("s.json"), files.resolve("s.json"));
    Map<String, String> attacks =
        Map.of(
            "\"train\": {\"python\": \"x.sh\"}", "option 'python' is for local users",
            "\"space\": {\"python\": [\"auto\", \"x.sh\"]}", "option 'python' is for local users",
            "\"train\": {\"data\": \"/etc\"}", "leads elsewhere",
            "\"space\": {\"data\": [\"../home\", \"pics\"]}", "leads elsewhere",
            "\"space\": {\"loss.table\": [\"../s.json\", \"t.json\"]}", "leads elsewhere",
            "\"train\": {\"loss\": {\"name\": \"x\", \"table\": \"/s.json\"}}", "leads elsewhere",
            "\"weights\": \"../s.json\"", "leads elsewhere",
            "\"name\": \"../../escaped\"", "is not a valid name for a network");
    for (Map.Entry<String, String> attack : attacks.entrySet()) {
      String space = attack.getKey().contains("space") ? "" : ", \"space\": {\"lr\": \"0.1..1\"}";
      Files.writeString(
          files.resolve("x.json"), "{\"spec\": {\"classes\": 2}, " + attack.getKey() + space + "}");
      String said = refused("search -n x.json");
      assertTrue(attack + ": " + said, said.contains(attack.getValue()));
    }
    for (String over : List.of("python=auto/x.sh", "PYTHON=x.sh", "data=..")) {
      refused("search -n --over " + over + " s.json");
    }
    Files.writeString(
        files.resolve("x.json"),
        "{\"spec\": {\"classes\": 2}, \"train\": {\"data\": \"pics\", \"loss\":"
            + " \"coarse-to-fine\"}, \"space\": {\"lr\": \"0.1..1\", \"loss.table\": [\"t.json\","
            + " \"u.json\"]}}");
    JsonObject trial = trials(search("search -n --json --runs 1 x.json")).get(0);
    assertEquals(
        files.resolve("pics").toString(), trial.getAsJsonObject("train").get("data").getAsString());
    String table = trial.getAsJsonObject("values").get("loss.table").getAsString();
    assertTrue(table, table.matches(files + "/[tu].json"));
  }

  @Test
  public void aDamagedStateIsSaid() throws Exception {
    shell.run("search --runs 1 s.json");
    Path state = directory.resolve("home/searches/s.json");
    String whole = Files.readString(state);
    SearchService searches = new SearchService(bench, bench, trainer, lab.lab());
    assertEquals("s", searches.progress("s").name());
    for (String damage : List.of("population", "seeds", "number", "point", "rungs", "runs")) {
      Files.writeString(state, whole.replace("\"" + damage + "\"", "\"x" + damage + "\""));
      String said =
          assertThrows(damage, RigException.class, () -> searches.progress("s")).getMessage();
      assertTrue(said, said.startsWith(state + ": the state of the search is damaged; "));
    }
    Files.writeString(state, whole.replace("\"number\"", "\"xnumber\""));
    assertTrue(refused("search --runs 2 s.json").contains("the state of the search is damaged"));
  }
}
