package org.riglab.spark.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.BulkPredictor;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Stopping;
import org.riglab.api.engine.EngineSetup;
import org.riglab.api.engine.SparkSetup;
import org.riglab.base.Json;
import org.riglab.graph.internal.export.ExporterService;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.LocalBulkPredictor;
import org.riglab.report.internal.ReportService;

/** A driver with threads for executors, against this process. */
public class SparkPredictorTest {
  private static final String BAD = "bad";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<String> told = new ArrayList<>();
  private Path root;
  private Path images;
  private Bench bench;
  private Optional<Path> spark;
  private SparkPredictor predictor;
  private LocalBulkPredictor local;

  @Before
  public void network() throws IOException {
    root = folder.getRoot().toPath().toRealPath();
    images = Files.createDirectories(root.resolve("images"));
    bench = Benches.create(root.resolve("home"));
    bench.networks.assemble(
        "rig",
        bench.networks.spec(
            Json.parse(
                """
                {"classes": 6, "iterations": 2, "feedback": [4, 6], "unroll": "parallel",
                 "backbone": {"name": "resnet", "layers": [1, 1, 1, 1], "width": 8,
                              "output_stride": 8}}\
                """,
                "spec"),
            "spec"),
        false);
    spark = Optional.of(SparkJars.install(root.resolve("spark")));
    SparkSetup setup =
        new SparkSetup() {
          @Override
          public String version() {
            return "";
          }

          @Override
          public Optional<Path> home() {
            return spark;
          }

          @Override
          public Path fetch(EngineSetup.Watcher watcher) {
            throw new AssertionError();
          }
        };
    predictor =
        new SparkPredictor(
            bench.networks,
            new ExporterService(),
            setup,
            new Launch(SparkJars.ours(), List.of(), false, ""),
            root.resolve("home"));
    local = new LocalBulkPredictor(bench.networks, new ReportService());
  }

  @After
  public void close() {
    bench.close();
  }

