package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Training;
import org.riglab.api.metric.Scores;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.api.training.Transform;
import org.riglab.base.Json;
import org.riglab.base.ProcessMark;
import org.riglab.evaluation.internal.EvaluatorService;
import org.riglab.losses.internal.CrossEntropyLoss;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.internal.FakeNetworks;
import org.riglab.networks.internal.NoiseRegistry;
import org.riglab.parts.RecordOptions;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;

public class TrainerServiceTest {
  /** 8 images in batches of 2: 4 steps per epoch. */
  private static final Map<String, Object> OPTIONS =
      Map.of(
          "dataset", "noise", "size", "12x12", "batch", 2, "epochs", 3, "lr", 0.05, "threads", 1);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private FakeNetworks networks = new FakeNetworks();
  private NoiseRegistry.Noise noise = new NoiseRegistry.Noise(16, 20);
  private NoiseRegistry registry = new NoiseRegistry(noise);
  private int homes;
  private Path home;
  private TrainerService trainer;

  @Before
  public void setUp() throws IOException {
    Torch.engine();
    newHome();
  }

  private void newHome() throws IOException {
    home = folder.newFolder("home" + homes++).toPath();
    newProcess(new FakeNetworks());
  }

  private static String json(Record record) {
    return Json.text(RecordOptions.values(record));
  }

  /** As after a crash: only files are left. */
  private void newProcess(FakeNetworks bench) {
    networks = bench;
    registry = BuiltInParts.in(new NoiseRegistry(noise));
    Networks fake =
        (Networks)
            Proxy.newProxyInstance(
                Networks.class.getClassLoader(),
                new Class<?>[] {Networks.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "home" -> home;
                      case "json" -> json((Record) arguments[0]);
                      case "spec" -> {
                        assertEquals(Json.parse(json(FakeNetworks.SPEC), "spec"), arguments[0]);
                        yield FakeNetworks.SPEC;
                      }
                      default -> throw new UnsupportedOperationException(method.getName());
                    });
    trainer = new TrainerService(registry, registry, fake, networks);
    trainer.scorers = new EvaluatorService(registry, networks);
  }

  private static Map<String, Object> with(Object... more) {
    Map<String, Object> options = new LinkedHashMap<>(OPTIONS);
    for (int i = 0; i < more.length; i += 2) {
      options.put((String) more[i], more[i + 1]);
    }
    return options;
  }

  private Training train(Map<String, ?> options, Observer observer) {
    return trainer.train(trainer.plan("tiny", options), observer);
  }

  private Training resume(Observer observer) {
    return trainer.resume("tiny", Map.of(), observer);
  }

  private static final class At implements Observer {
    private final long step;
    private final Runnable action;
    private boolean reached;

    At(long step, Runnable action) {
      this.step = step;
      this.action = action;
    }

    @Override
    public void step(Step now) {
      reached = now.step() == step;
      if (reached) {
        action.run();
      }
    }

    static At kill(long step) {
      return new At(
          step,
          () -> {
            throw new FakeNetworks.Killed();
          });
    }
  }

  private record StopAfter(long step, long[] seen) implements Observer {
    StopAfter(long step) {
      this(step, new long[1]);
    }

    @Override
    public void step(Step now) {
      seen[0] = now.step();
    }

    @Override
    public boolean stop() {
      return seen[0] >= step;
    }
  }

  private static void assertSame(Map<String, HostTensor> a, Map<String, HostTensor> b) {
    assertEquals(a.keySet(), b.keySet());
    a.forEach((name, tensor) -> assertArrayEquals(name, bits(tensor), bits(b.get(name))));
  }

  private static int[] bits(HostTensor tensor) {
    int[] bits = new int[tensor.values().length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(tensor.values()[i]);
    }
    return bits;
  }

  private static void assertSame(Training a, Training b) {
    assertEquals(a.points(), b.points());
    assertEquals(a.evaluations(), b.evaluations());
    assertEquals(a.bestMIoU(), b.bestMIoU(), 0);
    assertEquals(a.bestStep(), b.bestStep());
    assertEquals(a.end(), b.end());
  }

  @Test
  public void learns() {
    List<Long> evaluated = new ArrayList<>();
    Training training =
        train(
            with("epochs", 20),
            new Observer() {
              @Override
              public void evaluated(Evaluation evaluation, long step) {
                assertEquals(2, evaluation.iterations().size());
                assertEquals(5, evaluation.images());
                evaluated.add(step);
              }
            });
    assertEquals(Training.End.FINISHED, training.end());
    assertEquals(80, training.points().size());
    assertEquals(20, evaluated.size());
    assertEquals(0.05, training.points().get(0).learningRate(), 0);
    double first = training.points().get(0).loss();
    double last = training.points().get(79).loss();
    assertTrue(first + " to " + last, last < 0.6 * first);
    assertTrue("" + training.bestMIoU(), training.bestMIoU() > 0.8);
    assertEquals(1, networks.saves);
    assertEquals("noise", networks.open("tiny", "", null).trainedOn().dataset().name());
    assertEquals("nothing stays leased", List.of(), registry.leased());
    assertFalse(JniUtils.isGradMode());
  }

  @Test
  public void showsOthersThatItTrainsUntilItEnds() {
    List<Set<String>> seen = new ArrayList<>();
    Path marks = home.resolve(ProcessMark.RUNNING);
    train(OPTIONS, new At(2, () -> seen.add(ProcessMark.found(marks).keySet())));
    assertEquals(List.of(Set.of("runs/tiny-1")), seen);
    assertEquals(Map.of(), ProcessMark.found(marks));
    assertThrows(
        IllegalStateException.class,
        () ->
            train(
                OPTIONS,
                new At(
                    2,
                    () -> {
                      throw new IllegalStateException("no");
                    })));
    assertEquals("also after a failure", Map.of(), ProcessMark.found(marks));
  }

