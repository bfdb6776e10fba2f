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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable.Entry;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

public class FolderDatasetTest {
  private static final String CLASSES =
      "\"classes\": [{\"name\": \"road\", \"colour\": \"#804080\"},"
          + " {\"name\": \"sky\", \"colour\": \"#4682b4\"}, {\"name\": \"tree\"}]";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path root;
  private Path table;

  @Before
  public void makeDirectories() throws IOException {
    root = folder.getRoot().toPath();
    table = root.resolve("classes.json");
    Files.createDirectory(root.resolve("images"));
    Files.createDirectory(root.resolve("labels"));
  }

  @Test
  public void takesEverythingInOrderOfNames() throws IOException {
    table("{" + CLASSES + "}");
    image("images/b.JPG");
    image("images/a.1.png");
    Files.writeString(root.resolve("images/.hidden.png"), "not an image");
    Files.writeString(root.resolve("images/notes.txt"), "not an image");
    grey("labels/a.1.png", 0, 1, 2, 255);
    grey("labels/b.png", 2, 2, 2, 3);
    Images images = open();
    assertEquals(List.of("all"), images.splits());
    assertEquals(
        List.of(
            new Entry("road", 0x804080), new Entry("sky", 0x4682b4), new Entry("tree", 0x008000)),
        images.classes().entries());
    Split all = images.split("all");
    assertEquals(List.of("a.1", "b"), ids(all));
    assertArrayEquals(new byte[] {0, 1, 2, -1}, all.sample(0).label());
    assertMessage(
        root.resolve("labels/b.png")
            + ": value 3 in row 1, column 1 means nothing, expected a class or void of "
            + table,
        () -> all.sample(1));
  }

  @Test
  public void takesSubFoldersAndSuffixes() throws IOException {
    table("{" + CLASSES + ", \"splits\": [\"train\", \"val\"], \"label_suffix\": \"_L\"}");
    for (String split : List.of("train", "val")) {
      Files.createDirectory(root.resolve("images/" + split));
      Files.createDirectory(root.resolve("labels/" + split));
      image("images/" + split + "/" + split + "1.png");
      grey("labels/" + split + "/" + split + "1_L.png", 0, 1, 2, 2);
    }
    Images images = open();
    assertEquals(List.of("train", "val"), images.splits());
    assertArrayEquals(new byte[] {0, 1, 2, 2}, images.split("val").sample(0).label());

    image("images/val/val2.png");
    assertMessage(
        root.resolve("labels/val/val2_L.png") + ": no such file",
        () -> open().split("val").sample(1));
    image("images/val/val2.jpg");
    assertMessage(
        root.resolve("images/val/val2.jpg")
            + " and val2.png have the same name but for the ending, expected one of them",
        () -> open().split("val"));
  }

  @Test
  public void takesLists() throws IOException {
    table(
        "{"
            + CLASSES
            + ", \"images\": \"pictures\", \"labels\": \"pictures\", \"label_suffix\": \"_L\","
            + " \"splits\": {\"train\": \"lists/train.txt\", \"val\": \"lists/val.txt\"}}");
    Files.createDirectory(root.resolve("pictures"));
    Files.createDirectory(root.resolve("lists"));
    for (String name : List.of("a", "b", "c")) {
      image("pictures/" + name + ".png");
      grey("pictures/" + name + "_L.png", name.charAt(0) - 'a', 0, 0, 0);
    }
    Files.write(root.resolve("lists/train.txt"), List.of("pictures/c.png", "a"));
    Files.write(root.resolve("lists/val.txt"), List.of("b", "d"));
    Images images = open();
    assertEquals(List.of("c", "a"), ids(images.split("train")));
    assertEquals(2, images.split("train").sample(0).label()[0]);
    Split val = images.split("val");
    assertEquals(1, val.sample(0).label()[0]);
    // For a check to find
    assertMessage(root.resolve("pictures/d.jpg") + ": no such file", () -> val.sample(1));

    table(
        "{"
            + CLASSES
            + ", \"images\": \"pictures\", \"labels\": \"pictures\", \"label_suffix\": \"_L\"}");
    assertEquals(List.of("a", "b", "c"), ids(open().split("all")));
  }