  private void image(String name, int height, int width) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(name.hashCode());
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, (x / 9 * 40 + y / 7 * 90 + random.nextInt(60)) * 0x10305);
      }
    }
    ImageIO.write(image, "png", images.resolve(name + ".png").toFile());
  }

  private void images() throws IOException {
    for (int i = 0; i < 6; i++) {
      image("image" + i, 40 + 8 * i, 72 - 5 * i);
    }
    Files.writeString(images.resolve(BAD + ".png"), "no image");
  }

  private BulkPredictor.Outcome predict(
      BulkPredictor engine, Path input, String output, Inference inference, String master)
      throws InterruptedException {
    return engine.predict(
        new BulkPredictor.Job(
            "rig", input, root.resolve(output), inference, false, master, List.of()),
        new BulkPredictor.Watcher() {
          @Override
          public void progress(long done, long total) {
            told.add(done + " of " + total);
          }

          @Override
          public void failed(String image, String reason) {
            told.add(image + ": " + reason);
          }

          @Override
          public void message(String line) {
            told.add(line);
          }
        });
  }

  private static void assertOutcome(
      long images, long earlier, long failed, BulkPredictor.Outcome outcome) {
    assertEquals(
        List.of(images, earlier, failed),
        List.of(outcome.images(), outcome.earlier(), outcome.failed()));
  }

  private Map<String, byte[]> files(String output) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    Path directory = root.resolve(output);
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        if (!file.startsWith(directory.resolve("job"))) {
          files.put(directory.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  private void assertSame(String expected, String output) throws IOException {
    Map<String, byte[]> want = files(expected);
    Map<String, byte[]> got = files(output);
    assertEquals(want.keySet(), got.keySet());
    want.forEach((name, bytes) -> assertArrayEquals(name, bytes, got.get(name)));
  }

  @Test
  public void writesWhatThisProcessWritesAndContinues() throws Exception {
    images();
    assertOutcome(6, 0, 1, predict(local, images, "local", Inference.PLAIN, ""));
    assertTrue(Files.readString(root.resolve("local/failed.csv")).contains("\nbad,"));
    assertEquals(9, files("local").size() + 1); // six label maps and two tables
    assertOutcome(6, 0, 1, predict(predictor, images, "out", Inference.PLAIN, "local[2]"));
    assertSame("local", "out");
    assertEquals(2, told.stream().filter(line -> line.startsWith("bad: ")).count());
    assertTrue(told.contains("7 of 7"));

    // What a killed job leaves: a label map without its line, a line without its label map
    Files.delete(root.resolve("out/scores.csv"));
    Files.delete(root.resolve("out/labels/image2.png"));
    image(BAD, 48, 48);
    assertOutcome(2, 5, 0, predict(predictor, images, "out", Inference.PLAIN, "local[2]"));
    Files.delete(root.resolve("local/labels/image2.png"));
    assertOutcome(2, 5, 0, predict(local, images, "local", Inference.PLAIN, ""));
    assertSame("local", "out");
    assertFalse(Files.exists(root.resolve("out/failed.csv")));
    try (Stream<Path> left = Files.list(root.resolve("home/spark"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  public void readsParquetAndAllSettingsOfInference() throws Exception {
    images();
    Path table = root.resolve("table.parquet");
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message t { required binary path (UTF8); optional binary content; }");
    try (ParquetWriter<Group> writer =
            ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(table.toUri()))
                .withType(schema)
                .withConf(new Configuration(false))
                .build();
        Stream<Path> files = Files.list(images)) {
      for (Path file : files.toList()) {
        Group row = new SimpleGroupFactory(schema).newGroup();
        row.add("path", file.toString());
        row.add("content", Binary.fromConstantByteArray(Files.readAllBytes(file)));
        writer.write(row);
      }
    }
    Inference inference =
        new Inference(
            List.of(0.5, 1.0),
            true,
            List.of(48, 48),
            0.5,
            List.of(0.75, 1.0),
            new Stopping(3, 0, 0, ""));
    assertOutcome(6, 0, 1, predict(local, images, "local", inference, ""));
    assertOutcome(6, 0, 1, predict(predictor, table, "out", inference, "local[2]"));
    Files.delete(root.resolve("local/failed.csv")); // the reason names the file
    assertTrue(Files.readString(root.resolve("out/failed.csv")).contains("\nbad,"));
    Files.delete(root.resolve("out/failed.csv"));
    assertSame("local", "out");
  }

  private void assertRefused(Kind kind, String words, Path input, Inference how, String master) {
    RigException e =
        assertThrows(RigException.class, () -> predict(predictor, input, "out", how, master));
    assertEquals(e.getMessage(), kind, e.kind());
    assertTrue(e.getMessage(), e.getMessage().contains(words));
    assertFalse(Files.exists(root.resolve("out")));
    assertFalse(
        Files.exists(root.resolve("home/spark"))
            && root.resolve("home/spark").toFile().list().length > 0);
  }

  @Test
  public void refusesBeforeAnythingIsWritten() throws Exception {
    image("one", 40, 40);
    Inference plain = Inference.PLAIN;
    assertRefused(Kind.INVALID, "needs --master", images, plain, "");
    for (String url :
        List.of(
            "yarn", "spark://", "spark://host", "spark://host:99999", "http://h:1", "local[x]")) {
      assertRefused(Kind.INVALID, "'" + url + "' is not the URL", images, plain, url);
    }
    assertRefused(
        Kind.UNAVAILABLE,
        "no Spark master answers at 127.0.0.1:1",
        images,
        plain,
        "spark://127.0.0.1:1");
    Path missing = root.resolve("missing");
    assertRefused(Kind.NOT_FOUND, "there is no file or directory", missing, plain, "local");
    Path empty = Files.createDirectories(root.resolve("empty"));
    assertRefused(Kind.NOT_FOUND, "there is no PNG", empty, plain, "local");
    Path text = Files.writeString(root.resolve("a.txt"), "");
    assertRefused(Kind.INVALID, "neither a directory", text, plain, "local");
    Inference until =
        new Inference(
            List.of(1.0), false, List.of(), 0.5, List.of(), new Stopping(0, 0, 0, "stable:1"));
    assertRefused(Kind.INVALID, "--until", images, until, "local");
    spark = Optional.empty();
    assertRefused(Kind.UNAVAILABLE, "rig spark setup", images, plain, "local");
  }

  @Test
  public void refusesTheOutputOfAnotherJob() throws Exception {
    image("one", 40, 40);
    predict(local, images, "out", Inference.PLAIN, "");
    Map<String, byte[]> before = files("out");
    Inference flip = new Inference(List.of(1.0), true, List.of(), 0.5, List.of());
    for (BulkPredictor engine : List.of(local, predictor)) {
      RigException e =
          assertThrows(
              RigException.class,
              () -> predict(engine, images, "out", flip, engine == local ? "" : "local"));
      assertEquals(Kind.CONFLICT, e.kind());
    }
    assertEquals(before.keySet(), files("out").keySet());
  }
}
