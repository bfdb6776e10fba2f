package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.Stopping;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.AnytimePasses;
import org.riglab.networks.inference.Halting;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.Toy;
import org.riglab.tensors.HostTensor;

/** Trains a halting head beside a real network, and stops with it. */
public class HaltingTrainingTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private FakeRegistry registry;
  private Bench bench;
  private TrainerService trainer;

  @Before
  public void setUp() {
    Torch.engine();
  }

  private void open(String unroll, boolean compiled) throws IOException {
    registry = Benches.registry();
    registry.put("toy", new Toy());
    registry.put("toy-head", new Toy.ToyHead());
    registry.put("two", new TrainingTest.Two());
    BuiltInParts.in(registry);
    bench = Benches.create(folder.newFolder().toPath(), registry);
    bench.networks.assemble("toy", Toy.spec(unroll), false);
    trainer = new TrainerService(registry, registry, bench.networks, bench.networks);
    if (compiled) {
      trainer.compiler = new CompilerService();
      bench.connect(trainer.compiler, null, null);
    }
  }

  private static Map<String, Object> options(boolean halting) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("dataset", "two");
    options.put("val_split", "none");
    options.put("size", "12x10");
    options.put("steps", 6);
    options.put("batch", 1);
    options.put("accumulation", 2);
    options.put("lr", 0.05);
    options.put("checkpoint_every", 2);
    options.put("halting", halting);
    return options;
  }

  private Halting train(boolean halting) {
    trainer.train(trainer.plan("toy", options(halting)), Observer.NONE);
    return bench.networks.trainedOn("toy").halting();
  }

  private Map<String, HostTensor> weights() {
    try (Session session = bench.networks.open("toy", "test", Device.cpu())) {
      return session.values();
    }
  }

  private static double[] numbers(Halting head) {
    return head.weights().stream().mapToDouble(w -> w).toArray();
  }

  @Test
  public void theHeadIsTrainedBesideTheNetwork() throws IOException {
    open("parallel", false);
    assertFalse(train(false).exists());
    Map<String, HostTensor> without = weights();
    open("parallel", false);
    Halting eager = train(true);
    assertEquals(Halting.FEATURES, eager.weights().size());
    assertNotEquals(Halting.NEW, eager);
    weights()
        .forEach(
            (name, tensor) ->
                assertArrayEquals(
                    "the network learns as without: " + name,
                    without.get(name).values(),
                    tensor.values(),
                    0));
    open("parallel", true);
    assertArrayEquals("compiled", numbers(eager), numbers(train(true)), 1e-3);
  }

  @Test
  public void aResumedTrainingHasTheSameHead() throws IOException {
    open("parallel", false);
    Halting whole = train(true);
    open("parallel", false);
    Observer kill =
        new Observer() {
          @Override
          public void step(Step now) {
            if (now.step() == 5) {
              throw new IllegalStateException("killed");
            }
          }
        };
    assertThrows(
        IllegalStateException.class, () -> trainer.train(trainer.plan("toy", options(true)), kill));
    trainer.resume("toy", Map.of(), Observer.NONE);
    assertEquals(whole, bench.networks.trainedOn("toy").halting());
  }

  @Test
  public void aNetworkWithOnePredictionIsRefused() throws IOException {
    open("sequential", false);
    String message = assertThrows(RigException.class, () -> train(true)).getMessage();
    assertTrue(message, message.contains("it must be false for a network with one prediction"));
  }

  @Test
  public void iterationsAfterTheHaltDoNotRun() throws IOException {
    open("parallel", false);
    train(true);
    for (boolean compiled : new boolean[] {false, true}) {
      assertEquals(1, predictions("halting<1", compiled));
      assertEquals(3, predictions("halting<1e-9", compiled));
    }
    List<String> blocks = new ArrayList<>();
    ActivationListener listener =
        new ActivationListener() {
          @Override
          public boolean wants(String name) {
            return name.startsWith("block.");
          }

          @Override
          public void take(String name, NDArray map) {
            blocks.add(name);
          }
        };
    try (Session session = bench.networks.open("toy", "test", Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      Torch.withoutGrad(
          () ->
              passes("halting<1")
                  .forward(
                      session,
                      manager.ones(new Shape(1, 3, 12, 10)),
                      (image, length) -> session.forward(image, length, listener)));
    }
    assertTrue(blocks.toString(), blocks.stream().allMatch(name -> name.endsWith(".t1")));
  }

  @Test
  public void aNetworkWithoutAHeadIsRefused() throws IOException {
    open("parallel", false);
    train(false);
    String message =
        assertThrows(RigException.class, () -> predictions("halting", false)).getMessage();
    assertTrue(message, message.contains("train it with --halting true"));
  }

  private static AnytimePasses passes(String until) {
    Inference plain = Inference.PLAIN;
    Inference inference =
        new Inference(
            plain.scales(),
            plain.flip(),
            plain.window(),
            plain.overlap(),
            plain.inputScales(),
            new Stopping(0, 0, 0, until));
    return new AnytimePasses(inference, MultiScaleInputs.SINGLE, false);
  }

  private int predictions(String until, boolean compiled) {
    try (Session session =
            compiled ? compiled() : bench.networks.open("toy", "test", Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray image = manager.ones(new Shape(1, 3, 12, 10));
      NDList logits = Torch.withoutGrad(() -> passes(until).forward(session, image));
      return logits.size();
    }
  }

  private Session compiled() {
    bench.connect(new CompilerService(), null, null);
    Session session = bench.networks.open("toy", "test", Device.cpu());
    session.compile(
        Precision.FP32,
        false,
        line -> {
          throw new AssertionError(line);
        });
    return session;
  }
}
