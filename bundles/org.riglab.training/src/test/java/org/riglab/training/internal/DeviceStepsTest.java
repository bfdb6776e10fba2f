package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.TrainSpec;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.engine.HostReads;
import org.riglab.networks.engine.StepKernels;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.NoiseRegistry;
import org.riglab.tensors.HostTensor;

/** Steps that the host does not wait for, as on a GPU. */
public class DeviceStepsTest {
  private static final int SIDE = 32;
  private static final String FACTOR = "gates.5.factor";

  @Rule public final TemporaryFolder home = new TemporaryFolder();
  private final CompilerService compiler = new CompilerService();
  private Bench bench;
  private TrainerService trainer;

  @Before
  public void open() throws IOException {
    FakeRegistry registry = Benches.registry();
    registry.put("root", new NotFiniteGradientTest.Root());
    bench = Benches.create(home.newFolder().toPath(), registry);
    bench.connect(compiler, null, null);
    bench.networks.assemble(
        "small",
        new NetworkSpec(
            new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", "4")),
            NetworkSpec.OWN_HEAD,
            PartSpec.of("root"),
            PartSpec.of("parallel"),
            List.of(5),
            2,
            3,
            BatchNormPolicy.SHARED,
            1),
        false);
    NoiseRegistry noise = BuiltInParts.noise(SIDE, SIDE);
    trainer = new TrainerService(noise, noise, bench.networks, bench.networks);
  }

  @After
  public void close() {
    compiler.close();
  }

  private TrainSpec spec(Object... options) {
    Map<String, Object> all =
        new HashMap<>(Map.of("dataset", "noise", "size", SIDE + "x" + SIDE, "lr", 0.01));
    all.putAll(Map.of("steps", 6, "val_split", "none", "batch", 2));
    for (int i = 0; i < options.length; i += 2) {
      all.put((String) options[i], options[i + 1]);
    }
    return trainer.plan("small", all);
  }

  /** What steps result in. */
  private record Outcome(Map<String, float[]> arrays, List<Steps.Loss> losses, long reads) {}

  private static Outcome outcome(
      Session session, Stepper stepper, List<Steps.Loss> losses, long reads) {
    Map<String, float[]> arrays = new TreeMap<>();
    session.values().forEach((name, tensor) -> arrays.put(name, tensor.values()));
    stepper
        .optimizer()
        .state()
        .forEach((name, array) -> arrays.put("optimizer " + name, array.toFloatArray()));
    stepper
        .average()
        .ifPresent(
            mean ->
                mean.averages()
                    .forEach((name, array) -> arrays.put("mean " + name, array.toFloatArray())));
    return new Outcome(arrays, losses, reads);
  }

  private Outcome steps(TrainSpec spec, int every, int count) {
    try (Session session = bench.networks.open("small", "test", Device.cpu());
        Batch batch = Batch.noise(2, SIDE, SIDE, 3, 7)) {
      session.compile(spec.engine().precision(), false, line -> assertEquals("", line));
      try (Stepper stepper = BuiltInParts.stepper(session, spec, 2, every, Optional.of(compiler))) {
        List<Steps.Loss> losses = new ArrayList<>();
        long before = HostReads.count();
        for (int step = 1; step <= count; step++) {
          losses.addAll(stepper.step(step, List.of(batch)));
        }
        losses.addAll(stepper.settle());
        return outcome(session, stepper, losses, HostReads.count() - before);
      }
    }
  }

  private static void same(Outcome a, Outcome b) {
    assertEquals(a.losses, b.losses);
    assertEquals(a.arrays.keySet(), b.arrays.keySet());
    a.arrays.forEach((name, values) -> assertArrayEquals(name, values, b.arrays.get(name), 0));
  }

  @Test
  public void resultsAreTheSameToTheBit() {
    for (TrainSpec spec :
        List.of(
            spec("ema", 0.5),
            spec("optimizer", "adamw", "clip_norm", 0.1),
            spec("precision", "fp16", "optimizer", "adamw"))) {
      Outcome waiting = steps(spec, 1, 6);
      Outcome device = steps(spec, 4, 6);
      assertEquals(6, device.losses.size());
      same(waiting, device);
    }
  }

  @Test
  public void theHostWaitsOnceForSeveralSteps() {
    assertEquals(2, steps(spec(), 4, 8).reads);
    assertEquals(1, steps(spec("precision", "fp16"), 8, 8).reads);
  }

  /** The third of four steps is wrong: the host learns of it after the fourth. */
  @Test
  public void aWrongStepAndThoseAfterItChangeNothing() {
    for (String optimizer : List.of("sgd", "adamw")) {
      TrainSpec spec = spec("optimizer", optimizer, "ema", 0.5);
      try (Session session = bench.networks.open("small", "test", Device.cpu());
          Batch batch = Batch.noise(2, SIDE, SIDE, 3, 7)) {
        session.compile(spec.engine().precision(), false, line -> assertEquals("", line));
        try (Stepper stepper = BuiltInParts.stepper(session, spec, 2, 3, Optional.of(compiler))) {
          List<Steps.Loss> first = stepper.step(1, List.of(batch)); // the average begins
          assertEquals(List.of(1L), first.stream().map(Steps.Loss::step).toList());
          assertEquals(List.of(), stepper.step(2, List.of(batch)));
          Map<String, HostTensor> values = new LinkedHashMap<>(session.values());
          values.put(FACTOR, new HostTensor(List.of(1L), new float[] {0}));
          session.load(values);
          Outcome before = outcome(session, stepper, List.of(), 0);
          assertEquals(List.of(), stepper.step(3, List.of(batch)));
          Steps.LateException e =
              assertThrows(Steps.LateException.class, () -> stepper.step(4, List.of(batch)));
          assertEquals(3, e.step());
          assertEquals(List.of(2L), e.before().stream().map(Steps.Loss::step).toList());
          same(before, outcome(session, stepper, List.of(), 0));
          stepper.readThrough(4);
          Stepper.NotFiniteException why =
              assertThrows(Stepper.NotFiniteException.class, () -> stepper.step(3, List.of(batch)));
          assertEquals("the gate at block B5, parameter " + FACTOR, why.getMessage());
          same(before, outcome(session, stepper, List.of(), 0));
        }
      }
    }
  }