  @Test
  public void sameSpecSameNumbers() throws IOException {
    Training a = train(with("optimizer", "adamw", "lr", 0.01), Observer.NONE);
    Map<String, HostTensor> weights = networks.saved();
    newHome();
    Training b = train(with("optimizer", "adamw", "lr", 0.01, "workers", 1), Observer.NONE);
    assertSame(a, b);
    assertSame(weights, networks.saved());
    newHome();
    Training other = train(with("optimizer", "adamw", "lr", 0.01, "seed", 2), Observer.NONE);
    assertNotEquals(a.points(), other.points());
  }

  /** Kills a run in different ways, resumes it, and compares with one that was left alone. */
  private void assertSurvives(Map<String, Object> options, Consumer<FakeNetworks> fault, Observer o)
      throws IOException {
    newHome();
    Training whole = train(options, Observer.NONE);
    Map<String, HostTensor> weights = networks.saved();
    newHome();
    Map<String, HostTensor> before = networks.saved();
    fault.accept(networks);
    assertThrows(FakeNetworks.Killed.class, () -> train(options, o));
    assertSame("the network's own weights", before, networks.saved());
    newProcess(new FakeNetworks());
    Training resumed = resume(Observer.NONE);
    assertSame(whole, resumed);
    assertSame(weights, networks.saved());
    Training again = resume(Observer.NONE);
    assertSame(whole, again);
    assertEquals("resuming a finished run trains nothing", 1, networks.saves);
  }

  private static void assertSame(
      String what, Map<String, HostTensor> a, Map<String, HostTensor> b) {
    assertEquals(what, a.keySet(), b.keySet());
    assertSame(a, b);
  }

  @Test
  public void resumesToTheBitAfterAKillAtAnyStep() throws IOException {
    Map<String, Object> options = with("checkpoint_every", 3);
    for (long step : new long[] {1, 3, 4, 7, 12}) {
      assertSurvives(options, n -> {}, At.kill(step));
    }
  }

  @Test
  public void resumesToTheBitWithAdamWAccumulationAndClipping() throws IOException {
    assertSurvives(
        with(
            "optimizer",
            "adamw",
            "lr",
            0.01,
            "accumulation",
            2,
            "batch",
            1,
            "clip_norm",
            0.5,
            "iteration_weights",
            "0.4,1",
            "checkpoint_every",
            2),
        n -> {},
        At.kill(5));
  }

  @Test
  public void resumesToTheBitWithAMovingAverage() throws IOException {
    Map<String, Object> options = with("ema", 0.7, "checkpoint_every", 3, "warmup", 5);
    for (long step : new long[] {1, 7}) {
      assertSurvives(options, n -> {}, At.kill(step));
    }
    assertSurvives(options, n -> n.killAtSave = true, Observer.NONE);
  }

  /** What is evaluated and saved is the average; what is trained does not change by it. */
  @Test
  public void aMovingAverageIsEvaluatedAndSaved() throws IOException {
    Training plain = train(with("checkpoint_every", 1, "keep", "last"), Observer.NONE);
    Map<String, HostTensor> trained = networks.saved();
    newHome();
    Training training =
        train(with("checkpoint_every", 1, "ema", 0.7, "keep", "last"), Observer.NONE);
    assertEquals(plain.points(), training.points());
    assertNotEquals(plain.evaluations(), training.evaluations());
    Path last = training.directory().resolve("step-12");
    assertSame(networks.saved(), Safetensors.read(last.resolve("weights.safetensors")));
    assertSame(trained, Safetensors.read(last.resolve("trained.safetensors")));
    assertNotEquals(
        trained.get("classifier.weight").values()[0],
        networks.saved().get("classifier.weight").values()[0],
        1e-6f);

    newHome();
    networks.batchNorm = false; // its statistics would change without a learning rate too
    Training averaged = train(with("ema", 0.7, "keep", "last"), Observer.NONE);
    Training next = train(with("lr", 0, "epochs", 0, "steps", 1), Observer.NONE);
    int evaluations = averaged.evaluations().size();
    assertEquals(
        averaged.evaluations().get(evaluations - 1).mIoU(), next.evaluations().get(0).mIoU());
  }

  @Test
  public void theBestMovingAverageIsKept() {
    Training training =
        train(with("ema", 0.7, "keep_every", 1, "monitor", "-mIoU", "lr", 0.2), Observer.NONE);
    assertTrue("" + training.bestStep(), training.bestStep() < 12);
    Path best = training.directory().resolve("step-" + training.bestStep());
    assertSame(networks.saved(), Safetensors.read(best.resolve("weights.safetensors")));
    assertTrue(Files.exists(best.resolve("trained.safetensors")));
  }

  @Test
  public void resumesToTheBitAfterAKillBetweenTheWritesOfACheckpoint() throws IOException {
    // Each step asks for the state once, each checkpoint once and then for each weight.
    for (long call = 4; call < 26; call += 3) {
      long at = call;
      assertSurvives(with("checkpoint_every", 3), n -> n.killAtStateCall = at, Observer.NONE);
    }
  }

  @Test
  public void resumesToTheBitAfterAKillBeforeTheNetworkIsSaved() throws IOException {
    assertSurvives(with(), n -> n.killAtSave = true, Observer.NONE);
  }

  @Test
  public void resumesToTheBitAfterAKillBetweenEvaluationAndCheckpoint() throws IOException {
    assertSurvives(
        with(),
        n -> {},
        new Observer() {
          @Override
          public void evaluated(Evaluation evaluation, long step) {
            if (step == 8) {
              throw new FakeNetworks.Killed();
            }
          }
        });
  }

