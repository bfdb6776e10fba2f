package org.riglab.runs.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.lab.Gallery;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.report.internal.ReportService;

/** Pictures of 2x3 images whose network says what a test says. */
public class PicturesTest {
  private static final ClassTable CLASSES =
      new ClassTable(
          List.of(new ClassTable.Entry("sky", 0x112233), new ClassTable.Entry("road", 0x445566)));
  private static final int VOID = Dataset.VOID;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<byte[]> answers = new ArrayList<>();
  private final List<String> opened = new ArrayList<>();
  private final List<String> files = new ArrayList<>();
  private boolean there = true;
  private Path home;
  private Pictures pictures;

  @Before
  public void open() throws IOException {
    home = folder.getRoot().toPath();
    checkpoint("rig-1", 4);
    Files.writeString(home.resolve("runs/rig-1/initial.safetensors"), "of an evaluation");
    answers.add(labels(0, 0, 0, 0, 0, 0));
    answers.add(labels(0, 1, 1, 0, 1, 0));
    pictures = new Pictures(networks(), predictions(), registry());
    pictures.report = new ReportService();
  }

  private void checkpoint(String run, int step) throws IOException {
    Path path = Files.createDirectories(home.resolve("runs").resolve(run).resolve("step-" + step));
    Files.writeString(path.resolve("weights.safetensors"), "weights");
    Files.writeString(
        path.resolveSibling("checkpoints.json"), "{\"last\": \"step-%d\"}".formatted(step));
  }

  private static byte[] labels(int... labels) {
    byte[] bytes = new byte[labels.length];
    for (int i = 0; i < labels.length; i++) {
      bytes[i] = (byte) labels[i];
    }
    return bytes;
  }

