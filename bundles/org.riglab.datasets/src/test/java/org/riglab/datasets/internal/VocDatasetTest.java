package org.riglab.datasets.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.Assume;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

public class VocDatasetTest {
  /** Real images; the test that needs them is skipped where they are not. */
  private static final Path REAL =
      Path.of(System.getProperty("riglab.shared", "../../../shared"), "data/VOCdevkit");

  private static final String VOC2012 = "VOCdevkit/VOC2012";
  private static final String LAYOUT =
      ", expected VOC2012 with JPEGImages, SegmentationClass and ImageSets/Segmentation, or a"
          + " directory with VOCdevkit/VOC2012 in it";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void opensTheRealOne() {
    Assume.assumeTrue("no " + REAL, Files.isDirectory(REAL));
    Images images = open(REAL);
    assertEquals(List.of("train", "val", "trainaug", "trainval"), images.splits());
    assertEquals(
        List.of(80, 80, 160, 160),
        images.splits().stream().map(name -> images.split(name).size()).toList());
    assertEquals("2007_001073", images.split("train").id(0));
    assertEquals("2011_002817", images.split("trainaug").id(159));
    // These numbers are PIL's and NumPy's.
    assertEquals(
        "[9198790, 0, 5300, 0, 0, 7698, 13040, 45928, 791787, 316718, 433248, 16761, 906475,"
            + " 413436, 81250, 338417, 43060, 390109, 681282, 0, 1706, 940135]",
        Arrays.toString(pixels(images.split("val"))));
    assertEquals(
        "[18185120, 0, 0, 220, 0, 4594, 0, 200949, 1839611, 610741, 938154, 116478, 1386047,"
            + " 865251, 25174, 1393976, 39500, 948476, 1146775, 0, 161312, 895990]",
        Arrays.toString(pixels(images.split("trainaug"))));
    Sample cow = images.split("val").sample(0);
    assertEquals("2007_001733", cow.id());
    assertEquals(List.of(500, 500), List.of(cow.height(), cow.width()));
    assertEquals(17, cow.label()[255 * 500 + 16]);
    assertEquals((byte) 255, cow.label()[248 * 500 + 161]);
    int middle = 3 * (250 * 500 + 250);
    // Decoders of JPEG may differ by a little
    assertEquals(74, Byte.toUnsignedInt(cow.image()[middle]), 2);
    assertEquals(61, Byte.toUnsignedInt(cow.image()[middle + 1]), 2);
    assertEquals(53, Byte.toUnsignedInt(cow.image()[middle + 2]), 2);
  }

  @Test
  public void hasTheClassesAndColoursOfTheDevelopmentKit() throws IOException {
    ClassTable classes = open(devkit()).classes();
    assertEquals(21, classes.size());
    assertEquals(new ClassTable.Entry("background", 0), classes.entries().get(0));
    assertEquals(new ClassTable.Entry("aeroplane", 0x800000), classes.entries().get(1));
    assertEquals(new ClassTable.Entry("chair", 0xc00000), classes.entries().get(9));
    assertEquals(new ClassTable.Entry("tvmonitor", 0x004080), classes.entries().get(20));
    assertEquals(0xe0e0c0, VocColours.of(255));
  }

  @Test
  public void findsTheDevelopmentKitFromAboveAndFromWithin() throws IOException {
    Path root = devkit();
    for (Path directory : List.of(root, root.resolve("VOCdevkit"), root.resolve(VOC2012))) {
      assertEquals(2, open(directory).split("train").size());
    }
    assertMessage(
        "voc2012: no VOC2012 in " + root.resolve(VOC2012 + "/JPEGImages") + LAYOUT,
        () -> open(root.resolve(VOC2012 + "/JPEGImages")));
    assertMessage(
        "voc2012: no data directory" + LAYOUT,
        () -> new VocDataset().open(Optional.empty(), new TestOptions(Map.of())));
    Files.delete(root.resolve(VOC2012 + "/SegmentationClass"));
    assertMessage(
        "voc2012: no directory " + root.resolve(VOC2012 + "/SegmentationClass") + LAYOUT,
        () -> open(root));
  }

  @Test
  public void trainvalIsBothInOrderUnlessThereIsAList() throws IOException {
    Path root = devkit();
    assertEquals(List.of("2007_1", "2007_2", "2007_3", "2007_4"), ids(open(root), "trainval"));
    list(root, "trainval", "2007_4", "2007_2");
    assertEquals(List.of("2007_4", "2007_2"), ids(open(root), "trainval"));
  }

  @Test
  public void namesListsThatAreMissingEmptyOrRepeating() throws IOException {
    Path root = devkit();
    Path list = root.resolve(VOC2012 + "/ImageSets/Segmentation/val.txt");
    list(root, "val", "2007_1", "2007_2", "", "2007_1");
    assertMessage(
        list + ": 2007_1 is listed twice, in lines 1 and 4", () -> open(root).split("val"));
    list(root, "val", "", " ");
    assertMessage(list + ": lists no images", () -> open(root).split("val"));
    Files.write(list, new byte[] {(byte) 0xff, (byte) 0xd8, 0, 3});
    assertMessage(
        list + ": not a text file in UTF-8, expected one image per line; save it as UTF-8",
        () -> open(root).split("val"));
    Files.delete(list);
    assertMessage(list + ": no such file", () -> open(root).split("val"));
  }