  @Test
  public void aStopInAnEvaluationLosesNothing() throws IOException {
    noise = new NoiseRegistry.Noise(300, 300); // two images at a time are evaluated
    newHome();
    Training whole = train(with(), Observer.NONE);
    Map<String, HostTensor> weights = networks.saved();
    for (long step : new long[] {4, 12}) {
      newHome();
      long[] done = new long[2];
      Training stopped =
          train(
              with(),
              new Observer() {
                @Override
                public void step(Step now) {
                  done[0] = now.step();
                }

                @Override
                public void image(int image, int total) {
                  if (done[0] == step) {
                    assertTrue("it ends at once", done[1]++ == 0);
                  }
                }

                @Override
                public boolean stop() {
                  return done[1] > 0;
                }
              });
      assertEquals(Training.End.STOPPED, stopped.end());
      assertEquals(step, stopped.points().size());
      assertEquals(step / 4 - 1, stopped.evaluations().size());
      newProcess(new FakeNetworks());
      Training resumed = resume(Observer.NONE);
      assertSame(whole, resumed);
      assertSame(weights, networks.saved());
    }
  }

  @Test
  public void keepsCheckpoints() {
    Training training = train(with("keep_every", 5, "val_split", "none"), Observer.NONE);
    String[] kept = training.directory().toFile().list((d, name) -> name.startsWith("step-"));
    Arrays.sort(kept);
    assertEquals(List.of("step-10", "step-12", "step-5"), List.of(kept));
  }

  @Test
  public void runsInADirectoryOfTheCallersChoice() throws IOException {
    Training whole = train(with(), Observer.NONE);
    newHome();
    Path run = home.resolve("runs/mine");
    assertThrows(FakeNetworks.Killed.class, () -> trainer.resume("tiny", run, with(), At.kill(7)));
    newProcess(new FakeNetworks());
    Training resumed = trainer.resume("tiny", run, Map.of(), Observer.NONE);
    assertEquals(run, resumed.directory());
    assertSame(whole, resumed);
  }

  @Test
  public void stopsAndGoesOn() throws IOException {
    Training whole = train(with(), Observer.NONE);
    Map<String, HostTensor> weights = networks.saved();
    newHome();
    Training stopped = train(with(), new StopAfter(5));
    assertEquals(Training.End.STOPPED, stopped.end());
    assertEquals(5, stopped.points().size());
    assertEquals("the network has the weights so far", 1, networks.saves);
    Training resumed = resume(Observer.NONE);
    assertSame(whole, resumed);
    assertEquals(stopped.run(), resumed.run());
    assertSame(weights, networks.saved());
  }

  @Test
  public void anInterruptStops() throws IOException {
    Training whole = train(with(), Observer.NONE);
    newHome();
    Training stopped = train(with(), new At(5, () -> Thread.currentThread().interrupt()));
    assertFalse(Thread.interrupted());
    assertEquals(Training.End.STOPPED, stopped.end());
    assertEquals(5, stopped.points().size());
    assertSame(whole, resume(Observer.NONE));
  }

  @Test
  public void resumeStartsWhereThereIsNoRun() {
    Training training = trainer.resume("tiny", with(), Observer.NONE);
    assertEquals(12, training.points().size());
    assertEquals("tiny-1", training.run());
    assertEquals("tiny-2", train(with(), Observer.NONE).run());
  }

  @Test
  public void resumeMustNotContradict() {
    train(with(), new StopAfter(2));
    String message =
        assertThrows(
                RigException.class, () -> trainer.resume("tiny", with("lr", 0.1), Observer.NONE))
            .getMessage();
    assertTrue(message, message.contains("'lr' is 0.1") && message.contains("with 0.05"));
    assertEquals(12, trainer.resume("tiny", with("workers", 1), Observer.NONE).points().size());
  }

  @Test
  public void resumeWantsTheSameData() {
    train(with(), new StopAfter(2));
    noise.suffix = "changed";
    String message = assertThrows(RigException.class, () -> resume(Observer.NONE)).getMessage();
    assertTrue(message, message.contains("data of run tiny-1 have changed"));
  }

  @Test
  public void accumulationEqualsTheBigBatch() throws IOException {
    networks.batchNorm = false;
    Training big = train(with("batch", 4, "epochs", 4, "val_split", "none"), Observer.NONE);
    newHome();
    networks.batchNorm = false;
    Training small =
        train(with("batch", 2, "accumulation", 2, "epochs", 4, "val_split", "none"), Observer.NONE);
    assertEquals(8, big.points().size());
    assertEquals(8, small.points().size());
    for (int i = 0; i < 8; i++) {
      assertEquals(big.points().get(i).loss(), small.points().get(i).loss(), 2e-6);
    }
  }

  @Test
  public void stopsEarly() {
    Training training = train(with("lr", 0, "epochs", 9, "patience", 2), Observer.NONE);
    // Running statistics still move: the best is whichever evaluation was, two more follow it.
    assertEquals(Training.End.EARLY, training.end());
    long last = training.evaluations().get(training.evaluations().size() - 1).step();
    assertEquals(training.bestStep() + 8, last);
    assertEquals(last, training.points().size());
    assertSame(training, resume(Observer.NONE));
  }

