package org.riglab.search.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.search.SearchProgress;
import org.riglab.search.Trial;

public class SearchTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static SearchSpace space(String... words) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (String word : words) {
      fields.put(word.split("=")[0], word.split("=")[1]);
    }
    return SearchSpace.of(fields, "test");
  }

  private static String wrong(String word) {
    return assertThrows(RigException.class, () -> space(word)).getMessage();
  }

  @Test
  public void coordinatesBecomeValues() {
    SearchSpace space =
        space("a=2..4", "b=log:1e-4..1e-1", "c=int:1..4", "d=int:log:4..64", "e=x/y/z");
    assertEquals(
        Map.of("a", 2.0, "b", 1e-4, "c", 1L, "d", 4L, "e", "x"), space.values(new double[5]));
    assertEquals(
        // sqrt(1e-4 * 1e-1) = 3.162e-3, sqrt(4 * 64) = 16
        Map.of("a", 3.0, "b", 0.003162, "c", 3L, "d", 16L, "e", "y"),
        space.values(new double[] {0.5, 0.5, 0.5, 0.5, 0.5}));
    assertEquals(
        Map.of("a", 4.0, "b", 0.1, "c", 4L, "d", 64L, "e", "z"),
        space.values(new double[] {1, 1, 1, 1, 1}));
    double[] counts = new double[5];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 4000; i++) {
      counts[((Long) space.fields().get(2).value(random.nextDouble())).intValue()]++;
    }
    assertArrayEquals(
        "each whole number as often", new double[] {0, 1000, 1000, 1000, 1000}, counts, 100);
  }

  @Test
  public void wrongFieldsAreRefused() {
    assertTrue(wrong("a=log:0..1"), wrong("a=log:0..1").contains("and more than 0"));
    assertTrue(wrong("a=2..1").contains("the first bound must be less than the second"));
    assertTrue(wrong("a=int:1.5..3").contains("both whole numbers"));
    assertTrue(wrong("a=lin:1..3").contains("expected LOW..HIGH"));
    assertTrue(wrong("a=x").contains("two or more different values"));
    assertTrue(wrong("a=x/x").contains("two or more different values"));
    assertTrue(
        assertThrows(RigException.class, () -> SearchSpace.of(Map.of(), "f.json"))
            .getMessage()
            .startsWith("f.json: there are no fields to search"));
  }

  @Test
  public void aRandomSearchIsThatOfItsSeed() {
    SearchSpace space = space("a=0..1", "b=x/y/z");
    List<double[]> all = new RandomProposals(space, 5).next(List.of(), 6);
    List<TrialState> trials = new ArrayList<>();
    for (int k = 0; k < 6; k++) {
      double[] next = new RandomProposals(space, 5).next(trials, 1).get(0);
      assertArrayEquals("one by one as all at once", all.get(k), next, 0);
      trials.add(new TrialState(k + 1, next, space.values(next)));
    }
    assertNotEquals(
        all.get(0)[0], new RandomProposals(space, 6).next(List.of(), 1).get(0)[0], 1e-9);
    assertEquals(
        "no values twice",
        6,
        new RandomProposals(space("a=1/2", "b=x/y/z"), 0).next(List.of(), 20).size());
  }

  @Test
  public void whatIsWrittenIsReadWithoutTheRequest() throws Exception {
    Path home = folder.getRoot().toPath();
    SearchSpace space =
        SearchSpace.of(
            new LinkedHashMap<>(Map.of("lr", "log:1e-4..1e-1", "network.gate", List.of("x", "y"))),
            "test");
    SearchPlan plan =
        new SearchPlan(
            "s",
            Map.of(),
            Map.of("steps", 8L),
            space,
            "random",
            4,
            "-loss",
            "",
            8,
            0,
            List.of(0L, 1L),
            "");
    SearchState state = SearchState.open(plan, home);
    assertEquals(List.of(), SearchState.names(home));
    double[] goals = {-0.5, -0.25, Double.NaN, -1};
    for (int k = 0; k < goals.length; k++) {
      double[] point = {k / 4.0, k % 2 / 2.0};
      TrialState trial = new TrialState(k + 1, point, space.values(point));
      trial.goal = goals[k];
      trial.state = k == 2 ? Trial.State.OPEN : Trial.State.DONE;
      trial.runs.put(0L, 10L + k);
      trial.runs.put(1L, 20L + k);
      state.trials.add(trial);
    }
    state.save();
    assertEquals(List.of("s"), SearchState.names(home));
    SearchProgress read = SearchState.read(home, "s");
    assertEquals("-loss", read.metric());
    assertEquals(space.text(), read.space());
    List<Trial> trials = read.result().trials();
    assertEquals(List.of(2, 1, 4, 3), trials.stream().map(Trial::number).toList());
    assertEquals(0.25, trials.get(0).score(), 0);
    assertEquals(List.of("s-2-s0", "s-2-s1"), trials.get(0).networks());
    assertEquals(List.of(11L, 21L), trials.get(0).runs());
    assertEquals(state.trials.get(1).values, trials.get(0).values());
    assertEquals(Leaderboard.of(plan, state.trials).importance(), read.result().importance());
    assertEquals(
        RigException.Kind.NOT_FOUND,
        assertThrows(RigException.class, () -> SearchState.read(home, "../s")).kind());
  }

  /**
   * Two rungs, eta 2; computed by hand. The scores arrive one after the other:
   *
   * <pre>
   * trial  rung 0  best half so far  goes on
   * 1      0.30    1                 1
   * 2      0.50    2                 2 (1 was before)
   * 3      0.40    2                 -
   * 4      0.20    2 3               3, which had been stopped
   * 5      0.60    5 2               5
   * 6      0.10    5 2 3             -
   * </pre>
   */
  @Test
  public void successiveHalvingPromotesTheBestShare() {
    Asha asha = Asha.of("10:2", 40);
    assertEquals(List.of(10L, 20L), asha.rungs());
    double[] scores = {0.3, 0.5, 0.4, 0.2, 0.6, 0.1};
    List<List<Integer>> expected =
        List.of(List.of(1), List.of(2), List.of(), List.of(3), List.of(5), List.of());
    List<TrialState> trials = new ArrayList<>();
    for (int k = 0; k < scores.length; k++) {
      TrialState trial = new TrialState(k + 1, new double[0], Map.of());
      trial.rungs.put(0, scores[k]);
      trials.add(trial);
      List<TrialState> promoted = asha.promotable(trials, 0);
      assertEquals(expected.get(k), promoted.stream().map(t -> t.number).toList());
      promoted.forEach(t -> t.promoted.add(0));
    }
    assertEquals(Optional.empty(), Asha.barrier(trials.get(1)));
    assertEquals(Optional.of(0), Asha.barrier(trials.get(5)));
    trials.get(1).rungs.put(1, 0.7);
    assertEquals("the rung above", Optional.of(1), Asha.barrier(trials.get(1)));
    assertEquals(List.of(trials.get(1)), asha.promotable(trials, 1));
    assertEquals(List.of(5L, 15L, 45L), Asha.of("5", 100).rungs());
    assertThrows(RigException.class, () -> Asha.of("100", 100));
    assertThrows(RigException.class, () -> Asha.of("10:1", 100));
  }

  private static double best(
      Proposals proposals, SearchSpace space, ToDoubleFunction<Map<String, Object>> f, int runs) {
    List<TrialState> trials = new ArrayList<>();
    while (trials.size() < runs) {
      List<double[]> points = proposals.next(trials, runs - trials.size());
      assertTrue("has more", !points.isEmpty());
      for (double[] point : points) {
        TrialState trial = new TrialState(trials.size() + 1, point, space.values(point));
        trial.fitness = f.applyAsDouble(trial.values);
        trials.add(trial);
      }
    }
    assertEquals(runs, trials.stream().map(t -> t.values).distinct().count());
    return trials.stream().mapToDouble(t -> t.fitness).max().orElseThrow();
  }

  /** A bowl over the logarithm of a rate, a whole number and a choice: its maximum is 0. */
  private static double bowl(Map<String, Object> values) {
    double lr = Math.log10((Double) values.get("lr")) + 2;
    double width = ((Long) values.get("width") - 40) / 20.0;
    double decay = (Double) values.get("decay") - 0.7;
    return -(lr * lr + width * width + 4 * decay * decay)
        - (values.get("gate").equals("b") ? 0 : 0.5);
  }

  private static Optional<String> stored(String metric, String... known) {
    return new SearchPlan(
            "s",
            Map.of(),
            Map.of(),
            space("lr=0..1"),
            "random",
            1,
            metric,
            "",
            4,
            0,
            List.of(0L),
            "")
        .stored(List.of(known));
  }

  @Test
  public void scoresAreFoundByTheNamesOfTheStore() {
    assertEquals(Optional.of("mIoU.t2"), stored("mIoU", "loss", "mIoU.t1", "mIoU.t2"));
    assertEquals(Optional.of("mIoU.t1"), stored("mIoU:1", "loss", "mIoU.t1", "mIoU.t2"));
    assertEquals(Optional.of("IoU.kind 1"), stored("IoU:kind 1", "IoU.kind 1", "IoU.kind 1.t2"));
    assertEquals(
        Optional.of("IoU.kind 1.t2"), stored("-IoU:kind 1:2", "IoU.kind 1", "IoU.kind 1.t2"));
    assertEquals(Optional.empty(), stored("IoU:kind 1:3", "IoU.kind 1", "IoU.kind 1.t2"));
  }

  @Test
  public void evolutionBeatsChance() {
    SearchSpace space = space("lr=log:1e-5..1", "width=int:4..64", "decay=0..1", "gate=a/b/c");
    double chance = 0;
    double evolved = 0;
    int wins = 0;
    for (long seed = 0; seed < 10; seed++) {
      double random = best(new RandomProposals(space, seed), space, SearchTest::bowl, 64);
      double better = best(new EvolutionProposals(space, seed, 8), space, SearchTest::bowl, 64);
      chance += random / 10;
      evolved += better / 10;
      wins += better > random ? 1 : 0;
    }
    assertTrue(evolved + " against " + chance, evolved > chance / 2);
    assertTrue(wins + " of 10 seeds", wins >= 7);
  }

  @Test
  public void anEvolutionWaitsForItsGenerationAndContinuesFromResults() {
    SearchSpace space = space("a=0..1", "b=0..1");
    Proposals evolution = new EvolutionProposals(space, 3, 6);
    List<TrialState> trials = new ArrayList<>();
    for (double[] point : evolution.next(trials, 100)) {
      trials.add(new TrialState(trials.size() + 1, point, space.values(point)));
    }
    assertEquals("a generation", 6, trials.size());
    for (int k = 0; k < 6; k++) {
      assertEquals(List.of(), evolution.next(trials, 100));
      trials.get(k).fitness = k == 2 ? Double.NEGATIVE_INFINITY : trials.get(k).point[0];
    }
    List<double[]> second = evolution.next(trials, 100);
    assertTrue(second.size() + " new ones", second.size() >= 2 && second.size() <= 6);
    List<double[]> again = new EvolutionProposals(space, 3, 6).next(trials, 100);
    for (int k = 0; k < second.size(); k++) {
      assertArrayEquals(second.get(k), again.get(k), 0);
    }
    assertEquals(
        "a space that is used up ends the search",
        6,
        bestOfAll(
            new EvolutionProposals(space("a=1/2", "b=x/y/z"), 0, 4), space("a=1/2", "b=x/y/z")));
  }

  private static int bestOfAll(Proposals proposals, SearchSpace space) {
    List<TrialState> trials = new ArrayList<>();
    List<double[]> points = proposals.next(trials, 100);
    while (!points.isEmpty()) {
      for (double[] point : points) {
        TrialState trial = new TrialState(trials.size() + 1, point, space.values(point));
        trial.fitness = point[0];
        trials.add(trial);
      }
      points = proposals.next(trials, 100);
    }
    return trials.size();
  }

  @Test
  public void importanceIsTheShareOfTheRanksVariance() {
    SearchSpace space = space("a=0..1", "b=0..1", "c=x/y");
    List<TrialState> trials = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(2);
    for (int k = 0; k < 80; k++) {
      double[] point = {random.nextDouble(), random.nextDouble(), random.nextDouble()};
      trials.add(new TrialState(k + 1, point, space.values(point)));
      scores.add(Math.exp(8 * point[0]) + (point[2] < 0.5 ? 0 : 20));
    }
    Map<String, Double> shares = Importance.of(space, trials, scores);
    assertEquals("a", shares.keySet().iterator().next());
    assertTrue(shares.toString(), shares.get("a") > 0.7 && shares.get("b") < 0.1);
    assertArrayEquals(
        new double[] {3, 1.5, 1.5, 4}, Importance.ranks(List.of(7.0, 1.0, 1.0, 9.0)), 0);
    // ranks 1 2 | 3 4: within 1, total 5, (5 - 1 - 1 * 1 / 2) / 5 = 0.7
    SearchSpace one = space("c=x/y");
    List<TrialState> four =
        Arrays.stream(new double[] {0, 0, 0.9, 0.9})
            .mapToObj(u -> new TrialState(1, new double[] {u}, one.values(new double[] {u})))
            .toList();
    assertEquals(0.7, Importance.of(one, four, List.of(1.0, 2.0, 3.0, 4.0)).get("c"), 1e-12);
    assertTrue(Importance.of(one, four.subList(0, 3), List.of(1.0, 2.0, 3.0)).get("c").isNaN());
  }
}