  @Test
  public void mapsNumbers() throws IOException {
    table(
        "{"
            + CLASSES
            + ", \"mapping\": {\"7\": \"road\", \"8\": \"road\", \"23\": \"sky\","
            + " \"40000\": \"tree\"}, \"void\": [0, 65535]}");
    image("images/a.png");
    BufferedImage wide = new BufferedImage(2, 2, BufferedImage.TYPE_USHORT_GRAY);
    wide.getRaster().setPixels(0, 0, 2, 2, new int[] {8, 40000, 65535, 7});
    write("labels/a.png", wide);
    assertArrayEquals(new byte[] {0, 2, -1, 0}, open().split("all").sample(0).label());
    grey("labels/a.png", 7, 23, 0, 0);
    assertArrayEquals(new byte[] {0, 1, -1, -1}, open().split("all").sample(0).label());
    grey("labels/a.png", 7, 23, 255, 0);
    assertMessage(
        root.resolve("labels/a.png")
            + ": value 255 in row 1, column 0 means nothing, expected what \"mapping\" and"
            + " \"void\" in "
            + table
            + " list",
        () -> open().split("all").sample(0));
  }

  @Test
  public void mapsColours() throws IOException {
    image("images/a.png");
    rgb("labels/a.png", 0x804080, 0x008000, 0x4682b4, 0);
    table("{" + CLASSES + ", \"mapping\": \"colours\", \"void\": [\"#000000\"]}");
    assertArrayEquals(new byte[] {0, 2, 1, -1}, open().split("all").sample(0).label());
    String fingerprint = open().split("all").fingerprint();
    table(
        "{"
            + CLASSES
            + ", \"mapping\": {\"#804080\": \"sky\", \"#008000\": \"sky\", \"#4682B4\": \"road\","
            + " \"#000000\": \"tree\"}}");
    assertArrayEquals(new byte[] {1, 1, 0, 2}, open().split("all").sample(0).label());
    assertNotEquals("other labels", fingerprint, open().split("all").fingerprint());
    rgb("labels/a.png", 0x804080, 0x008001, 0x4682b4, 0);
    assertMessage(
        root.resolve("labels/a.png")
            + ": colour #008001 in row 0, column 1 means nothing, expected what \"mapping\" and"
            + " \"void\" in "
            + table
            + " list",
        () -> open().split("all").sample(0));
    grey("labels/a.png", 0, 1, 2, 2);
    assertMessage(
        root.resolve("labels/a.png")
            + ": 1 channel(s) of 8 bits, expected colours: an RGB PNG of 8 bits",
        () -> open().split("all").sample(0));
  }