  @SuppressWarnings("unchecked")
  private static <T> T fake(Class<T> type, Map<String, Function<Object[], Object>> methods) {
    return (T)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> methods.get(method.getName()).apply(arguments));
  }

  private Networks networks() {
    return fake(Networks.class, Map.of("home", a -> home));
  }

  private Predictions predictions() {
    FeatureMap map = new FeatureMap(2, 1, 2, new float[] {1, 2, 3, 5});
    Predictions.Opened network =
        fake(
            Predictions.Opened.class,
            Map.of(
                "predict",
                a -> new Prediction(2, 3, List.copyOf(answers), Map.of("gate.5.t2", map)),
                "close",
                a -> null));
    return fake(
        Predictions.class,
        Map.of(
            "open",
            a -> {
              files.add(home.relativize((Path) a[0]).toString());
              return network;
            }));
  }

  private Registry registry() {
    Split split =
        fake(
            Split.class,
            Map.of(
                "size",
                a -> 10,
                "id",
                a -> "id-" + a[0],
                "sample",
                a ->
                    new Sample(
                        "id-" + a[0],
                        2,
                        3,
                        new byte[18],
                        (Integer) a[0] == 9
                            ? labels(VOID, VOID, VOID, VOID, VOID, VOID)
                            : labels(0, 1, 1, VOID, VOID, 1))));
    Images images =
        fake(
            Images.class,
            Map.of(
                "classes",
                a -> CLASSES,
                "splits",
                a -> List.of("train", "val"),
                "split",
                a -> {
                  opened.add((String) a[0]);
                  return split;
                }));
    Dataset dataset = fake(Dataset.class, Map.of("open", a -> images));
    return fake(
        Registry.class,
        Map.of(
            "lease",
            a -> {
              if (!there) {
                throw new RigException("there is no dataset 'shapes'");
              }
              return fake(Lease.class, Map.of("service", b -> dataset, "close", b -> home));
            },
            "options",
            a -> fake(org.riglab.api.Options.class, Map.of())));
  }

  private Run run(Run.Kind kind, Map<String, Object> spec) {
    Map<String, Object> whole = new LinkedHashMap<>(spec);
    whole.put("dataset", Map.of("name", "shapes"));
    return new Run(
        7,
        "rig",
        kind,
        Run.State.DONE,
        "rig",
        Map.of(),
        whole,
        0,
        0,
        List.of(),
        "cpu",
        0,
        0,
        Map.of(),
        Map.of(),
        new Run.Progress(1, 1, 0, 0),
        Map.of(),
        "",
        List.of(),
        new Run.Times(Instant.EPOCH, Optional.empty(), Optional.empty(), 0),
        "runs/rig-1");
  }

  private static BufferedImage layer(Gallery.Picture picture, String name) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(picture.layers().get(name)));
  }

  @Test
  public void aPictureShowsEachIterationAndTheGates() throws Exception {
    Gallery.Picture picture = pictures.picture(run(Run.Kind.TRAIN, Map.of()), 3);
    assertEquals("id-3", picture.image());
    assertFalse(picture.kept());
    // Four pixels count: one of them is right at first, then three.
    assertEquals(List.of(0.25, 0.75), picture.accuracy());
    assertEquals(
        List.of("image", "label", "t1", "t2", "gate.5.t2"), List.copyOf(picture.layers().keySet()));
    assertEquals(List.of(new Gallery.GateMap("gate.5.t2", 5, 2, 2, 3.5)), picture.gates());
    assertEquals(0xff445566, layer(picture, "t2").getRGB(1, 0));
    assertEquals(0xff112233, layer(picture, "t1").getRGB(1, 0));
    assertEquals("void is transparent", 0, layer(picture, "label").getRGB(0, 1));
    BufferedImage gate = layer(picture, "gate.5.t2");
    assertEquals(2, gate.getWidth());
    assertEquals(0, gate.getRaster().getSample(0, 0, 0));
    assertEquals(255, gate.getRaster().getSample(1, 0, 0));
    assertEquals(List.of("val"), opened);
    assertEquals(List.of("runs/rig-1/step-4/weights.safetensors"), files);
    try (var left = Files.list(home.resolve("cache"))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  public void whatARunKeepsStaysWhenDataAndNetworkAreGone() {
    Run run = run(Run.Kind.EVAL, Map.of("split", "test"));
    pictures.keep(run, 4, () -> false);
    assertEquals(List.of("test"), opened);
    Gallery.Picture before = pictures.picture(run, 5);
    there = false;
    answers.clear();
    assertEquals("what was evaluated", List.of("runs/rig-1/initial.safetensors"), files);
    Gallery.Listing listing = pictures.list(run);
    assertEquals(List.of(0, 2, 5, 7), listing.kept());
    assertEquals(10, listing.images().size());
    assertEquals(CLASSES, listing.classes());
    Gallery.Picture after = pictures.picture(run, 5);
    assertTrue(after.kept());
    assertEquals(before.accuracy(), after.accuracy());
    assertArrayEquals(before.layers().get("t2"), after.layers().get("t2"));
    assertThrows(RigException.class, () -> pictures.picture(run, 4));
  }

  @Test
  public void linksInTheFolderOfARunAreNotFollowed() throws Exception {
    Run run = run(Run.Kind.TRAIN, Map.of());
    pictures.keep(run, 1, () -> false);
    Gallery.Picture picture = pictures.picture(run, 0);
    String layer = picture.layers().keySet().iterator().next();
    Path file = home.resolve(run.folder()).resolve("pictures/0").resolve(layer + ".png");
    Path secret = Files.writeString(home.resolve("secret"), "not a picture");
    Files.delete(file);
    Files.createSymbolicLink(file, secret);
    RigException e = assertThrows(RigException.class, () -> pictures.picture(run, 0));
    assertEquals(RigException.Kind.NOT_FOUND, e.kind());
    Path folder = home.resolve(run.folder());
    Files.writeString(secret, "{\"network\": \"rig\"}");
    Files.deleteIfExists(folder.resolve("spec.json"));
    Files.createSymbolicLink(folder.resolve("spec.json"), secret);
    assertThrows(RigException.class, () -> new RunFolder(home, run.folder()).spec());
  }

  @Test
  public void withoutValidationThereAreNone() {
    Run run = run(Run.Kind.TRAIN, Map.of("val_split", "none"));
    pictures.keep(run, 4, () -> false);
    assertFalse(pictures.has(run));
    RigException e = assertThrows(RigException.class, () -> pictures.list(run));
    assertEquals(RigException.Kind.NOT_FOUND, e.kind());
    assertTrue(e.getMessage(), e.getMessage().endsWith("trained without a validation split"));
    assertThrows(RigException.class, () -> pictures.picture(run, 0));
  }

  @Test
  public void noPixelThatCountsHasNoAccuracy() {
    Run run = run(Run.Kind.TRAIN, Map.of("val_split", "train"));
    assertEquals(List.of(Double.NaN, Double.NaN), pictures.picture(run, 9).accuracy());
    assertEquals(List.of("train"), opened);
  }

  @Test
  public void allThatARunKeepsOrNothing() throws Exception {
    Run run = run(Run.Kind.TRAIN, Map.of());
    pictures.keep(run, 2, () -> false);
    int[] asked = {0};
    pictures.keep(run, 4, () -> ++asked[0] > 2);
    assertEquals(List.of(0, 5), pictures.list(run).kept());
    try (var left = Files.list(home.resolve("runs/rig-1"))) {
      assertEquals(
          List.of("checkpoints.json", "initial.safetensors", "pictures", "step-4"),
          left.map(file -> file.getFileName().toString()).sorted().toList());
    }
    pictures.keep(run, 0, () -> false);
    assertEquals(List.of(0, 5), pictures.list(run).kept());
  }

  private LabService lab(int count) {
    return new LabService(
        networks(),
        null,
        null,
        null,
        registry(),
        new Provenance(List::of, List::of),
        null,
        pictures,
        new Limits(List.of("cpu"), 1, 0, false, 0, count, 0, 0, 0, 3),
        ThreadHost.SETTINGS,
        null,
        new Clusters(List.of()),
        Clock.systemUTC());
  }

  @Test
  public void aTrainingOfAnotherProcessKeepsPicturesOnceItIsDone() throws Exception {
    Path run = home.resolve("runs/rig-1");
    Files.writeString(
        run.resolve("spec.json"),
        "{\"network\": \"rig\", \"dataset\": \"shapes\", \"steps\": 1, \"val_split\": \"val\"}");
    Files.writeString(run.resolve("steps.jsonl"), "{\"step\":1,\"loss\":2.5,\"lr\":0.1}\n");
    LabService lab = lab(2);
    assertEquals(1, lab.index(run).size());
    assertFalse("it goes on", Files.exists(run.resolve("pictures")));
    Files.writeString(run.resolve("end.json"), "{\"end\": \"FINISHED\"}");
    assertEquals("to look costs nothing", 1, lab.list(Lab.Query.ALL).total());
    assertFalse(Files.exists(run.resolve("pictures")));
    assertEquals("known already", 0, lab.index(run).size());
    assertEquals(List.of(0, 5), pictures.list(lab.run(1)).kept());
    opened.clear();
    lab.index(run);
    assertEquals("once is enough", List.of(), opened);
    lab.close();

    LabService none = lab(0);
    Path other = home.resolve("runs/rig-2");
    Files.move(run, other);
    try (var kept = Files.walk(other.resolve("pictures"))) {
      for (Path file : kept.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    none.index(other);
    assertFalse("nobody wants any", Files.exists(other.resolve("pictures")));
    none.close();
  }

  @Test
  public void anImageThatIsNotThereIsRefused() {
    RigException refused =
        assertThrows(RigException.class, () -> pictures.picture(run(Run.Kind.TRAIN, Map.of()), 10));
    assertEquals("there is no image 10; the split has 10", refused.getMessage());
  }

  @Test
  public void aRunWithoutCheckpointHasNoPicturesButThoseItKeeps() throws Exception {
    Run run = run(Run.Kind.TRAIN, Map.of());
    assertTrue(pictures.list(run).others());
    pictures.keep(run, 1, () -> false);
    Files.delete(home.resolve("runs/rig-1/step-4/weights.safetensors"));
    assertFalse(pictures.list(run).others());
    assertTrue(pictures.picture(run, 0).kept());
    RigException refused = assertThrows(RigException.class, () -> pictures.picture(run, 3));
    assertEquals("run 7 has no checkpoint to make pictures from", refused.getMessage());
    assertEquals(RigException.Kind.NOT_FOUND, refused.kind());
  }

  @Test
  public void aTrainingKeepsWhatItPredictedAtEachEvaluation() throws Exception {
    Run run = run(Run.Kind.TRAIN, Map.of());
    List<Observer.Predicted> predicted =
        List.of(new Observer.Predicted(5, 2, 3, labels(0, 1, 1, VOID, VOID, 1), answers));
    pictures.keep(run, 100, predicted, CLASSES);
    answers.set(1, labels(0, 1, 1, 0, 0, 1));
    pictures.keep(run, 200, predicted, CLASSES);
    Gallery.Listing listing = pictures.list(run);
    assertEquals(List.of(100L, 200L), listing.steps());
    assertEquals(List.of(5), listing.stepImages());
    Gallery.Picture early = pictures.picture(run, 5, 100);
    assertEquals("id-5", early.image());
    assertEquals(List.of(0.25, 0.75), early.accuracy());
    assertEquals(List.of(0.25, 1.0), pictures.picture(run, 5, 200).accuracy());
    assertEquals(0xff445566, layer(early, "t2").getRGB(1, 0));
    assertEquals(0xff112233, layer(early, "t2").getRGB(2, 1) | 0);
    assertEquals("void is transparent", 0, layer(early, "label").getRGB(0, 1));
    // The pictures of the end come beside them.
    pictures.keep(run, 1, () -> false);
    assertEquals(List.of(100L, 200L), pictures.list(run).steps());
    assertThrows(RigException.class, () -> pictures.picture(run, 5, 150));
    for (long step = 300; step <= 300 + 100 * StepPictures.MOST; step += 100) {
      pictures.keep(run, step, predicted, CLASSES);
    }
    List<Long> steps = pictures.list(run).steps();
    assertTrue("thinned: " + steps, steps.size() <= StepPictures.MOST);
    assertEquals(300 + 100L * StepPictures.MOST, (long) steps.get(steps.size() - 1));
  }

  @Test
  public void aPictureHasTheSizeOfItsPrediction() {
    byte[] rgb = new byte[12];
    rgb[9] = 7; // red of the last pixel of 2x2
    assertEquals(7, StepPictures.resized(new RgbImage(2, 2, rgb), 4, 4).rgb()[3 * 15]);
    assertEquals(0, StepPictures.resized(new RgbImage(2, 2, rgb), 4, 4).rgb()[3 * 5]);
  }
}
