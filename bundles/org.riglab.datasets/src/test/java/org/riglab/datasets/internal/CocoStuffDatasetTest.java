package org.riglab.datasets.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable.Entry;
import org.riglab.api.data.Images;

public class CocoStuffDatasetTest {
  private static final MatBytes MAT = new MatBytes(ByteOrder.LITTLE_ENDIAN);
  private static final String LAYOUT =
      ", expected COCO-Stuff 10K with images, annotations and imageLists";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path root;

  @Before
  public void makeDataset() throws IOException {
    root = folder.getRoot().toPath();
    for (String name : List.of("images", "annotations", "imageLists")) {
      Files.createDirectory(root.resolve(name));
    }
    image("COCO_train2014_000000000077", 0, 1, 182, 90);
    image("COCO_train2014_000000000113", 0, 0, 0, 12);
    list("train", "COCO_train2014_000000000077", "COCO_train2014_000000000113");
    list("test", "COCO_train2014_000000000113");
  }

  @Test
  public void hasBothIdSpaces() {
    Images packed = open(171);
    Images all = open(182);
    assertEquals(List.of("train", "test"), packed.splits());
    assertEquals(171, packed.classes().size());
    assertEquals(182, all.classes().size());
    assertArrayEquals(new byte[] {-1, 0, (byte) 170, 79}, packed.split("train").sample(0).label());
    assertArrayEquals(new byte[] {-1, 0, (byte) 181, 89}, all.split("train").sample(0).label());
    assertNotEquals(packed.split("train").fingerprint(), all.split("train").fingerprint());
    assertArrayEquals(new byte[] {-1, -1, -1, 11}, all.split("test").sample(0).label());
    assertMessage(
        root.resolve("annotations/COCO_train2014_000000000113.mat")
            + ": S has 12 in row 1, column 1, expected 0 to 182 without the 11 that never occur"
            + " (option ids=182 has them)",
        () -> packed.split("test").sample(0));
  }

  @Test
  public void namesClassesAsTheOfficialListDoes() {
    List<Entry> all = open(182).classes().entries();
    // By id - 1: first and last things and stuff, and the ends of the lines of the list
    Map<Integer, String> names =
        Map.of(
            1,
            "person",
            10,
            "traffic light",
            12,
            "street sign",
            46,
            "wine glass",
            90,
            "toothbrush",
            91,
            "hair brush",
            92,
            "banner",
            110,
            "desk-stuff",
            171,
            "wall-brick",
            182,
            "wood");
    names.forEach((id, name) -> assertEquals(name, all.get(id - 1).name()));
    List<Entry> packed = open(171).classes().entries();
    assertEquals("toothbrush", packed.get(79).name());
    assertEquals("banner", packed.get(80).name());
    assertEquals("wood", packed.get(170).name());
    assertTrue("the same names and colours", new HashSet<>(all).containsAll(packed));
    assertEquals(182, new HashSet<>(all).size());
    assertEquals(182, all.stream().map(Entry::rgb).distinct().count());
    List<String> absent =
        all.stream().filter(entry -> !packed.contains(entry)).map(Entry::name).toList();
    assertEquals(
        List.of(
            "street sign",
            "hat",
            "shoe",
            "eye glasses",
            "plate",
            "mirror",
            "window",
            "desk",
            "door",
            "blender",
            "hair brush"),
        absent);
  }

  @Test
  public void takesTheListOfAllWhereThereIsOne() throws IOException {
    list("all", "COCO_train2014_000000000113", "COCO_train2014_000000000077");
    Images images = open(182);
    assertEquals(List.of("train", "test", "all"), images.splits());
    assertEquals("COCO_train2014_000000000113", images.split("all").id(0));
  }

  @Test
  public void namesWhatIsWrong() throws IOException {
    assertMessage("cocostuff10k: option ids is 172, expected 171 or 182", () -> open(172));
    assertMessage(
        "cocostuff10k: no data directory" + LAYOUT,
        () -> new CocoStuffDataset().open(Optional.empty(), new TestOptions(Map.of())));
    Files.delete(root.resolve("imageLists/test.txt"));
    assertMessage(
        root.resolve("imageLists/test.txt") + ": no such file", () -> open(171).split("test"));
    Files.delete(root.resolve("imageLists/train.txt"));
    Files.delete(root.resolve("imageLists"));
    assertMessage(
        "cocostuff10k: no directory " + root.resolve("imageLists") + LAYOUT, () -> open(171));
  }

  private Images open(int ids) {
    return new CocoStuffDataset().open(Optional.of(root), new TestOptions(Map.of("ids", ids)));
  }

  /** 2 x 2 pixels, ids row by row. */
  private void image(String id, int... ids) throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_3BYTE_BGR);
    assertTrue(ImageIO.write(image, "jpg", root.resolve("images/" + id + ".jpg").toFile()));
    byte[] columns = {(byte) ids[0], (byte) ids[2], (byte) ids[1], (byte) ids[3]};
    Files.write(
        root.resolve("annotations/" + id + ".mat"),
        MAT.file(MAT.compressed(MAT.numbers("S", MatBytes.DOUBLE, 2, 2, 2, columns))));
  }

  private void list(String split, String... ids) throws IOException {
    Files.write(root.resolve("imageLists/" + split + ".txt"), List.of(ids));
  }

  private static void assertMessage(String message, ThrowingRunnable action) {
    assertEquals(message, assertThrows(RigException.class, action).getMessage());
  }
}
