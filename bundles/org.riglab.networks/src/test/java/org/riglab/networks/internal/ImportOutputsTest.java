package org.riglab.networks.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.bench.ImportReport;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.ImportSpec.Outputs;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Torch;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.ConvTranspose2d;
import org.riglab.nn.Layer;
import org.riglab.tensors.Safetensors;

/** Weights whose classes have another order, or that have more outputs than the network. */
public class ImportOutputsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Bench bench;
  private Path file;

  /** Classes along the second axis of its weight, and statistics of each class behind it. */
  public static final class Upsampling implements Head {
    @Override
    public Stage stage(HeadShape shape, Options options) {
      int in = shape.last().outputChannels();
      return new Stage(
          "classifier",
          PREFIX,
          new Layer() {
            private final ConvTranspose2d up =
                addChildBlock("up", new ConvTranspose2d(in, shape.classes(), 2, 2, 0, 0));
            private final BatchNorm2d bn = addChildBlock("bn", new BatchNorm2d(shape.classes()));

            @Override
            public NDArray forward(Context context, NDArray x) {
              return bn.forward(context, up.forward(context, x));
            }

            @Override
            public Shape outputShape(Shape input) {
              return up.outputShape(input);
            }
          },
          in,
          shape.classes(),
          shape.last().stride() / 2);
    }
  }

  @Before
  public void open() {
    FakeRegistry registry = Benches.registry();
    registry.put("upsampling", new Upsampling());
    bench = Benches.create(folder.getRoot().toPath(), registry);
    file = folder.getRoot().toPath().resolve("weights.safetensors");
  }

  /** As many classes as the first layers have channels in one of them. */
  private static NetworkSpec spec(String head, String unroll, int classes, long seed) {
    return new NetworkSpec(
        new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", 2, "output_stride", 32)),
        PartSpec.of(head),
        PartSpec.of("mul-sigmoid"),
        PartSpec.of(unroll),
        unroll.equals("parallel") ? List.of(5, 6) : List.of(),
        unroll.equals("feed-forward") ? 1 : 2,
        classes,
        BatchNormPolicy.PER_ITERATION,
        seed);
  }

  private void save(String head, String unroll, int classes) {
    bench.networks.assemble("source", spec(head, unroll, classes, 5), true);
    try (Session session = bench.networks.open("source", "test", Device.cpu())) {
      Safetensors.write(file, session.values(), Map.of());
    }
  }

  private ImportReport read(Outputs outputs) {
    return bench.weights.read(
        "rig",
        file,
        new ImportSpec(
            false,
            Map.of(),
            ImportSpec.ExtraInputs.ZERO,
            ImportSpec.Pixels.FILE,
            false,
            Optional.empty(),
            Optional.of(outputs)));
  }

  private static Outputs map(Integer... labels) {
    return new Outputs(List.of(labels), false, Optional.empty());
  }

  private float[][] logits(String name) {
    try (Session session = bench.networks.open(name, "test", Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray image = manager.arange(3 * 64 * 64f).sin().reshape(1, 3, 64, 64);
      NDArray logits = Torch.withoutGrad(() -> session.forward(image, false)).get(0);
      float[][] byClass = new float[session.spec().classes()][];
      for (int c = 0; c < byClass.length; c++) {
        byClass[c] = logits.get("0," + c).toFloatArray();
      }
      return byClass;
    }
  }

  private void assertMapped(String head) {
    save(head, "feed-forward", 6);
    bench.networks.assemble("rig", spec(head, "feed-forward", 4, 6), true);
    read(map(2, Outputs.NONE, 0, 3, 1, Outputs.NONE));
    float[][] source = logits("source");
    float[][] mapped = logits("rig");
    int[] from = {2, 4, 0, 3};
    for (int c = 0; c < 4; c++) {
      assertArrayEquals(head + " " + c, source[from[c]], mapped[c], 1e-6f);
    }
  }

  @Test
  public void outputsBecomeTheClassesThatTheMapNames() {
    assertMapped("fcn");
  }

  @Test
  public void everyPartOfAHeadIsMapped() {
    assertMapped("aspp");
    assertMapped("fcn8s");
  }

  @Test
  public void transposedConvolutionsAndStatisticsAreMapped() {
    assertMapped("upsampling");
  }

  @Test
  public void iterationsGetTheStatisticsOfTheirClasses() {
    save("upsampling", "feed-forward", 3);
    bench.networks.assemble("rig", spec("upsampling", "parallel", 3, 6), true);
    ImportReport done = read(map(1, 2, 0));
    assertEquals(
        List.of("classifier.up.weight", "classifier.bn.weight", "classifier.bn.running_mean.t2"),
        done.tensors().stream()
            .filter(row -> row.note().equals("outputs mapped to classes"))
            .map(ImportReport.Row::name)
            .filter(name -> name.endsWith("weight") || name.endsWith("mean.t2"))
            .toList());
  }

  @Test
  public void furtherOutputsAreAnErrorUnlessTheyAreDropped() {
    save("fcn", "feed-forward", 5);
    bench.networks.assemble("rig", spec("fcn", "feed-forward", 4, 6), true);
    assertEquals(
        file
            + ": classifier.weight has 5 outputs, but 4 are mapped; --extra-outputs drop leaves out"
            + " the others",
        assertThrows(RigException.class, () -> read(map(3, 2, 1, 0))).getMessage());
    read(new Outputs(List.of(3, 2, 1, 0), true, Optional.empty()));
    assertArrayEquals(logits("source")[0], logits("rig")[3], 1e-6f);
    read(new Outputs(List.of(), true, Optional.empty()));
    assertArrayEquals(logits("source")[3], logits("rig")[3], 1e-6f);
  }

  @Test
  public void mapsThatAreNoneAreRefused() {
    save("fcn", "feed-forward", 3);
    bench.networks.assemble("rig", spec("fcn", "feed-forward", 3, 6), true);
    float[][] before = logits("rig");
    assertEquals(
        "no output of the file is class 1 of the network; expected one output for each of its 3"
            + " classes",
        assertThrows(RigException.class, () -> read(map(0, 2, Outputs.NONE))).getMessage());
    assertEquals(
        "class 3 is not one of the network, which has 0 to 2",
        assertThrows(RigException.class, () -> read(map(0, 2, 1, 3))).getMessage());
    assertEquals(
        file + ": classifier.weight has 3 outputs, but 4 are mapped",
        assertThrows(RigException.class, () -> read(map(0, 2, 1, Outputs.NONE))).getMessage());
    assertArrayEquals("unchanged", before, logits("rig"));
  }

  @Test
  public void feedbackInTheOrderOfOtherClassesIsRefused() {
    save("fcn", "parallel", 3);
    bench.networks.assemble("rig", spec("fcn", "parallel", 3, 6), true);
    assertEquals(
        file
            + ": gates.5.conv.weight takes feedback in the order of the file's classes; only"
            + " weights without feedback can be mapped to other classes",
        assertThrows(RigException.class, () -> read(map(0, 2, 1))).getMessage());
  }

  @Test
  public void theNetworkGetsTheNamesOfTheDataSet() {
    save("fcn", "feed-forward", 2);
    bench.networks.assemble("rig", spec("fcn", "feed-forward", 2, 6), true);
    ClassTable table =
        new ClassTable(
            List.of(new ClassTable.Entry("ground", 1), new ClassTable.Entry("crack", 2)));
    read(new Outputs(List.of(1, 0), false, Optional.of(table)));
    assertEquals(table, bench.networks.trainedOn("rig").classes());
    ClassTable three =
        new ClassTable(
            List.of(
                new ClassTable.Entry("a", 1),
                new ClassTable.Entry("b", 2),
                new ClassTable.Entry("c", 3)));
    assertEquals(
        "the network has 2 classes, the data set has 3; assemble it with classes 3",
        assertThrows(
                RigException.class,
                () -> read(new Outputs(List.of(1, 0), false, Optional.of(three))))
            .getMessage());
  }
}
