package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Training;
import org.riglab.datasets.internal.FolderDataset;
import org.riglab.evaluation.internal.EvaluatorService;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.losses.internal.DiceLoss;
import org.riglab.losses.internal.FocalLoss;
import org.riglab.losses.internal.LovaszLoss;
import org.riglab.losses.internal.OhemLoss;
import org.riglab.metrics.internal.ConfusionMetric;
import org.riglab.networks.Session;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.transforms.internal.BalancedCrop;
import org.riglab.transforms.internal.Photometric;
import org.riglab.transforms.internal.Rotate;

/** A task of an object against its background, from the table to the score, with every loss. */
public class BinaryTaskTest {
  private static final int SIDE = 32;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** Light rectangles on dark noise; labels are 0 and 255. */
  private Path data() throws IOException {
    Path root = folder.newFolder().toPath();
    Files.writeString(
        root.resolve("classes.json"),
        """
        {"classes": [{"name": "background"}, {"name": "crack"}],
         "mapping": {"0": "background", "255": "crack"}, "splits": ["train", "val"]}
        """);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 20; i++) {
      BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
      BufferedImage label = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
      int top = random.nextInt(4, 18);
      int left = random.nextInt(4, 18);
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          boolean object = y >= top && y < top + 8 && x >= left && x < left + 9;
          int grey = random.nextInt(60) + (object ? 170 : 20);
          image.setRGB(x, y, grey << 16 | grey << 8 | grey);
          label.getRaster().setSample(x, y, 0, object ? 255 : 0);
        }
      }
      String split = i < 16 ? "train" : "val";
      write(image, root.resolve("images/" + split + "/" + i + ".png"));
      write(label, root.resolve("labels/" + split + "/" + i + ".png"));
    }
    return root;
  }

  private static void write(BufferedImage image, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  private static FakeRegistry registry() {
    FakeRegistry registry = BuiltInParts.in(Benches.registry());
    registry.put("folder", new FolderDataset());
    registry.put("dice", new DiceLoss());
    registry.put("focal", new FocalLoss());
    registry.put("lovasz-softmax", new LovaszLoss());
    registry.put("ohem", new OhemLoss());
    registry.put("balanced-crop", new BalancedCrop());
    registry.put("photometric", new Photometric());
    registry.put("rotate", new Rotate());
    registry.put("confusion", new ConfusionMetric());
    return registry;
  }

  @Test
  public void everyLossLearnsIt() throws IOException {
    Path data = data();
    FakeRegistry registry = registry();
    Bench bench = Benches.create(folder.newFolder().toPath(), registry);
    NetworkSpec spec =
        bench.networks.spec(
            Map.of(
                "classes",
                2L,
                "unroll",
                "feed-forward",
                "backbone",
                Map.of(
                    "name",
                    "resnet",
                    "layers",
                    List.of(1L, 1L, 1L, 1L),
                    "width",
                    8L,
                    "output_stride",
                    8L)),
            "test");
    assertEquals(List.of(), spec.feedback());
    assertEquals(1, spec.iterations());
    TrainerService trainer = new TrainerService(registry, registry, bench.networks, bench.networks);
    trainer.compiler = new CompilerService();
    trainer.scorers = new EvaluatorService(registry, bench.networks);
    for (String loss :
        List.of("cross-entropy:label_smoothing=0.1", "dice", "focal", "lovasz-softmax", "ohem")) {
      bench.networks.assemble("binary", spec, true);
      List<Evaluation> evaluations = new ArrayList<>();
      List<String> told = new ArrayList<>();
      Training training =
          trainer.train(
              trainer.plan("binary", options(data, loss)),
              new Observer() {
                @Override
                public void evaluated(Evaluation evaluation, long step) {
                  evaluations.add(evaluation);
                }

                @Override
                public void message(String line) {
                  told.add(line);
                }
              });
      assertEquals(60, training.points().size());
      assertEquals(
          loss,
          List.of(),
          told.stream().filter(line -> line.startsWith("loss not compiled")).toList());
      double mIoU = evaluations.get(0).iterations().get(0).values().get("mIoU");
      // background alone has 0.46
      assertTrue(loss + ": " + mIoU, mIoU > 0.6);
      try (Session session = bench.networks.open("binary", "test", Device.cpu())) {
        assertEquals(
            List.of("background", "crack"),
            session.trainedOn().classes().entries().stream().map(entry -> entry.name()).toList());
      }
    }
  }

  private static Map<String, Object> options(Path data, String loss) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("dataset", "folder");
    options.put("data", data.toString());
    options.put("size", "24x24");
    options.put("transforms", "photometric,scale:min=0.8:max=1.25,rotate,balanced-crop,flip");
    options.put("loss", loss);
    options.put("steps", 60);
    options.put("threads", 1);
    options.put("eval_every", 60);
    options.put("batch", 4);
    options.put("optimizer", "adamw");
    options.put("lr", 0.01);
    options.put("schedule", "cosine");
    options.put("warmup", 5);
    options.put("norm_bias_decay", 0);
    options.put("ema", 0.6);
    return options;
  }
}
