package org.riglab.networks.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Torch;
import org.riglab.nn.AbstractLayer;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.Layer;
import org.riglab.parts.PartSpecs;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;

/** Heads as parts of their own: specs of release 0.1, skips, swaps. */
public class HeadSwapTest {
  private static final String TINY = "resnet:layers=1,1,1,1:width=2";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private final FakeRegistry registry = Benches.registry();
  private Bench bench;

  @Before
  public void open() throws Exception {
    Path home = folder.newFolder().toPath();
    bench = Benches.create(home, registry);
  }

  @After
  public void close() {
    bench.close();
  }

  private NetworkSpec spec(String backbone, String... more) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("backbone", backbone);
    json.put("classes", 3L);
    json.put("feedback", List.of(6L));
    for (int i = 0; i < more.length; i += 2) {
      json.put(more[i], more[i + 1]);
    }
    return bench.networks.spec(json, "test");
  }

  @Test
  public void specsOfEarlierReleasesNameTheHeadByAnOptionOfTheBackbone() {
    NetworkSpec earlier = spec(TINY + ":classifier=fcn8s");
    assertEquals(spec(TINY, "head", "fcn8s"), earlier);
    assertEquals(PartSpec.of("fcn8s"), earlier.head());
    assertEquals(PartSpecs.read(TINY), earlier.backbone());
    assertEquals(PartSpec.of("fcn"), spec(TINY).head());
    registry.put("deeplabv2", new org.riglab.backbones.internal.DeepLabV2());
    assertEquals(PartSpec.of("aspp"), spec("deeplabv2").head());
    assertEquals(PartSpec.of("fcn"), spec("deeplabv2", "head", "fcn").head());
    assertEquals(
        "network spec test: the spec names two heads: aspp, and fcn8s by the backbone's option"
            + " classifier of release 0.1; name one",
        assertThrows(RigException.class, () -> spec(TINY + ":classifier=fcn8s", "head", "aspp"))
            .getMessage());
    assertEquals(earlier, spec(TINY + ":classifier=fcn8s", "head", "fcn8s"));
  }

  @Test
  public void aSpecCanBeReadWithoutItsParts() {
    assertEquals(NetworkSpec.OWN_HEAD, spec("elsewhere").head());
  }

  @Test
  public void swappedHeadsKeepTheirWeights() {
    bench.networks.assemble("rig", spec(TINY), false);
    float[] before = logits();
    assertEquals("fcn", bench.networks.get("rig").spec().head().name());
    WeightTransfer there =
        bench.networks.swap("rig", bench.networks.get("rig").spec().withHead(PartSpec.of("fcn8s")));
    assertTrue(there.initialised().contains("classifier.skip8.weight"));
    assertTrue(there.matched().contains("classifier.weight"));
    assertTrue(there.matched().contains("backbone.layer2.0.conv1.weight"));
    // the gate at the head is fed logits of stride 8 now; its weights fit
    assertTrue(there.matched().contains("gates.6.conv.weight"));
    assertEquals(List.of(), bench.networks.swap("rig", spec(TINY)).initialised());
    bench.networks.swap("rig", bench.networks.get("rig").spec().withHead(PartSpec.of("aspp")));
    WeightTransfer back = bench.networks.swap("rig", spec(TINY));
    assertEquals(List.of("classifier.bias", "classifier.weight"), back.restored());
    assertEquals(List.of(), back.initialised());
    assertArrayEquals(before, logits(), 0);
  }

  private float[] logits() {
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      return Torch.withoutGrad(
          () -> {
            try (NDManager manager = NDManager.newBaseManager()) {
              HostTensor image = Formula.image(1, 1, 33, 65);
              NDArray x = manager.create(image.values(), new Shape(image.shape()));
              NDList logits = session.forward(x, false, 0);
              return logits.get(logits.size() - 1).toFloatArray();
            }
          });
    }
  }

  /** Rewrites a network's file, or its parked weights, with other metadata and other names. */
  private void rewrite(String file, Map<String, String> metadata, Function<String, String> names)
      throws Exception {
    Path path = bench.networks.home().resolve("models/rig").resolve(file);
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    Map<String, float[]> values = new LinkedHashMap<>();
    Map<String, String> all;
    try (Safetensors there = Safetensors.open(path)) {
      all = new LinkedHashMap<>(there.metadata());
      there
          .tensors()
          .forEach(
              (name, info) -> {
                shapes.put(names.apply(name), info.shape());
                values.put(names.apply(name), there.floats(name).values());
              });
    }
    all.putAll(metadata);
    Safetensors.write(path, shapes, values::get, all);
  }

  private static String spec01(String backbone) {
    return """
    {"backbone": "%s", "gate": "mul-sigmoid", "unroll": "parallel", "feedback": [6],
     "iterations": 2, "classes": 3, "batch_norm": "per-iteration", "seed": 0}\
    """
        .formatted(backbone);
  }

  @Test
  public void networksOfRelease01AreRead() throws Exception {
    bench.networks.assemble("rig", spec(TINY, "head", "fcn8s"), false);
    float[] logits = logits();
    bench.networks.release("rig");
    rewrite(Session.FILE, Map.of("riglab.spec", spec01(TINY + ":classifier=fcn8s")), name -> name);
    assertEquals(spec(TINY, "head", "fcn8s"), bench.networks.get("rig").spec());
    assertArrayEquals(logits, logits(), 0);

    bench.networks.assemble("rig", spec(TINY), true);
    float[] plain = logits();
    bench.networks.swap("rig", spec(TINY, "head", "aspp"));
    bench.networks.release("rig");
    // as 0.1 wrote them: the head is an option of the backbone, and its default goes without saying
    rewrite(Session.FILE, Map.of("riglab.spec", spec01(TINY + ":classifier=aspp")), name -> name);
    rewrite("parked.safetensors", Map.of(), name -> name.replace(" fcn/", "/"));
    WeightTransfer back = bench.networks.swap("rig", spec(TINY));
    assertEquals(List.of("classifier.bias", "classifier.weight"), back.restored());
    assertArrayEquals(plain, logits(), 0);
  }

  @Test
  public void aHeadThatDoesNotFitIsOneLineAndNothingChanges() {
    bench.networks.assemble("rig", spec(TINY + ":output_stride=8"), false);
    NetworkSpec before = bench.networks.get("rig").spec();
    assertEquals(
        "head fcn8s adds scores of features of stride 8 and 16 to those of coarser ones, but the"
            + " backbone's strides are 4, 4, 8, 8, 8",
        assertThrows(
                RigException.class,
                () -> bench.networks.swap("rig", before.withHead(PartSpec.of("fcn8s"))))
            .getMessage());
    assertEquals(before, bench.networks.get("rig").spec());
  }

  @Test
  public void hostileHeadsAreNamed() {
    refused(shape -> null, List.of(), "head hostile (bundle.hostile 1.0.0) created no stage");
    refused(
        shape -> stage(shape, 7),
        List.of(),
        "head hostile (bundle.hostile 1.0.0) returns 7 channels for 3 classes");
    refused(
        shape -> stage(shape, 3),
        List.of(5),
        "head hostile (bundle.hostile 1.0.0) asks for the outputs of blocks [5]; expected"
            + " ascending numbers from 1 to 4");
    refused(
        shape -> {
          throw new IllegalStateException("no");
        },
        List.of(),
        "head hostile (bundle.hostile 1.0.0) failed: IllegalStateException: no");
  }

  private static Stage stage(HeadShape shape, int classes) {
    int in = shape.last().outputChannels();
    Conv2d conv = Conv2d.withBias(in, classes, 1, 1);
    return new Stage("end", Head.PREFIX, conv, in, classes, shape.last().stride());
  }

  /** Makes a stage. */
  private interface Maker {
    Stage of(HeadShape shape);
  }

  private void refused(Maker maker, List<Integer> skips, String message) {
    registry.put(
        "hostile",
        new Head() {
          @Override
          public List<Integer> skips(HeadShape shape, Options options) {
            return skips;
          }

          @Override
          public Stage stage(HeadShape shape, Options options) {
            return maker.of(shape);
          }
        });
    RigException e =
        assertThrows(
            RigException.class,
            () -> bench.networks.assemble("bad", spec(TINY, "head", "hostile"), false));
    assertEquals(message, e.getMessage());
    assertEquals(RigException.Kind.PART_FAILED, e.kind());
    assertEquals(List.of(), bench.networks.names());
  }

  // Skips beside what a backbone itself carries along

  /** x to 2x, or 2x plus the last of what is carried, which then ends; perhaps it carries x. */
  private static final class Twice extends Layer {
    private final boolean keeps;
    private final boolean takes;

    Twice(boolean keeps, boolean takes) {
      this.keeps = keeps;
      this.takes = takes;
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      return x.add(x);
    }

    @Override
    public NDList forward(Context context, NDList inputs) {
      NDList result = new NDList(forward(context, inputs.head()));
      int carried = inputs.size() - (takes ? 1 : 0);
      result.addAll(inputs.subNDList(1, carried));
      if (takes) {
        result.set(0, result.head().add(inputs.get(inputs.size() - 1)));
      }
      if (keeps) {
        result.add(inputs.head());
      }
      return result;
    }

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      List<Shape> shapes = new ArrayList<>(List.of(inputs));
      if (takes) {
        shapes.remove(shapes.size() - 1);
      }
      if (keeps) {
        shapes.add(inputs[0]);
      }
      return shapes.toArray(Shape[]::new);
    }
  }

  /** B1 and B2 carry their inputs along, B3 takes one; the other is left. */
  private static final class Carrying implements Backbone {
    @Override
    public List<Stage> stages(BackboneShape shape, Options options) {
      return List.of(
          new Stage("b1", "", new Twice(true, false), 3, 3, 1),
          new Stage("b2", "backbone.b2.", new Twice(true, false), 3, 3, 1),
          new Stage("b3", "backbone.b3.", new Twice(false, true), 3, 3, 1));
    }
  }

  /** The last feature, plus ten times B1's, plus a hundred times B2's. */
  private static final class Sum implements Head {
    @Override
    public List<Integer> skips(HeadShape shape, Options options) {
      return List.of(1, 2);
    }

    @Override
    public Stage stage(HeadShape shape, Options options) {
      AbstractLayer block =
          new AbstractLayer() {
            @Override
            public NDList forward(Context context, NDList inputs) {
              assertEquals(3, inputs.size());
              return new NDList(
                  inputs
                      .get(0)
                      .add(Functional.times(inputs.get(1), 10))
                      .add(Functional.times(inputs.get(2), 100)));
            }

            @Override
            public Shape[] getOutputShapes(Shape[] inputs) {
              assertEquals(3, inputs.length);
              return new Shape[] {inputs[0]};
            }
          };
      return new Stage("classifier", PREFIX, block, 3, 3, 1);
    }
  }

  @Test
  public void skipsTravelBesideWhatTheBackboneCarries() {
    registry.put("carrying", new Carrying());
    registry.put("sum", new Sum());
    NetworkSpec spec =
        bench.networks.spec(
            Map.of(
                "backbone", "carrying",
                "head", "sum",
                "unroll", "feed-forward",
                "classes", 3L),
            "test");
    try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ones = manager.ones(new Shape(1, 3, 2, 2));
      float[] logits =
          Torch.withoutGrad(() -> assembly.forward(ones, false, null).head().toFloatArray());
      // B1: 2, B2: 4, B3: 8 + B2's input 2; then 10 + 10 * 2 + 100 * 4
      for (float value : logits) {
        assertEquals(430, value, 0);
      }
      assertEquals(List.of(), List.copyOf(assembly.state().keySet()));
    }
  }
}
