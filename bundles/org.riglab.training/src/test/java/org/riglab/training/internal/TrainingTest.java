package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.riglab.networks.internal.TrainingReference.assertDigest;
import static org.riglab.networks.internal.TrainingReference.assertNumber;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Training;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.networks.Session;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.Toy;
import org.riglab.networks.internal.TrainingReference;
import org.riglab.tensors.HostTensor;

/** A whole training with every option of the loss at once, compared with PyTorch's. */
public class TrainingTest {
  private static final int HEIGHT = 12;
  private static final int WIDTH = 10;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** The script's two images. */
  static final class Two implements Dataset, Images, Split {
    @Override
    public Images open(Optional<Path> directory, Options options) {
      return this;
    }

    @Override
    public ClassTable classes() {
      return new ClassTable(
          List.of(
              new ClassTable.Entry("a", 0),
              new ClassTable.Entry("b", 1),
              new ClassTable.Entry("c", 2)));
    }

    @Override
    public List<String> splits() {
      return List.of("train");
    }

    @Override
    public Split split(String name) {
      return this;
    }

    @Override
    public int size() {
      return 2;
    }

    @Override
    public String id(int index) {
      return "i" + index;
    }

    @Override
    public Sample sample(int index) {
      int pixels = HEIGHT * WIDTH;
      byte[] rgb = new byte[3 * pixels];
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = (byte) ((index * rgb.length + i) * 37 + 11);
      }
      byte[] labels = TrainingReference.labels(index * pixels, pixels, Toy.CLASSES);
      return new Sample(id(index), HEIGHT, WIDTH, rgb, labels);
    }

    @Override
    public String fingerprint() {
      return "two";
    }
  }

  private static Map<String, HostTensor> values(Bench bench) {
    try (Session session = bench.networks.open("toy", "test", Device.cpu())) {
      return session.values();
    }
  }

  private void check(String unroll, int batch) throws IOException {
    check(unroll, batch, false);
    check(unroll, batch, true);
  }

  private void check(String unroll, int batch, boolean compiled) throws IOException {
    Map<?, ?> expected = (Map<?, ?>) TrainingReference.section("training").get(unroll);
    FakeRegistry registry = Benches.registry();
    registry.put("toy", new Toy());
    registry.put("toy-head", new Toy.ToyHead());
    registry.put("two", new Two());
    BuiltInParts.in(registry);
    Path home = folder.newFolder().toPath();
    Bench bench = Benches.create(home, registry);
    bench.networks.assemble("toy", Toy.spec(unroll), false);
    try (Session session = bench.networks.open("toy", "test", Device.cpu())) {
      Map<String, List<Long>> shapes = new LinkedHashMap<>();
      session.values().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      session.load(Toy.values(shapes));
      session.save(session.trainedOn());
    }
    Map<String, HostTensor> before = values(bench);
    Path table = home.resolve("coarse.json");
    Files.writeString(table, "{\"superclasses\": {\"a\": [\"a\"], \"rest\": [\"b\", \"c\"]}}");
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("dataset", "two");
    options.put("val_split", "none");
    options.put("size", HEIGHT + "x" + WIDTH);
    options.put("scale", "1,1");
    options.put("flip", false);
    options.put("channels", "bgr");
    options.put("pixel_range", 255);
    options.put("mean", "104,117,123");
    options.put("std", "60,50,40");
    options.put("input_scales", "1,0.5");
    options.put("steps", 3);
    options.put("batch", batch);
    options.put("accumulation", 2 / batch);
    options.put("lr", 0.01);
    options.put("lr_head", 10);
    options.put("lr_bias", 2);
    options.put("weight_decay", 0.05);
    options.put("bias_decay", 0);
    options.put("class_weights", "0.5,2,1");
    options.put("iteration_weights", "0.3,0.5,1");
    options.put("coarse", table.toString());
    options.put("truncate", 2);
    TrainerService trainer = new TrainerService(registry, registry, bench.networks, bench.networks);
    if (compiled) {
      trainer.compiler = new CompilerService();
    }
    Training training = trainer.train(trainer.plan("toy", options), Observer.NONE);

    List<?> losses = (List<?>) expected.get("losses");
    assertEquals(losses.size(), training.points().size());
    for (int i = 0; i < losses.size(); i++) {
      assertNumber(unroll + " loss " + (i + 1), losses.get(i), training.points().get(i).loss());
    }
    Map<?, ?> changes = (Map<?, ?>) expected.get("changes");
    Map<String, HostTensor> after = values(bench);
    assertEquals(changes.keySet(), after.keySet());
    after.forEach(
        (name, tensor) -> {
          float[] change = tensor.values().clone();
          for (int i = 0; i < change.length; i++) {
            change[i] -= before.get(name).values()[i];
          }
          assertDigest(unroll + " " + name, changes.get(name), change);
        });
  }

  @Test
  public void everythingAtOnceIsPyTorchs() throws IOException {
    for (String unroll :
        List.of("parallel", "parallel-multi-range", "network-wide", "network-wide-gated")) {
      check(unroll, 2);
    }
  }

  @Test
  public void alsoInTwoPasses() throws IOException {
    check("parallel", 1);
  }
}
