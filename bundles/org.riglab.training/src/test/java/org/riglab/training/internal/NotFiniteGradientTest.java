package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.graph.internal.export.ExporterService;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.NoiseRegistry;
import org.riglab.tensors.HostTensor;

/** A step whose loss is finite and whose gradients are not changes nothing. */
public class NotFiniteGradientTest {
  private static final int SIDE = 64;

  @Rule public final TemporaryFolder home = new TemporaryFolder();
  private final CompilerService compiler = new CompilerService();

  @After
  public void close() {
    compiler.close();
  }

  /** x times the root of a square: the root has no gradient where its parameter is 0. */
  static final class Root implements Gate {
    @Override
    public Block create(GateShape shape, Options options) {
      return new AbstractBlock() {
        private final Parameter factor =
            addParameter(
                Parameter.builder()
                    .setName("factor")
                    .setType(Parameter.Type.WEIGHT)
                    .optShape(new Shape(1))
                    .optInitializer(Initializer.ONES)
                    .build());

        @Override
        protected NDList forwardInternal(
            ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
          NDArray x = in.get(0);
          NDArray root = store.getValue(factor, x.getDevice(), training).square().sqrt();
          return new NDList(x.mul(root.add(1)));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] in) {
          return new Shape[] {in[0]};
        }
      };
    }
  }

  private Bench bench() throws IOException {
    FakeRegistry registry = Benches.registry();
    registry.put("root", new Root());
    Bench bench = Benches.create(home.newFolder().toPath(), registry);
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
    return bench;
  }

  private void check(String execution, String optimizer) throws IOException {
    Bench bench = bench();
    NoiseRegistry registry = BuiltInParts.noise(4, 64);
    TrainerService trainer = new TrainerService(registry, registry, bench.networks, bench.networks);
    var spec =
        trainer.plan(
            "small",
            Map.of(
                "dataset",
                "noise",
                "size",
                SIDE + "x" + SIDE,
                "steps",
                3,
                "lr",
                0.01,
                "schedule",
                "constant",
                "execution",
                execution,
                "optimizer",
                optimizer));
    try (Session session = bench.networks.open("small", "test", Device.cpu());
        Batch batch = Batch.noise(2, SIDE, SIDE, 3, 7)) {
      if (execution.equals("compiled")) {
        session.compile(spec.engine().precision(), false, line -> assertEquals("", line));
      }
      try (Stepper stepper = BuiltInParts.stepper(session, spec, 2)) {
        stepper.step(1, List.of(batch));
        Map<String, HostTensor> values = new LinkedHashMap<>(session.values());
        values.put("gates.5.factor", new HostTensor(List.of(1L), new float[] {0}));
        session.load(values);
        Map<String, float[]> state = state(stepper);
        assertFalse(state.isEmpty());
        Stepper.NotFiniteException e =
            assertThrows(Stepper.NotFiniteException.class, () -> stepper.step(2, List.of(batch)));
        assertEquals("the gate at block B5, parameter gates.5.factor", e.getMessage());
        assertFalse(e.batch().isPresent());
        session
            .values()
            .forEach(
                (name, tensor) ->
                    assertArrayEquals(name, values.get(name).values(), tensor.values(), 0));
        assertEquals(state.keySet(), state(stepper).keySet());
        state(stepper).forEach((name, array) -> assertArrayEquals(name, state.get(name), array, 0));
      }
    }
  }

  private static Map<String, float[]> state(Stepper stepper) {
    Map<String, float[]> state = new LinkedHashMap<>();
    stepper.optimizer().state().forEach((name, array) -> state.put(name, array.toFloatArray()));
    return state;
  }

  @Test
  public void aStepLeavesEverythingAsItWas() throws IOException {
    for (String execution : List.of("eager", "compiled")) {
      for (String optimizer : List.of("sgd", "adamw")) {
        check(execution, optimizer);
      }
    }
  }

  /** As {@code torch.amp.GradScaler} leaves out the step, AdamW's count included. */
  @Test
  public void inFloat16TheStepIsLeftOutAndNotCounted() throws IOException {
    Bench bench = bench();
    NoiseRegistry registry = BuiltInParts.noise(4, 64);
    TrainerService trainer = new TrainerService(registry, registry, bench.networks, bench.networks);
    var spec =
        trainer.plan(
            "small",
            Map.of(
                "dataset",
                "noise",
                "size",
                SIDE + "x" + SIDE,
                "steps",
                3,
                "lr",
                0.01,
                "schedule",
                "constant",
                "precision",
                "fp16",
                "optimizer",
                "adamw",
                "weight_decay",
                0));
    try (Session session = bench.networks.open("small", "test", Device.cpu());
        Batch batch = Batch.noise(2, SIDE, SIDE, 3, 7);
        Stepper stepper = BuiltInParts.stepper(session, spec, 2)) {
      session.compile(spec.engine().precision(), false, line -> assertEquals("", line));
      Map<String, HostTensor> values = new LinkedHashMap<>(session.values());
      values.put("gates.5.factor", new HostTensor(List.of(1L), new float[] {0}));
      session.load(values);
      stepper.step(1, List.of(batch));
      String bias = "classifier.bias";
      assertArrayEquals(values.get(bias).values(), session.values().get(bias).values(), 0);
      values.put("gates.5.factor", new HostTensor(List.of(1L), new float[] {1}));
      session.load(values);
      stepper.step(2, List.of(batch));
      // the first update of Adam has the size of the learning rate, whatever the gradient
      double rate = 0.01 * spec.optimiser().lrHead();
      float[] before = values.get(bias).values();
      float[] after = session.values().get(bias).values();
      for (int i = 0; i < before.length; i++) {
        assertEquals(rate, Math.abs(after[i] - before[i]), 1e-3 * rate);
      }
    }
  }

  @Test
  public void neitherSavedNorExported() throws IOException {
    Bench bench = bench();
    Path file = bench.networks.file("small");
    byte[] before = Files.readAllBytes(file);
    for (float wrong : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      try (Session session = bench.networks.open("small", "test", Device.cpu())) {
        Map<String, HostTensor> values = new LinkedHashMap<>(session.values());
        values.put("gates.5.factor", new HostTensor(List.of(1L), new float[] {wrong}));
        session.load(values);
        assertEquals(
            "1 of the 1 values of 'gates.5.factor' are NaN or infinite; %s is not written"
                .formatted(file),
            assertThrows(RigException.class, () -> session.save(session.trainedOn())).getMessage());
        assertArrayEquals(before, Files.readAllBytes(file));
        for (String format : List.of("onnx", "torchscript")) {
          RigException e =
              assertThrows(
                  RigException.class,
                  () ->
                      session.show(
                          network -> {
                            try {
                              new ExporterService()
                                  .write(network, format, true, OutputStream.nullOutputStream());
                            } catch (IOException impossible) {
                              throw new IllegalStateException(impossible);
                            }
                            return null;
                          }));
          assertTrue(e.getMessage(), e.getMessage().startsWith("cannot export gates.5.factor: "));
        }
      }
    }
  }

  @Test
  public void theRunEndsAndSaysWhere() throws IOException {
    Bench bench = bench();
    try (Session session = bench.networks.open("small", "test", Device.cpu())) {
      Map<String, HostTensor> values = new LinkedHashMap<>(session.values());
      values.put("gates.5.factor", new HostTensor(List.of(1L), new float[] {0}));
      session.load(values);
      session.save(session.trainedOn());
    }
    NoiseRegistry registry = BuiltInParts.noise(4, 64);
    TrainerService trainer = new TrainerService(registry, registry, bench.networks, bench.networks);
    var spec =
        trainer.plan(
            "small",
            Map.of("dataset", "noise", "size", SIDE + "x" + SIDE, "steps", 3, "val_split", "none"));
    RigException e = assertThrows(RigException.class, () -> trainer.train(spec, Observer.NONE));
    assertEquals(
        "a gradient of step 1 is not finite, first in the gate at block B5, parameter"
            + " gates.5.factor; there is no checkpoint yet; a smaller lr or clip_norm usually"
            + " helps",
        e.getMessage());
  }
}