  @Test
  public void groupsHaveRatesOfTheirOwn() {
    Map<String, HostTensor> before = networks.saved();
    Training training = train(with("lr_backbone", 0, "lr_head", 2), Observer.NONE);
    assertEquals(0, training.points().get(0).learningRate(), 0);
    Map<String, HostTensor> after = networks.saved();
    String weight = "backbone.conv.weight";
    assertArrayEquals(bits(before.get(weight)), bits(after.get(weight)));
    weight = "classifier.weight";
    assertNotEquals(before.get(weight).values()[0], after.get(weight).values()[0], 1e-4f);
  }

  @Test
  public void aLossThatIsNotFiniteEndsTheRun() throws IOException {
    Map<String, HostTensor> before = networks.saved();
    networks.nanAtForward = 6;
    String message =
        assertThrows(
                RigException.class,
                () -> train(with("checkpoint_every", 2, "val_split", "none"), Observer.NONE))
            .getMessage();
    assertTrue(
        message, message.startsWith("the loss of step 6 is NaN: gate identity returned NaN"));
    Path last = home.resolve("runs/tiny-1/step-4");
    assertTrue(message, message.contains("the last checkpoint is " + last));
    assertEquals(1, message.lines().count());
    assertSame(before, networks.saved());
    networks.nanAtForward = 0;
    Training whole = resume(Observer.NONE);
    assertEquals(12, whole.points().size());
    newHome();
    assertSame(train(with("checkpoint_every", 2, "val_split", "none"), Observer.NONE), whole);
  }

  @Test
  public void aValidationThatCannotFitIsRefusedBeforeTheFirstStep() {
    noise.hugeAt = 0;
    Observer noSteps =
        new At(
            1,
            () -> {
              throw new AssertionError("a step");
            });
    RigException e = assertThrows(RigException.class, () -> train(OPTIONS, noSteps));
    assertEquals(RigException.Kind.OUT_OF_MEMORY, e.kind());
    assertTrue(e.getMessage(), e.getMessage().contains("classes x 1048576 x 1048576 x 4 bytes"));
    assertTrue(e.getMessage(), e.getMessage().endsWith("a smaller --resize, or --val-split none"));
  }

  @Test
  public void weightsThatAreNotFiniteAreNoResult() throws IOException {
    Map<String, HostTensor> before = networks.saved();
    Map<String, Object> options = with("lr", 1e39, "steps", 1, "epochs", 0, "val_split", "none");
    String message =
        assertThrows(RigException.class, () -> train(options, Observer.NONE)).getMessage();
    assertTrue(message, message.contains("' is not finite after step 1 (lr 1.0E39); there is no"));
    assertEquals(0, networks.saves);
    assertSame(before, networks.saved());
    Map<String, Object> end = Json.read(home.resolve("runs/tiny-1/end.json"));
    assertEquals("FAILED", end.get("end"));
    assertEquals("invalid", end.get("kind"));
    assertTrue("" + end, end.get("error").toString().contains("is not finite after step 1"));
    assertFalse(Files.exists(home.resolve("runs/tiny-1/step-1")));
  }

  @Test
  public void aRunThatFailedCanGoOn() throws IOException {
    networks.failAtForward = 6;
    assertThrows(
        RigException.class,
        () -> train(with("checkpoint_every", 2, "val_split", "none"), Observer.NONE));
    Path end = home.resolve("runs/tiny-1/end.json");
    assertEquals("FAILED", Json.read(end).get("end"));
    networks.failAtForward = 0;
    assertEquals(Training.End.FINISHED, resume(Observer.NONE).end());
    assertEquals("FINISHED", Json.read(end).get("end"));
  }

  @Test
  public void theNetworkGetsTheBestWeightsOrTheLast() throws IOException {
    Map<Long, Map<String, HostTensor>> weights = new HashMap<>();
    for (String keep : List.of("best", "last")) {
      newHome();
      List<String> lines = new ArrayList<>();
      Training result =
          train(with("keep", keep, "monitor", "-mIoU", "lr", 0.2, "keep_every", 1), told(lines));
      long step = keep.equals("best") ? result.bestStep() : 12;
      assertTrue("the worst: " + result.evaluations(), result.bestStep() < 12);
      weights.put(step, Checkpoints.weights(result.directory().resolve("step-" + step)));
      assertSame(weights.get(step), networks.saved());
      assertEquals(
          keep.equals("best"),
          lines.contains("the network has the weights of step " + result.bestStep()));
      double worst =
          result.evaluations().stream()
              .mapToDouble(e -> e.mIoU().get(e.mIoU().size() - 1))
              .min()
              .orElseThrow();
      assertEquals(worst, result.bestMIoU(), 0);
    }
  }

  @Test
  public void aRunThatWasKilledSavesTheScoresOfItsBestEvaluation() throws IOException {
    Map<String, Object> spec = with("monitor", "-mIoU", "lr", 0.2, "keep_every", 1);
    Training whole = train(spec, Observer.NONE);
    Map<String, Double> metrics = networks.metrics();
    assertTrue("" + metrics, metrics.containsKey("mAcc"));
    assertEquals((double) whole.bestStep(), metrics.get("step"), 0);
    newHome();
    At kill = At.kill(whole.bestStep() + 1);
    assertThrows(FakeNetworks.Killed.class, () -> train(spec, kill));
    newProcess(new FakeNetworks());
    assertSame(whole, resume(Observer.NONE));
    assertEquals(metrics, networks.metrics());
  }

