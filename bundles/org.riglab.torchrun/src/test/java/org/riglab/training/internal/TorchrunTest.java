package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Training;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;
import org.riglab.torchrun.internal.Engines;
import org.riglab.training.Optimizers;

/**
 * Trainings in processes of PyTorch (Gloo on the loopback interface) against those of this process.
 * Skipped where no Python has PyTorch 2.7; the system property {@code riglab.python} names it.
 */
public class TorchrunTest {
  private static final String PYTHON = System.getProperty("riglab.python", "python3");

  /** Losses and weights after 20 steps; without and with random augmentation. */
  private static final double SAME = 1e-5;

  private static final double AUGMENTED = 1e-3;

  /** The same with bf16. */
  private static final double ROUNDED = 5e-3;

  /** What a process writes its state to first. */
  private static final String WRITING = "state.safetensors.writing";

  private static final Map<String, Object> OPTIONS =
      Map.ofEntries(
          Map.entry("dataset", "shapes:size=48,48:train=32:val=4"),
          Map.entry("size", "48x48"),
          Map.entry("transforms", "crop"),
          Map.entry("val_split", "none"),
          Map.entry("steps", 20),
          Map.entry("batch", 4),
          Map.entry("lr", 0.001),
          Map.entry("threads", 1),
          Map.entry("workers", 1));

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path home;

  @Before
  public void assemble() throws IOException {
    try {
      Engines.check(PYTHON);
    } catch (RigException e) {
      assumeTrue("skipped: " + e.getMessage(), false);
    }
    home = folder.newFolder().toPath().resolve("home");
  }

  private void network(String more) {
    try (Lab lab = new Lab(home)) {
      lab.assemble(
          """
          {"classes": 6, "iterations": 2, "feedback": [4, 6], "unroll": "parallel"%s,
           "backbone": {"name": "resnet", "layers": [1, 1, 1, 1], "width": 8, "output_stride": 8}}\
          """
              .formatted(more));
    }
  }

  private Lab copy() throws IOException {
    return new Lab(Lab.copy(home, folder.newFolder().toPath().resolve("home")), Engines.of(PYTHON));
  }

  private record Result(Training training, Map<String, HostTensor> weights) {
    void requireEquals(Result other, double tolerance) {
      assertEquals(training.points().size(), other.training.points().size());
      for (int i = 0; i < training.points().size(); i++) {
        double loss = training.points().get(i).loss();
        assertEquals(
            "step " + (i + 1), loss, other.training.points().get(i).loss(), loss * tolerance);
      }
      double error = Lab.error(weights, other.weights);
      assertTrue("relative error of the weights " + error, error <= tolerance);
    }
  }

  /** In no process of PyTorch, or in some. */
  private Result train(int processes, Map<String, Object> options) throws IOException {
    try (Lab lab = copy()) {
      Training training =
          processes == 0
              ? lab.train(options)
              : lab.train(options, "engine", "torchrun", "per_node", processes);
      assertEquals(Training.End.FINISHED, training.end());
      return new Result(training, lab.weights());
    }
  }

  private static Map<String, Object> with(Object... more) {
    Map<String, Object> options = new LinkedHashMap<>(OPTIONS);
    for (int i = 0; i < more.length; i += 2) {
      options.put((String) more[i], more[i + 1]);
    }
    return options;
  }

  @Test
  public void twoProcessesAreOneProcessAndTheTrainer() throws IOException {
    network("");
    Result here = train(0, OPTIONS);
    Result one = train(1, OPTIONS);
    Result two = train(2, OPTIONS);
    here.requireEquals(one, SAME);
    here.requireEquals(two, SAME);
    one.requireEquals(two, SAME);
  }

  /** Values are rounded to 8 bits after each operation, so all differ alike from each other. */
  @Test
  public void bfloat16IsNearTheTrainers() throws IOException {
    network("");
    Map<String, Object> float32 = with("steps", 5);
    Map<String, Object> options = with("steps", 5, "precision", "bf16");
    Result here = train(0, options);
    Result one = train(1, options);
    Result two = train(2, options);
    one.requireEquals(two, ROUNDED);
    here.requireEquals(one, ROUNDED);
    here.requireEquals(two, ROUNDED);
    Result whole = train(0, float32);
    whole.requireEquals(two, ROUNDED);
    double error = Lab.error(whole.weights, two.weights);
    assertTrue("bf16 was not used: " + error, error > SAME);
  }