  @Test
  public void saysHowToDeclareWhatLabelsMean() throws IOException {
    table("{" + CLASSES + "}");
    image("images/a.png");
    String right =
        ", expected indices: a palette or grey PNG of 8 bits. Declare what others mean in "
            + table
            + ": \"mapping\": {\"#804080\": \"road\"} for colours, {\"1000\": \"road\"} for 16"
            + " bits";
    Path label = root.resolve("labels/a.png");
    rgb("labels/a.png", 0, 0, 0, 0);
    assertMessage(label + ": 3 channel(s) of 8 bits" + right, () -> open().split("all").sample(0));
    write("labels/a.png", new BufferedImage(2, 2, BufferedImage.TYPE_USHORT_GRAY));
    assertMessage(label + ": 1 channel(s) of 16 bits" + right, () -> open().split("all").sample(0));
    write("labels/a.jpg", new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY));
    Files.delete(label);
    assertMessage(label + ": no such file", () -> open().split("all").sample(0));
  }

  @Test
  public void namesWhatIsWrongInTheTable() throws IOException {
    image("images/a.png");
    assertMessage(
        table + ": no such file, expected the table of classes (option table names another)",
        this::open);
    wrong("", ": empty, expected a table of classes as JSON");
    wrong(
        "{\"clases\": []}",
        ": 'clases' is unknown; allowed are classes, images, label_suffix, labels, mapping,"
            + " splits, void; the most similar is classes");
    wrong("{}", ": classes is missing, expected a list in brackets");
    String two = ", expected 2 to 255; a binary task has two, for example background and object";
    wrong("{\"classes\": []}", ": 0 classes" + two);
    wrong("{\"classes\": [{\"name\": \"crack\"}]}", ": 1 class" + two);
    String example = ", expected for example {\"name\": \"road\", \"colour\": \"#804080\"}";
    wrong("{\"classes\": [{\"colour\": \"#000000\"}]}", ": classes[0] has no name" + example);
    wrong(
        "{\"classes\": [{\"name\": \"a\", \"color\": 1}]}",
        ": classes[0] is {\"name\":\"a\",\"color\":1}" + example);
    wrong(
        "{\"classes\": [{\"name\": \"a\", \"colour\": \"red\"}]}",
        ": colour of classes[0] is \"red\", expected for example \"#804080\"");
    wrong(
        "{\"classes\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}",
        ": class \"a\" is there twice, expected other names");
    for (String escape : List.of("\\u001b", "\\n", "\\u009d", "\\u007f", "\\u202e", "\\u2028")) {
      wrong(
          "{\"classes\": [{\"name\": \"a%sb\"}]}".formatted(escape),
          ": the name of classes[0] is 'a?b', expected one line of printable characters");
    }
    String c = "{" + CLASSES;
    wrong(
        c + ", \"mapping\": {\"7\": \"rod\"}}",
        ": mapping of 7 is \"rod\", expected one of the classes: road, sky, tree");
    wrong(
        c + ", \"mapping\": {\"7\": \"road\", \"#112233\": \"sky\"}}",
        ": #112233 in mapping, expected whole numbers from 0 to 65535");
    wrong(
        c + ", \"mapping\": \"rgb\"}",
        ": mapping is \"rgb\", expected \"colours\", or an object as {\"7\": \"road\"} or"
            + " {\"#804080\": \"road\"}");
    wrong(c + ", \"void\": [1]}", ": 1 is void and class 1, expected a number of 3 or more");
    wrong(c + ", \"void\": [70000]}", ": 70000 in void, expected whole numbers from 0 to 65535");
    wrong(
        c + ", \"splits\": []}",
        ": no splits, expected at least one, or no key \"splits\" for all images");
    table("{\"classes\": [");
    String message = assertThrows(RigException.class, this::open).getMessage();
    assertTrue(message, message.startsWith(table + " is not a JSON object"));
    table("[1]");
    message = assertThrows(RigException.class, this::open).getMessage();
    assertTrue(message, message.startsWith(table + " holds an array; expected a JSON object"));
  }

  @Test
  public void namesWhatIsMissing() throws IOException {
    String layout = ", expected a directory with images, labels and classes.json";
    assertMessage(
        "folder: no data directory" + layout,
        () -> new FolderDataset().open(Optional.empty(), new TestOptions(Map.of())));
    table("{" + CLASSES + "}");
    assertMessage(
        "folder: no images in "
            + root.resolve("images")
            + ", expected PNG, JPEG, TIFF, BMP, GIF or WebP files",
        () -> open().split("all"));
    Files.delete(root.resolve("images"));
    assertMessage(
        "folder: no directory " + root.resolve("images") + layout, () -> open().split("all"));
  }

  private Images open() {
    return new FolderDataset().open(Optional.of(root), new TestOptions(Map.of()));
  }

  private void table(String json) throws IOException {
    Files.writeString(table, json);
  }

  private void wrong(String json, String message) throws IOException {
    table(json);
    assertMessage(table + message, this::open);
  }

  private void image(String file) throws IOException {
    write(file, new BufferedImage(2, 2, BufferedImage.TYPE_3BYTE_BGR));
  }

  private void grey(String file, int... labels) throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setPixels(0, 0, 2, 2, labels);
    write(file, image);
  }

  private void rgb(String file, int... colours) throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 2, 2, colours, 0, 2);
    write(file, image);
  }

  private void write(String file, BufferedImage image) throws IOException {
    String format = file.endsWith(".png") ? "png" : "jpg";
    assertTrue(ImageIO.write(image, format, root.resolve(file).toFile()));
  }

  private static List<String> ids(Split split) {
    return IntStream.range(0, split.size()).mapToObj(split::id).toList();
  }

  private static void assertMessage(String message, ThrowingRunnable action) {
    assertEquals(message, assertThrows(RigException.class, action).getMessage());
  }
}