  @Test
  public void refusesToMonitorWhatThereIsNot() {
    Scores known =
        new Scores(Map.of("mIoU", 0.0, "pAcc", 0.0), Map.of("IoU", List.of(0.0, 0.0)), List.of());
    List<String> classes = List.of("car", "2");
    assertEquals(new Monitor("mIoU", -1, 0, false), Monitor.of("mIoU", known, classes, 3));
    assertEquals(new Monitor("mIoU", -1, 2, true), Monitor.of("-mIoU:2", known, classes, 3));
    assertEquals(new Monitor("IoU", 0, 0, false), Monitor.of("IoU:car", known, classes, 3));
    assertEquals(new Monitor("IoU", 0, 3, false), Monitor.of("IoU:car:3", known, classes, 3));
    assertEquals(
        "a class", new Monitor("IoU", 1, 0, false), Monitor.of("IoU:2", known, classes, 3));
    for (String wrong : List.of("miou", "mIoU:4", "mIoU:0", "IoU", "IoU:bus", "mIoU:car")) {
      RigException e =
          assertThrows(wrong, RigException.class, () -> Monitor.of(wrong, known, classes, 3));
      assertTrue(
          e.getMessage(),
          e.getMessage().startsWith("training: option 'monitor' is " + wrong + "; there is no "));
    }
    Scores first = new Scores(Map.of("mIoU", 0.25), Map.of("IoU", List.of(0.5, 0.125)), List.of());
    Scores last = new Scores(Map.of("mIoU", 0.75), Map.of("IoU", List.of(1.0, 0.625)), List.of());
    List<Scores> both = List.of(first, last);
    assertEquals(0.75, Monitor.of("mIoU", known, classes, 2).value(both), 0);
    assertEquals(0.25, Monitor.of("mIoU:1", known, classes, 2).value(both), 0);
    assertEquals(0.625, Monitor.of("IoU:2", known, classes, 2).value(both), 0);
    assertEquals(0.5, Monitor.of("IoU:car:1", known, classes, 2).value(both), 0);
    RigException e =
        assertThrows(
            RigException.class, () -> train(with("monitor", "IoU:nothing"), Observer.NONE));
    assertTrue(e.getMessage(), e.getMessage().contains("there is no class 'nothing': there are"));
    assertFalse("before anything is written", Files.exists(home.resolve("runs")));
  }

  /** An observer that collects what it is told. */
  private static Observer told(List<String> lines) {
    return new Observer() {
      @Override
      public void message(String line) {
        lines.add(line);
      }
    };
  }

  private static Observer stopAfter(long step, List<String> lines) {
    StopAfter stop = new StopAfter(step);
    return new Observer() {
      @Override
      public void step(Step now) {
        stop.step(now);
      }

      @Override
      public boolean stop() {
        return stop.stop();
      }

      @Override
      public void message(String line) {
        lines.add(line);
      }
    };
  }

  @Test
  public void otherWorkersThreadsOrDevicesGoOnAndSaySo() {
    Training whole = train(with(), new StopAfter(5));
    assertEquals(Training.End.STOPPED, whole.end());
    List<String> lines = new ArrayList<>();
    trainer.resume("tiny", Map.of("workers", 1, "checkpoint_every", 3), stopAfter(6, lines));
    assertTrue(
        "" + lines,
        lines.contains(
            "run tiny-1 continues after step 5 with checkpoint_every 3 instead of 0, workers 1"
                + " instead of 2; results stay equal to the bit"));
    lines.clear();
    Training done = trainer.resume("tiny", Map.of("threads", 2, "device", "cpu"), told(lines));
    assertTrue("" + lines, lines.toString().contains("threads 2 instead of 1, device cpu instead"));
    assertTrue("" + lines, lines.toString().contains("; results are no longer equal to the bit"));
    assertEquals("kept from then on", 3, done.spec().budget().checkpointEvery());
    assertEquals(2, done.spec().engine().threads());
  }

  @Test
  public void aFinishedRunIsExtendedToTheSameNumbers() throws IOException {
    train(with("epochs", 6, "schedule", "constant"), Observer.NONE);
    Map<String, HostTensor> whole = networks.saved();
    newHome();
    Map<String, Object> more = Map.of("epochs", 6);
    train(with("schedule", "constant"), Observer.NONE);
    String message =
        assertThrows(RigException.class, () -> trainer.resume("tiny", more, Observer.NONE))
            .getMessage();
    assertEquals(
        "option 'epochs' is 6, but the run to be resumed was started with 3; use --extend to make"
            + " it longer",
        message);
    List<String> lines = new ArrayList<>();
    Map<String, Object> extended = Map.of("epochs", 6, "extend", true);
    Training training = trainer.resume("tiny", extended, told(lines));
    assertEquals(Training.End.FINISHED, training.end());
    assertEquals(24, training.points().size());
    assertSame(whole, networks.saved());
    assertEquals(
        "run tiny-1 continues after step 12 with epochs 6 instead of 3; results stay equal to the"
            + " bit",
        lines.stream().filter(line -> line.contains("continues")).findFirst().orElse(""));
    Map<String, Object> less = Map.of("epochs", 2, "extend", "true");
    assertEquals(
        "the run has already done 24 steps; it cannot be extended to 8",
        assertThrows(RigException.class, () -> trainer.resume("tiny", less, Observer.NONE))
            .getMessage());
    assertEquals(
        Map.of("after step 12", Map.of("epochs", List.of(3L, 6L))),
        Json.read(home.resolve("runs/tiny-1/changes.json")));
  }

  @Test
  public void runsBelongToTheNetworkAndNotToItsName() throws IOException {
    Path identity = home.resolve("models/tiny/identity");
    Files.createDirectories(identity.getParent());
    Files.writeString(identity, "first\n");
    Training first = train(with(), Observer.NONE);
    assertEquals(first.directory(), resume(Observer.NONE).directory());
    Files.writeString(identity, "second\n");
    RigException e =
        assertThrows(
            RigException.class,
            () -> trainer.resume("tiny", first.directory(), Map.of("extend", true), Observer.NONE));
    assertEquals(
        "run tiny-1 trained another network that was named 'tiny'; start a new training",
        e.getMessage());
    Training second = trainer.resume("tiny", with(), new StopAfter(3));
    assertEquals("tiny-2", second.run());
    assertEquals("tiny-2", resume(Observer.NONE).run());
  }