  /**
   * The rule, on lists in the proportions of the real ones: SBD's two lists (8,498 and 2,857 ids,
   * 11,355 together) and VOC's (1,464 and 1,449) overlap in every way.
   */
  @Test
  public void trainaugIsTheUnionLessWhatVocValidatesOn() {
    // Ids 0 to 11354 are SBD's. VOC's training and validation images are in part among them.
    List<String> sbdTrain = range(0, 8498);
    List<String> sbdVal = range(8498, 11355);
    List<String> train = range(10568, 10568 + 1464);
    List<String> val = range(8000, 8000 + 1449);
    List<String> union = SbdRelease.union(train, val, List.of(sbdTrain, sbdVal));
    assertEquals(12032 - 1449, union.size());
    assertEquals(union, union.stream().sorted().distinct().toList());
    assertEquals("07999", union.get(7999));
    assertEquals("09449", union.get(8000));

    // An image that VOC lists for both would be validated on.
    assertEquals(
        List.of("a", "c", "e"),
        SbdRelease.union(
            List.of("c", "a", "b"), List.of("d", "b"), List.of(List.of("d", "e"), List.of("a"))));
  }

  @Test
  public void makesTrainaugFromTheTwoDownloads() throws IOException {
    Path root = devkit();
    Path sbd = folder.newFolder("benchmark_RELEASE").toPath().resolve("dataset");
    Files.createDirectories(sbd.resolve("img"));
    Files.createDirectories(sbd.resolve("cls"));
    Files.write(sbd.resolve("train.txt"), List.of("2007_2", "2008_1", "2007_3"));
    Files.write(sbd.resolve("val.txt"), List.of("2008_0", "2007_4"));
    picture(root.resolve(VOC2012 + "/JPEGImages/2007_1.jpg"), 3, 2);
    picture(sbd.resolve("img/2008_1.jpg"), 3, 2);
    BufferedImage own = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    own.getRaster().setPixels(0, 0, 3, 2, new int[] {0, 15, 255, 0, 0, 9});
    ImageIO.write(own, "png", root.resolve(VOC2012 + "/SegmentationClass/2007_1.png").toFile());
    MatBytes format = new MatBytes(ByteOrder.LITTLE_ENDIAN);
    Path mask = sbd.resolve("cls/2008_1.mat");
    Files.write(
        mask,
        format.file(
            format.struct(
                "GTcls",
                1,
                1,
                new String[] {"Segmentation"},
                format.numbers("", MatBytes.UINT8, 2, 3, 2, new byte[] {0, 0, 15, 0, 20, 9}))));

    // From its directory, from above, and absolutely
    for (String option : List.of(".", "benchmark_RELEASE", sbd.toString())) {
      Images images =
          new VocDataset().open(Optional.of(root), new TestOptions(Map.of("sbd", option)));
      assertEquals(List.of("train", "val", "trainaug", "trainval"), images.splits());
      assertEquals(List.of("2007_1", "2007_3", "2008_0", "2008_1"), ids(images, "trainaug"));
      Split trainaug = images.split("trainaug");
      assertArrayEquals(new byte[] {0, 15, -1, 0, 0, 9}, trainaug.sample(0).label());
      assertArrayEquals(new byte[] {0, 15, 20, 0, 0, 9}, trainaug.sample(3).label());
      assertMessage(
          root.resolve(VOC2012 + "/JPEGImages/2007_3.jpg") + ": no such file",
          () -> trainaug.sample(1));
    }
    Images without = open(root);
    assertEquals(List.of("train", "val", "trainval"), without.splits());
    assertMessage(
        "voc2012: no split trainaug: it needs "
            + root.resolve(VOC2012 + "/ImageSets/Segmentation/trainaug.txt")
            + " and SegmentationClassAug, or option sbd=DIR with SBD's benchmark_RELEASE",
        () -> without.split("trainaug"));
    assertMessage(
        "voc2012: no split test, expected one of train, val, trainval",
        () -> without.split("test"));
    Path elsewhere = root.resolve("VOCdevkit");
    assertMessage(
        "voc2012: no SBD in "
            + elsewhere
            + ", expected SBD's benchmark_RELEASE with dataset/img, dataset/cls,"
            + " dataset/train.txt and dataset/val.txt",
        () ->
            new VocDataset()
                .open(Optional.of(root), new TestOptions(Map.of("sbd", elsewhere.toString()))));
  }

  private static List<String> range(int from, int to) {
    return IntStream.range(from, to).mapToObj("%05d"::formatted).toList();
  }

  private static void picture(Path file, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    assertTrue(ImageIO.write(image, "jpg", file.toFile()));
  }

  /** A development kit with lists and without images. */
  private Path devkit() throws IOException {
    Path root = folder.getRoot().toPath();
    for (String name : List.of("JPEGImages", "SegmentationClass", "ImageSets/Segmentation")) {
      Files.createDirectories(root.resolve(VOC2012).resolve(name));
    }
    list(root, "train", "2007_1", "2007_3");
    list(root, "val", "2007_4", "2007_2");
    return root;
  }

  private static void list(Path root, String split, String... ids) throws IOException {
    Files.write(root.resolve(VOC2012 + "/ImageSets/Segmentation/" + split + ".txt"), List.of(ids));
  }

  private static List<String> ids(Images images, String split) {
    Split found = images.split(split);
    return IntStream.range(0, found.size()).mapToObj(found::id).toList();
  }

  private static void assertMessage(String message, ThrowingRunnable action) {
    assertEquals(message, assertThrows(RigException.class, action).getMessage());
  }

  private static long[] pixels(Split split) {
    long[] pixels = new long[22];
    for (int i = 0; i < split.size(); i++) {
      Sample sample = split.sample(i);
      for (byte label : sample.label()) {
        pixels[Math.min(21, Byte.toUnsignedInt(label))]++;
      }
    }
    return pixels;
  }

  private static Images open(Path directory) {
    return new VocDataset().open(Optional.of(directory), new TestOptions(Map.of()));
  }
}