  @Test
  public void imagesAreAugmentedAlike() throws IOException {
    network(", \"batch_norm\": \"shared\"");
    Map<String, Object> options = with("transforms", "scale:min=0.5:max=2,crop,flip");
    train(0, options).requireEquals(train(2, options), AUGMENTED);
  }

  private static Map<String, Object> everyOption(String optimizer) {
    Map<String, Object> options =
        with("optimizer", optimizer, "accumulation", 2, "clip_norm", 0.5, "ema", 0.9, "steps", 8);
    options.putAll(Map.of("schedule", "cosine", "warmup", 3, "val_split", "val"));
    options.putAll(Map.of("class_weights", "median-frequency", "iteration_weights", "0.5,1"));
    options.putAll(Map.of("weight_decay", 0.01, "norm_bias_decay", 0, "lr_head", 10, "lr_bias", 2));
    return options;
  }

  @Test
  public void everyOptionOfAStepIsTheTrainers() throws IOException {
    network("");
    Result here = train(0, everyOption("sgd"));
    Result two = train(2, everyOption("sgd"));
    here.requireEquals(two, SAME);
    assertEquals(here.training.evaluations().size(), two.training.evaluations().size());
    assertFalse(two.training.evaluations().isEmpty());
  }

  @Test
  public void adamwIsTheTrainers() throws IOException {
    network("");
    Map<String, Object> options = with("optimizer", "adamw", "steps", 5, "val_split", "val");
    train(0, options).requireEquals(train(2, options), SAME);
  }

  /**
   * Each update follows from the moments that the process has written, whatever rounding has made
   * of the gradients: rates and decays by group, and bias corrections. The last step is that of a
   * resumed run.
   */
  @Test
  public void adamwUpdatesAsItsMomentsSay() throws IOException {
    network("");
    Map<String, Object> options = everyOption("adamw");
    options.putAll(Map.of("steps", 3, "keep_every", 1, "checkpoint_every", 1, "val_split", "none"));
    boolean[] reached = new boolean[1];
    try (Lab lab = copy()) {
      After stop = new After(2, Thread.currentThread()::interrupt, reached);
      Training first = lab.train(stop, options, "engine", "torchrun", "per_node", 1);
      assertEquals(Training.End.STOPPED, first.end());
      Training run = lab.trainer.resume("rig", Map.of(), Observer.NONE);
      Map<String, HostTensor> before =
          Safetensors.read(run.directory().resolve("initial.safetensors"));
      for (int step = 1; step <= 3; step++) {
        Path checkpoint = run.directory().resolve("step-" + step);
        Map<String, HostTensor> weights = Checkpoints.trained(checkpoint).orElseThrow();
        double rate = run.points().get(step - 1).learningRate();
        requireAdamw(step, rate, before, weights, Checkpoints.optimizer(checkpoint));
        before = weights;
      }
    }
  }

  private static void requireAdamw(
      int step,
      double rate,
      Map<String, HostTensor> before,
      Map<String, HostTensor> after,
      Map<String, HostTensor> moments) {
    Groups groups = new Groups(1, 10, 2, 0.01, 0, 0);
    for (Map.Entry<String, HostTensor> moment : moments.entrySet()) {
      if (moment.getKey().startsWith("exp_avg.")) {
        String name = moment.getKey().substring("exp_avg.".length());
        HostTensor squares = moments.get("exp_avg_sq." + name);
        Optimizers.Group group = groups.group(name, squares.shape().size(), rate);
        for (int i = 0; i < squares.values().length; i++) {
          double mean = moment.getValue().values()[i] / (1 - Math.pow(0.9, step));
          double square = squares.values()[i] / (1 - Math.pow(0.999, step));
          double weight = before.get(name).values()[i] * (1 - group.rate() * group.weightDecay());
          double expected = weight - group.rate() * mean / (Math.sqrt(square) + 1e-8);
          double scale = Math.max(Math.abs(weight), group.rate());
          assertEquals(name, expected, after.get(name).values()[i], 1e-6 * scale);
        }
      }
    }
  }