  private static Loss loss(UnaryOperator<NDArray> changed) {
    return (shape, options) -> {
      Criterion entropy = new CrossEntropyLoss().create(shape, options);
      return new Criterion() {
        @Override
        public NDArray weight(NDArray label) {
          return entropy.weight(label);
        }

        @Override
        public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
          return changed.apply(entropy.loss(logits, label, total));
        }
      };
    };
  }

  @Test
  public void aLossThatReturnsNaNIsNamed() {
    registry.put("mine", loss(value -> value.mul(Float.NaN)));
    String message =
        assertThrows(RigException.class, () -> train(with("loss", "mine"), Observer.NONE))
            .getMessage();
    assertTrue(
        message,
        message.startsWith(
            "the loss of step 1 is NaN: loss mine (bundle.mine 1.0.0) returned it, although all"
                + " logits are finite; there is no checkpoint yet"));
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void whatALossOrATransformThrowsNamesIt() {
    registry.put(
        "mine",
        loss(
            value -> {
              throw new IllegalStateException("oops");
            }));
    RigException thrown =
        assertThrows(RigException.class, () -> train(with("loss", "mine"), Observer.NONE));
    assertEquals(
        "loss mine (bundle.mine 1.0.0) failed: IllegalStateException: oops", thrown.getMessage());
    assertEquals(RigException.Kind.PART_FAILED, thrown.kind());
    registry.put(
        "shaky",
        (Transform)
            (height, width, options) ->
                (picture, random) -> {
                  throw new IllegalStateException("oops");
                });
    thrown =
        assertThrows(
            RigException.class, () -> train(with("transforms", "crop,shaky"), Observer.NONE));
    assertEquals(
        "transform shaky (bundle.shaky 1.0.0) failed: IllegalStateException: oops",
        thrown.getMessage());
    assertEquals(RigException.Kind.PART_FAILED, thrown.kind());
    thrown =
        assertThrows(RigException.class, () -> train(with("transforms", "flip"), Observer.NONE));
    assertEquals(
        "the transforms end with a picture of 16 x 20 (H x W), but size is 12x12; add crop at the"
            + " end of transforms flip",
        thrown.getMessage());
    assertEquals(List.of(), registry.leased());
  }

  /** The step ends on the old part; the batches that were made ahead of it are made anew. */
  @Test
  public void movesOverToANewLossAndANewTransformBetweenSteps() throws IOException {
    Training whole = train(with("val_split", "none"), Observer.NONE);
    Map<String, HostTensor> weights = networks.saved();
    for (String part : List.of("cross-entropy", "flip")) {
      newHome();
      Training moved = train(with("val_split", "none"), new At(5, () -> registry.replace(part)));
      assertSame(whole, moved);
      assertSame(weights, networks.saved());
      assertEquals(List.of(), registry.leased());
    }
    newHome();
    Training changed =
        train(
            with("val_split", "none"),
            new At(
                5,
                () -> {
                  registry.replace("cross-entropy");
                  registry.put("cross-entropy", loss(value -> value.add(value)));
                }));
    assertEquals(whole.points().subList(0, 5), changed.points().subList(0, 5));
    double factor = changed.points().get(5).loss() / whole.points().get(5).loss();
    assertEquals("the new loss is twice the old one", 2, factor, 1e-6);
    String parts = Files.readString(changed.directory().resolve("parts.json"));
    assertTrue(parts, parts.contains("loss cross-entropy") && parts.contains("transform flip"));
  }

  @Test
  public void pausesWhereALossHasGone() {
    List<String> lines = new ArrayList<>();
    Training paused =
        train(
            with("val_split", "none"),
            new Observer() {
              @Override
              public void step(Step now) {
                if (now.step() == 5) {
                  registry.providers.remove("cross-entropy");
                }
              }

              @Override
              public void message(String line) {
                lines.add(line);
              }
            });
    assertEquals(Training.End.PAUSED, paused.end());
    assertEquals(5, paused.points().size());
    assertTrue(lines.toString(), lines.get(lines.size() - 1).startsWith("paused after step 5: "));
    registry.put("cross-entropy", new CrossEntropyLoss());
    assertEquals(12, resume(Observer.NONE).points().size());
  }

  /** A transform of one's own draws the same after a resume, with any number of workers. */
  @Test
  public void resumesToTheBitWithATransformOfOnesOwn() throws IOException {
    Transform noise =
        (height, width, options) ->
            (picture, random) -> {
              float[] image = picture.image();
              for (int i = 0; i < image.length; i++) {
                image[i] += (float) random.nextGaussian();
              }
              return picture.of(picture.height(), picture.width(), image, picture.label());
            };
    Map<String, Object> options = with("transforms", "scale,noisy,crop,flip", "val_split", "none");
    registry.put("noisy", noise);
    Training whole = train(options, Observer.NONE);
    newHome();
    registry.put("noisy", noise);
    assertThrows(FakeNetworks.Killed.class, () -> train(options, At.kill(7)));
    newProcess(new FakeNetworks());
    registry.put("noisy", noise);
    assertSame(whole, trainer.resume("tiny", Map.of("workers", 3), Observer.NONE));
  }

  /** Version 0.1 kept the superclasses beside the data; now they are the loss's fingerprint. */
  @Test
  public void coarseRunsOfTheFirstVersionGoOn() throws IOException {
    Path table = home.resolve("warmth.json");
    Files.writeString(
        table, "{\"superclasses\": {\"warm\": [\"red\"], \"cold\": [\"green\", \"blue\"]}}");
    Map<String, Object> options = with("coarse", table.toString());
    Training whole = train(options, Observer.NONE);
    newHome();
    train(options, new StopAfter(5));
    Path file = home.resolve("runs/tiny-1/data.json");
    Map<String, Object> data = new LinkedHashMap<>(Json.read(file));
    assertEquals("[0, 1, 1]", data.remove("loss"));
    data.put("superclasses", List.of(0, 1, 1));
    Json.write(file, data);
    assertSame(whole, resume(Observer.NONE));
  }

  @Test
  public void movesOverToNewPartsBetweenSteps() throws IOException {
    Training whole = train(with("val_split", "none"), Observer.NONE);
    Map<String, HostTensor> weights = networks.saved();
    newHome();
    networks.staleAtForward = 5;
    Training moved = train(with("val_split", "none"), Observer.NONE);
    assertEquals(1, networks.renewals);
    assertSame(whole, moved);
    assertSame(weights, networks.saved());
    String parts = Files.readString(moved.directory().resolve("parts.json"));
    assertTrue(parts, parts.contains("after step 5") && parts.contains("1.1"));
  }

  @Test
  public void pausesWhenAPartGoes() throws IOException {
    Training whole = train(with("val_split", "none"), Observer.NONE);
    newHome();
    networks.failAtForward = 6;
    Training paused =
        train(with("val_split", "none"), new At(5, () -> networks.partMissing = true));
    assertEquals(Training.End.PAUSED, paused.end());
    assertEquals(5, paused.points().size());
    assertEquals(
        "step 6 left no trace",
        5,
        Checkpoints.state(new Checkpoints(paused.directory(), 0).last().orElseThrow()).step());
    networks.failAtForward = 0;
    networks.partMissing = false;
    assertSame(whole, resume(Observer.NONE));
  }

  @Test
  public void aPartThatMisbehavesEndsTheRun() {
    networks.failAtForward = 6;
    String message =
        assertThrows(
                RigException.class,
                () -> train(with("checkpoint_every", 2, "val_split", "none"), Observer.NONE))
            .getMessage();
    assertTrue(message, message.contains("at block 2, iteration 2"));
    assertEquals(
        4,
        Checkpoints.state(new Checkpoints(home.resolve("runs/tiny-1"), 0).last().orElseThrow())
            .step());
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void movesOverToANewDataSetPart() throws IOException {
    Training whole = train(with("val_split", "none"), Observer.NONE);
    newHome();
    Training moved = train(with("val_split", "none"), new At(5, () -> registry.replace("noise")));
    assertSame(whole, moved);
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void reportsBadDataBeforeTheFirstStep() throws IOException {
    noise.badLabelAt = 3;
    String message =
        assertThrows(RigException.class, () -> train(with(), Observer.NONE)).getMessage();
    assertTrue(message, message.contains("noise has 2 errors: train: train3: label 17"));
    assertFalse("no run is made", Files.exists(home.resolve("runs")));
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void warnsOfStrangeDataAndTrains() {
    noise.unlabelledAt = 2;
    List<String> said = new ArrayList<>();
    Training training =
        train(
            with(),
            new Observer() {
              @Override
              public void message(String line) {
                said.add(line);
              }
            });
    assertEquals(Training.End.FINISHED, training.end());
    assertEquals(
        List.of(
            "warning: train: train2 has no labelled pixel",
            "warning: train: 2 of 8 images have a single class, for example train0 (green)",
            "warning: val: val2 has no labelled pixel",
            "warning: and 1 more (data check lists them)"),
        said.stream().filter(line -> line.startsWith("warning")).toList());
  }

  @Test
  public void aWarmUpIsNoLongerThanTheRun() {
    assertEquals(
        "training: option 'warmup' is 13; it must be at most the 12 steps of the run",
        assertThrows(RigException.class, () -> train(with("warmup", 13), Observer.NONE))
            .getMessage());
    assertFalse("no run is made", Files.exists(home.resolve("runs")));
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void iterationWeightsMustFit() {
    String message =
        assertThrows(
                RigException.class, () -> train(with("iteration_weights", "1,1,1"), Observer.NONE))
            .getMessage();
    assertTrue(message, message.contains("has 3 numbers; the network makes 2 predictions"));
  }

  @Test
  public void keepsLastAndBest() {
    Training training = train(with("checkpoint_every", 1), Observer.NONE);
    Map<String, Object> pointers = Json.read(training.directory().resolve("checkpoints.json"));
    assertEquals("step-12", pointers.get("last"));
    assertEquals("step-" + training.bestStep(), pointers.get("best"));
    assertSame(
        networks.saved(),
        Safetensors.read(training.directory().resolve("step-12/weights.safetensors")));
    long directories =
        Arrays.stream(training.directory().toFile().list())
            .filter(name -> name.startsWith("step-"))
            .count();
    assertEquals(training.bestStep() == 12 ? 1 : 2, directories);
  }

  @Test
  public void aHalfWrittenCheckpointIsNoCheckpoint() throws IOException {
    Training whole = train(with("checkpoint_every", 3, "val_split", "none"), Observer.NONE);
    newHome();
    assertThrows(
        FakeNetworks.Killed.class,
        () -> train(with("checkpoint_every", 3, "val_split", "none"), At.kill(8)));
    Path run = home.resolve("runs/tiny-1");
    // Complete, but not yet named by the pointers; and one that was only begun.
    Files.createDirectories(run.resolve("step-9"));
    Files.writeString(run.resolve("step-9/weights.safetensors"), "broken");
    Files.createDirectories(run.resolve(".writing-step-9"));
    Files.writeString(run.resolve("steps.jsonl"), "{\"step\":9,\"lo", StandardOpenOption.APPEND);
    newProcess(new FakeNetworks());
    assertSame(whole, resume(Observer.NONE));
    assertFalse(Files.exists(run.resolve(".writing-step-9")));
  }

  @Test
  public void runsOfBeforeAnOptionGoOn() throws IOException {
    Training whole = train(with(), Observer.NONE);
    newHome();
    train(with(), new StopAfter(5));
    Path file = home.resolve("runs/tiny-1/spec.json");
    Map<String, Object> spec = new LinkedHashMap<>(Json.read(file));
    for (String younger :
        List.of(
            "channels",
            "pixel_range",
            "input_scales",
            "lr_bias",
            "bias_decay",
            "freeze_batch_norm",
            "coarse",
            "truncate")) {
      assertTrue(younger, spec.containsKey(younger));
      spec.remove(younger);
    }
    Json.write(file, spec);
    assertSame(whole, resume(Observer.NONE));
    spec.remove("lr");
    Json.write(file, spec);
    String message = assertThrows(RigException.class, () -> resume(Observer.NONE)).getMessage();
    assertTrue(message, message.contains("needs option 'lr'"));
  }

  @Test
  public void lossOptionsThatDoNotFitLeaveNothingBehind() throws IOException {
    String message =
        assertThrows(
                RigException.class, () -> train(with("iteration_weights", "1,1,1"), Observer.NONE))
            .getMessage();
    assertEquals(
        "training: option 'iteration_weights' has 3 numbers; the network makes 2 predictions",
        message);
    message =
        assertThrows(RigException.class, () -> train(with("coarse", "voc2012"), Observer.NONE))
            .getMessage();
    assertTrue(message, message.contains("it lacks 'red', 'green', 'blue'"));
    assertFalse(Files.exists(home.resolve("runs")));
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void learnsFromCoarseToFineAndWantsTheSameTableAgain() throws IOException {
    Path table = home.resolve("warmth.json");
    Files.writeString(
        table, "{\"superclasses\": {\"warm\": [\"red\"], \"cold\": [\"green\", \"blue\"]}}");
    Map<String, Object> options = with("epochs", 20, "coarse", table.toString());
    Training whole = train(options, Observer.NONE);
    double first = whole.points().get(0).loss();
    double last = whole.points().get(79).loss();
    assertTrue(first + " to " + last, last < 0.6 * first);

    newHome();
    train(options, new StopAfter(5));
    Files.writeString(
        table, "{\"superclasses\": {\"warm\": [\"red\", \"green\"], \"cold\": [\"blue\"]}}");
    String message = assertThrows(RigException.class, () -> resume(Observer.NONE)).getMessage();
    assertTrue(message, message.contains("data of run tiny-1 have changed"));
    Files.writeString(
        table, "{\"superclasses\": {\"warm\": [\"red\"], \"cold\": [\"green\", \"blue\"]}}");
    assertSame(whole, resume(Observer.NONE));
  }

  @Test
  public void learnsAtSeveralInputScales() {
    Training training =
        train(with("epochs", 20, "lr", 0.01, "input_scales", "1,0.75,0.5"), Observer.NONE);
    double[] losses = training.points().stream().mapToDouble(Training.Point::loss).toArray();
    assertTrue("four losses: " + losses[0], losses[0] > 4 * 0.7);
    double first = Arrays.stream(losses, 0, 8).average().orElseThrow();
    double last = Arrays.stream(losses, 64, 80).average().orElseThrow();
    assertTrue(first + " to " + last, last < 0.6 * first);
    assertEquals(
        List.of(1.0, 0.75, 0.5), networks.open("tiny", "", null).trainedOn().inputs().scales());
  }

  @Test
  public void resumesToTheBitWithEveryKindOfLoss() throws IOException {
    Path table = home.resolve("warmth.json");
    Files.writeString(
        table, "{\"superclasses\": {\"warm\": [\"red\"], \"cold\": [\"green\", \"blue\"]}}");
    assertSurvives(
        with(
            "coarse",
            table.toString(),
            "input_scales",
            "1,0.5",
            "iteration_weights",
            "0.4,1",
            "class_weights",
            "1,2,0.5",
            "lr_bias",
            2,
            "bias_decay",
            0,
            "accumulation",
            2,
            "batch",
            1,
            "checkpoint_every",
            2),
        n -> {},
        At.kill(5));
  }

  @Test
  public void biasesHaveARateOfTheirOwn() {
    train(with("lr_head", 0), Observer.NONE);
    float[] still = networks.saved().get("classifier.bias").values();
    train(with("lr_bias", 0), Observer.NONE);
    assertArrayEquals(still, networks.saved().get("classifier.bias").values(), 0f);
    train(with("lr_bias", 2), Observer.NONE);
    assertNotEquals(still[0], networks.saved().get("classifier.bias").values()[0], 1e-4f);
  }

  @Test
  public void rememberWhatPixelsTheWeightsWant() {
    train(
        with("channels", "bgr", "pixel_range", 255, "mean", "104,117,123", "std", "60,60,60"),
        Observer.NONE);
    assertEquals(
        new Normalization(
            TrainSpec.Channels.BGR, 255, List.of(104., 117., 123.), List.of(60., 60., 60.)),
        networks.open("tiny", "", null).trainedOn().normalization());
    TrainSpec next = trainer.plan("tiny", with());
    assertEquals(TrainSpec.Channels.BGR, next.data().channels());
    assertEquals(List.of(104., 117., 123.), next.data().mean());
  }
}