  /** In float16 such a step is left out, and the scale halved. */
  @Test
  public void inFloat16TheStepIsLeftOut() {
    TrainSpec spec = spec("precision", "fp16", "optimizer", "adamw", "steps", 12);
    List<Outcome> outcomes = new ArrayList<>();
    for (int every : new int[] {1, 3}) {
      try (Session session = bench.networks.open("small", "test", Device.cpu());
          Batch batch = Batch.noise(2, SIDE, SIDE, 3, 7)) {
        session.compile(spec.engine().precision(), false, line -> assertEquals("", line));
        Map<String, HostTensor> values = new LinkedHashMap<>(session.values());
        values.put(FACTOR, new HostTensor(List.of(1L), new float[] {0}));
        session.load(values);
        try (Stepper stepper =
            BuiltInParts.stepper(session, spec, 2, every, Optional.of(compiler))) {
          List<Steps.Loss> losses = new ArrayList<>(stepper.step(1, List.of(batch)));
          values = new LinkedHashMap<>(session.values());
          values.put(FACTOR, new HostTensor(List.of(1L), new float[] {1}));
          session.load(values);
          // Kernels of some processors overflow at the first scales as well.
          for (int step = 2; step <= 12; step++) {
            losses.addAll(stepper.step(step, List.of(batch)));
          }
          outcomes.add(outcome(session, stepper, losses, 0));
        }
      }
    }
    float[] scale = outcomes.get(0).arrays.get("optimizer loss_scale");
    assertTrue("steps left out: " + scale[2], scale[2] >= 1);
    assertTrue("steps left out: " + scale[2], scale[2] < 12);
    same(outcomes.get(0), outcomes.get(1));
  }

  /** A run says the same, whether the host waits for each step or not, and logs the same. */
  @Test
  public void aRunEndsAtTheSameStep() throws IOException {
    List<String> messages = new ArrayList<>();
    List<String> logs = new ArrayList<>();
    for (int every : new int[] {1, 4}) {
      trainer.waitEvery(every);
      // the third update is far too large
      TrainSpec spec = spec("lr", 1e4, "schedule", "constant", "execution", "eager");
      RigException e = assertThrows(RigException.class, () -> trainer.train(spec, Observer.NONE));
      messages.add(e.getMessage().replaceAll("small-\\d+", "small-N"));
      try (var files = Files.walk(bench.networks.home())) {
        List<java.nio.file.Path> steps =
            files.filter(file -> file.endsWith("steps.jsonl")).sorted().toList();
        logs.add(Files.readString(steps.get(steps.size() - 1)));
      }
    }
    assertEquals(messages.get(0), messages.get(1));
    assertEquals(logs.get(0), logs.get(1));
    assertTrue(
        messages.get(0),
        messages.get(0).contains(" of step ") || messages.get(0).contains(" after step "));
  }

  @Test
  public void aRunLogsEveryStep() throws IOException {
    List<List<Double>> losses = new ArrayList<>();
    for (int every : new int[] {1, 4}) {
      trainer.waitEvery(every);
      List<Double> seen = new ArrayList<>();
      trainer.train(
          spec("execution", "eager"),
          new Observer() {
            @Override
            public void step(Step step) {
              assertEquals(seen.size() + 1, step.step());
              seen.add(step.loss());
            }
          });
      losses.add(seen);
    }
    assertEquals(6, losses.get(0).size());
  }

  /** Bytes become the numbers that the host makes of them. */
  @Test
  public void bytesAreNormalisedOnTheDevice() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(2 * 3 * 4);
    for (int i = 0; i < bytes.capacity(); i++) {
      bytes.put(i, (byte) (11 * i));
    }
    float[] scale = {0.017f, 0.0175f, 0.0174f};
    float[] shift = {-2.1f, -2.03f, -1.8f};
    try (StepKernels kernels = new StepKernels(Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray made =
          kernels.images(bytes, new Shape(2, 3, 2, 2), kernels.pixels(scale, shift), manager);
      float[] expected = new float[bytes.capacity()];
      for (int i = 0; i < expected.length; i++) {
        int channel = i / 4 % 3;
        expected[i] = (11 * i % 256) * scale[channel] + shift[channel];
      }
      assertArrayEquals(expected, made.toFloatArray(), 0);
      NDArray labels = kernels.labels(bytes, new Shape(2, 3, 4), manager);
      assertEquals(11, labels.toLongArray()[1]);
    }
  }
}