  /** Stops the training or does something else after a step. */
  private record After(long number, Runnable action, boolean[] reached) implements Observer {
    @Override
    public void step(Step step) {
      if (step.step() == number) {
        reached[0] = true;
        action.run();
      }
    }
  }

  @Test
  public void aStoppedRunGoesOnWithTheSameResults() throws IOException {
    network("");
    Result whole = train(2, OPTIONS);
    try (Lab lab = copy()) {
      boolean[] reached = {false};
      Observer stop =
          new Observer() {
            @Override
            public void step(Step step) {
              reached[0] = step.step() == 7;
            }

            @Override
            public boolean stop() {
              return reached[0];
            }
          };
      Training first = lab.train(stop, OPTIONS, "engine", "torchrun", "per_node", 2);
      assertEquals(Training.End.STOPPED, first.end());
      assertEquals(7, first.points().size());
      assertTrue(Files.isDirectory(first.directory().resolve("step-7")));
      Training second = lab.trainer.resume("rig", Map.of(), Observer.NONE);
      assertEquals(Training.End.FINISHED, second.end());
      new Result(second, lab.weights()).requireEquals(whole, SAME);
    }
  }

  /** The processes of this test's runs, by what they were started with. */
  private static Stream<ProcessHandle> ranks() {
    return ProcessHandle.current()
        .descendants()
        .filter(
            process ->
                process
                    .info()
                    .arguments()
                    .map(
                        words ->
                            List.of(words).contains("rank") && !List.of(words).contains("agent"))
                    .orElse(false));
  }

  @Test
  public void aLostProcessEndsInOneLineAndACheckpoint() throws IOException {
    network("");
    Result whole = train(2, OPTIONS);
    try (Lab lab = copy()) {
      Observer kill =
          new After(6, () -> ranks().findFirst().orElseThrow().destroyForcibly(), new boolean[1]);
      RigException e =
          assertThrows(
              RigException.class,
              () -> lab.train(kill, OPTIONS, "engine", "torchrun", "per_node", 2));
      assertEquals(RigException.Kind.UNAVAILABLE, e.kind());
      assertFalse(e.getMessage(), e.getMessage().contains("\n"));
      assertTrue(e.getMessage(), e.getMessage().matches("step 7: process [12] of 2: .*"));
      assertTrue(e.getMessage(), e.getMessage().contains("the last checkpoint is "));
      assertTrue(e.getMessage(), e.getMessage().contains("step-6; 'train rig --resume' continues"));
      assertEquals(0, ranks().count());
      Training second = lab.trainer.resume("rig", Map.of(), Observer.NONE);
      assertEquals(20, second.points().size());
      new Result(second, lab.weights()).requireEquals(whole, SAME);
    }
  }

  @Test
  public void aFullDiskEndsInOneLineAndLeavesTheLastCheckpoint() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue("skipped: there is no " + full, Files.exists(full));
    network("");
    Map<String, Object> options = with("steps", 6, "checkpoint_every", 2);
    try (Lab lab = copy()) {
      Path state = lab.home.resolve("runs/rig-1/processes/state.safetensors");
      After fill = new After(3, () -> link(state.resolveSibling(WRITING), full), new boolean[1]);
      RigException e =
          assertThrows(
              RigException.class,
              () -> lab.train(fill, options, "engine", "torchrun", "per_node", 1));
      assertEquals(RigException.Kind.NO_SPACE, e.kind());
      assertEquals("cannot write %s: No space left on device".formatted(state), e.getMessage());
      assertEquals(0, ranks().count());
      assertTrue(Files.isDirectory(lab.home.resolve("runs/rig-1/step-2")));
      assertFalse(Files.exists(lab.home.resolve("runs/rig-1/step-4")));
      assertFalse(Files.exists(state));
    }
  }

  private static void link(Path link, Path target) {
    try {
      Files.createSymbolicLink(link, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  public void aLossThatIsNotFiniteEndsAsInTheTrainer() throws IOException {
    network("");
    Map<String, Object> options = with("lr", 1e30, "steps", 4);
    try (Lab here = copy();
        Lab two = copy()) {
      RigException mine = assertThrows(RigException.class, () -> here.train(options));
      RigException theirs =
          assertThrows(
              RigException.class, () -> two.train(options, "engine", "torchrun", "per_node", 2));
      assertEquals(mine.getMessage(), theirs.getMessage());
    }
  }
}
