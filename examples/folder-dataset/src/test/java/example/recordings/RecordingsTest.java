package example.recordings;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.testkit.DatasetContract;

/** What every data set must do, and what this one says about wrong files. */
public final class RecordingsTest extends DatasetContract {
  private static final int GROUND = 0x806040;
  private static final int PLANT = 0x20a020;
  private static final int SKY = 0x000000;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path root;
  private int frames;

  @Before
  public void record() throws IOException {
    root = folder.getRoot().toPath();
    Files.writeString(
        root.resolve("classes.csv"),
        "\uFEFFname,r,g,b\nground,128,96,64\nplant, 32,160, 32\n\nvoid,0,0,0\nground,1,2,3\n");
    for (String recording : List.of("monday", "tuesday", "friday")) {
      Files.createDirectories(root.resolve(recording));
      for (int i = 1; i <= 2; i++) {
        frame(recording + "/000" + i, i == 1 ? "jpg" : "PNG", GROUND, PLANT, SKY, 0x010203);
      }
    }
    Files.writeString(root.resolve("monday/notes.txt"), "rain");
    Files.createDirectories(root.resolve("empty"));
  }

  /** An image and label map of 2 rows and 2 columns. */
  private void frame(String name, String ending, int... colours) throws IOException {
    image(root.resolve(name + "." + ending), 2, 2, 0x336600 + 40 * frames++);
    image(root.resolve(name + "_label.png"), 2, colours.length / 2, colours);
  }

  private static void image(Path file, int width, int height, int... colours) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, colours[Math.min(i, colours.length - 1)]);
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    assertTrue(ImageIO.write(image, name.substring(name.length() - 3), file.toFile()));
  }

  @Override
  protected Dataset dataset() {
    return new Recordings();
  }

  @Override
  protected Optional<Path> directory() {
    return Optional.of(root);
  }

  private Images open(String... val) {
    Options options =
        new Options() {
          @Override
          public <T extends Annotation> T as(Class<T> type) {
            return type.cast(
                Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> val));
          }
        };
    return new Recordings().open(Optional.of(root), options);
  }

  private static List<String> ids(Split split) {
    return IntStream.range(0, split.size()).mapToObj(split::id).toList();
  }

  private void assertRefused(String message, String... val) {
    RigException refusal =
        assertThrows(
            RigException.class,
            () -> {
              Split split = open(val).split("train");
              for (int i = 0; i < split.size(); i++) {
                split.sample(i);
              }
            });
    assertEquals(message.replace("ROOT", root.toString()), refusal.getMessage());
  }

  @Test
  public void recordingsAreHeldOutWhole() {
    Images images = open();
    assertEquals(List.of("train", "val"), images.splits());
    assertEquals(
        List.of("friday_0001", "friday_0002", "monday_0001", "monday_0002"),
        ids(images.split("train")));
    assertEquals(List.of("tuesday_0001", "tuesday_0002"), ids(images.split("val")));
    Images other = open("monday", "friday");
    assertEquals(List.of("tuesday_0001", "tuesday_0002"), ids(other.split("train")));
    assertEquals(4, other.split("val").size());
  }

  @Test
  public void listsNameRecordingsAndFrames() throws IOException {
    Files.writeString(root.resolve("train.txt"), "tuesday\nmonday/0002.PNG\n\n");
    Files.writeString(root.resolve("val.txt"), "monday/0001\n");
    Images images = open();
    assertEquals(List.of("train", "val"), images.splits());
    assertEquals(
        List.of("tuesday_0001", "tuesday_0002", "monday_0002"), ids(images.split("train")));
    assertEquals(List.of("monday_0001"), ids(images.split("val")));
    Files.writeString(root.resolve("train.txt"), "sunday\n");
    assertRefused(
        "ROOT/train.txt: there is no recording or frame 'sunday'; recordings are friday, monday,"
            + " tuesday");
    Files.writeString(root.resolve("train.txt"), "monday\nmonday/0001\n");
    assertRefused("ROOT/monday/0001.jpg: a second frame 'monday_0001' in one split; rename one");
  }

  @Test
  public void listsAreThereForTraining() throws IOException {
    Files.writeString(root.resolve("val.txt"), "monday\n");
    assertRefused("ROOT: there is a list for val, but no train.txt");
    Files.writeString(root.resolve("train.txt"), "\n");
    assertRefused("ROOT/train.txt: names no recording");
  }

  @Test
  public void coloursBecomeLabels() {
    Images images = open();
    assertEquals(
        List.of(new ClassTable.Entry("ground", GROUND), new ClassTable.Entry("plant", PLANT)),
        images.classes().entries());
    Sample sample = images.split("val").sample(1);
    assertArrayEquals(new byte[] {0, 1, (byte) 255, 0}, sample.label());
    assertArrayEquals(new byte[] {0x33, 0x66, 3 * 40}, Arrays.copyOf(sample.image(), 3));
  }

  @Test
  public void fingerprintIsOfPixelsAndMeaning() throws IOException {
    String before = open().split("train").fingerprint();
    assertEquals(before, open().split("train").fingerprint());
    image(root.resolve("monday/0001_label.png"), 2, 2, GROUND, PLANT, SKY, GROUND);
    String changed = open().split("train").fingerprint();
    assertNotEquals(before, changed);
    Files.writeString(
        root.resolve("classes.csv"),
        Files.readString(root.resolve("classes.csv")).replace("void,0", "sky,0"));
    assertNotEquals(changed, open().split("train").fingerprint());
  }

  @Test
  public void wrongFilesAreNamed() throws IOException {
    frame("monday/0001", "jpg", GROUND, PLANT, 0xff0001, GROUND);
    assertRefused(
        "ROOT/monday/0001_label.png: colour #ff0001 (255,0,1) at row 1, column 0 is not in"
            + " classes.csv");
    Files.copy(root.resolve("friday/0001.jpg"), root.resolve("friday/0001.png"));
    assertRefused("ROOT/friday/0001.png: a second frame 'friday_0001' in one split; rename one");
    Files.delete(root.resolve("friday/0001.png"));
    frame("monday/0001", "jpg", GROUND, PLANT, GROUND, PLANT, SKY, SKY);
    assertRefused(
        "ROOT/monday/0001_label.png: 3 x 2 pixels (H x W), but its image 0001.jpg has 2 x 2");
    Files.delete(root.resolve("monday/0001_label.png"));
    assertRefused("ROOT/monday/0001.jpg: no label map; expected 0001_label.png beside it");
    assertRefused(
        "ROOT: cannot hold out sunday for validation and train on the rest; recordings are"
            + " friday, monday, tuesday",
        "sunday");
  }

  @Test
  public void wrongTablesAreNamed() throws IOException {
    Path csv = root.resolve("classes.csv");
    Files.writeString(csv, "ground,128,96,64\nplant,32,160,256\n");
    assertRefused(
        "ROOT/classes.csv: line 2 is 'plant,32,160,256', expected name,red,green,blue, for example"
            + " ground,128,96,64");
    Files.writeString(csv, "ground,128,96,64\nplant,128,96,64\n");
    assertRefused("ROOT/classes.csv: line 2: a second class has the colour #806040");
    Files.writeString(csv, "name,r,g,b\n");
    assertRefused("ROOT/classes.csv: 0 classes, expected 2 to 255");
    Files.write(csv, new byte[] {'g', (byte) 0xfc, 'n', ',', '1', ',', '2', ',', '3'});
    assertRefused(
        "ROOT/classes.csv: cannot be read (MalformedInputException); expected UTF-8 text");
    Files.delete(csv);
    assertRefused("ROOT/classes.csv: no such file");
  }
}
