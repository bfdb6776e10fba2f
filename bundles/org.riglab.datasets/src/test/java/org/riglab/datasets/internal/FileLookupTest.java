package org.riglab.datasets.internal;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.junit.Assert.assertEquals;
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
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

/** How files are found, and lists read, in every layout. */
public class FileLookupTest {
  private static final String CLASSES = "{\"classes\": [{\"name\": \"a\"}, {\"name\": \"b\"}]";

  @Rule public TemporaryFolder temporary = new TemporaryFolder();
  private Path root;

  @Before
  public void directory() {
    root = temporary.getRoot().toPath();
  }

  @Test
  public void nestedImagesHaveRelativePathsAsIds() throws IOException {
    for (String name : List.of("1", "c1/0", "c2/0")) {
      image("images/" + name + ".png");
      image("labels/" + name + ".png");
    }
    write("classes.json", CLASSES + "}");
    assertEquals(List.of("1", "c1/0", "c2/0"), ids(folder().split("all")));
    write("train.txt", "c1/0\nc2/0.png\n");
    write("classes.json", CLASSES + ", \"splits\": {\"train\": \"train.txt\"}}");
    Split train = folder().split("train");
    assertEquals(List.of("c1/0", "c2/0"), ids(train));
    assertEquals(4, train.sample(1).label().length);
  }

  @Test
  public void whatIsSkippedIsCountedAndNamed() throws IOException {
    image("images/a.PNG");
    image("labels/a.Png");
    write("images/._a.png", "no image");
    write("images/Thumbs.db", "");
    write("images/.git/b.png", "");
    write("images/notes.txt", "");
    write("classes.json", "\ufeff" + CLASSES + "}");
    Split all = folder().split("all");
    assertEquals(List.of("a"), ids(all));
    assertEquals(4, all.sample(0).label().length);
    Path images = root.resolve("images");
    assertEquals(
        List.of(
            "3 files in " + images + " skipped (hidden): ._a.png, .git, Thumbs.db",
            "1 file in " + images + " skipped (other kinds of files): notes.txt"),
        all.remarks().stream().map(FileLookupTest::sorted).toList());
  }

  @Test
  public void labelsWithoutImagesAndListsThatAreNotUsedAreNamed() throws IOException {
    image("images/a.png");
    for (String name : List.of("a", "b", "s/c", "d", "e")) {
      image("labels/" + name + ".png");
    }
    write("train.txt", "a\n");
    write("val.txt", "a\n");
    write("classes.json", CLASSES + "}");
    assertEquals(
        List.of(
            "4 label maps in " + root.resolve("labels") + " without an image: b, d, e, ...",
            "train.txt, val.txt in %s not used: classes.json declares no splits; for example \"splits\": {\"train\": \"train.txt\"}"
                .formatted(root)),
        folder().split("all").remarks());
    write("classes.json", CLASSES + ", \"splits\": {\"train\": \"train.txt\"}}");
    assertEquals(List.of(), folder().split("train").remarks());
    write("classes.json", CLASSES + ", \"splits\": [\"train\"]}");
    RigException wrong = assertThrows(RigException.class, () -> folder().split("train"));
    assertEquals(
        "folder: no directory %s for split train; a split that is a list is declared with its file: \"splits\": {\"train\": \"train.txt\"}"
            .formatted(root.resolve("images/train")),
        wrong.getMessage());
  }

  @Test
  public void zeroBytesInNamesAreRefused() throws IOException {
    image("images/a.png");
    image("labels/a.png");
    write("classes.json", CLASSES + ", \"splits\": {\"train\": \"train.txt\"}}");
    write("train.txt", "a\n\na\0\n");
    RigException list = assertThrows(RigException.class, () -> folder().split("train"));
    assertEquals(
        root.resolve("train.txt") + ": line 3 has a zero byte, expected one image per line",
        list.getMessage());
    for (String key : List.of("\"images\": ", "\"labels\": ", "\"splits\": {\"train\": ")) {
      write(
          "classes.json",
          CLASSES + ", " + key + "\"a\\u0000b\"" + (key.contains("{") ? "}}" : "}"));
      RigException table = assertThrows(RigException.class, this::folder);
      assertTrue(
          table.getMessage(),
          table.getMessage().endsWith("\", expected the name of a file or directory"));
    }
  }

  private static String sorted(String line) {
    int colon = line.lastIndexOf(": ") + 2;
    List<String> names = new ArrayList<>(List.of(line.substring(colon).split(", ")));
    names.sort(null);
    return line.substring(0, colon) + String.join(", ", names);
  }

  @Test
  public void listsMayHaveMarksBlanksBackSlashesAndColumns() throws IOException {
    for (String name : List.of("a", "my pic", "s/c")) {
      image("images/" + name + ".jpg");
      image("labels/" + name + ".png");
    }
    write("classes.json", CLASSES + ", \"splits\": {\"train\": \"train.txt\"}}");
    write("train.txt", "\ufeffa\r\n\r\nmy pic \r\ns\\c.jpg\r\n");
    assertEquals(List.of("a", "my pic", "s/c"), ids(folder().split("train")));
    write("train.txt", "/home/some one/x/images/a.jpg\n/data/images/s/c.jpg labels/c.png\n");
    assertEquals(List.of("a", "s/c"), ids(folder().split("train")));
    write("train.txt", "a -1\nmy pic.jpg labels/my pic.png\n");
    assertEquals(List.of("a", "my pic"), ids(folder().split("train")));
    Files.write(root.resolve("train.txt"), "\ufeffa\nmy pic\n".getBytes(UTF_16LE));
    assertEquals(List.of("a", "my pic"), ids(folder().split("train")));
    Files.write(root.resolve("train.txt"), new byte[] {'a', '\n', (byte) 0xe4, '\n'});
    RigException e = assertThrows(RigException.class, () -> folder().split("train"));
    assertTrue(
        e.getMessage(), e.getMessage().startsWith(root.resolve("train.txt") + ": not a text file"));
  }

  @Test
  public void linksAreFollowedAndLoopsSkipped() throws IOException {
    image("elsewhere/a.png");
    image("labels/x/a.png");
    Files.createDirectories(root.resolve("images"));
    Files.createSymbolicLink(root.resolve("images/x"), root.resolve("elsewhere"));
    Files.createSymbolicLink(root.resolve("images/loop"), root.resolve("images"));
    write("classes.json", CLASSES + "}");
    Split all = folder().split("all");
    assertEquals(List.of("x/a"), ids(all));
    assertTrue(all.remarks().get(0), all.remarks().get(0).endsWith("above): loop"));
  }

  @Test
  public void everyLayoutFindsEndingsInAnyCase() throws IOException {
    image("JPEGImages/a.JPG");
    image("SegmentationClass/a.PNG");
    write("ImageSets/Segmentation/train.txt", "\ufeffa\r\n");
    Split voc = open(new VocDataset(), "").split("train");
    assertEquals(4, voc.sample(0).label().length);

    image("camvid/train/a.JPG");
    image("camvid/trainannot/a.PNG");
    write("camvid/train/._a.png", "no image");
    assertEquals(List.of("a"), ids(open(new CamVidDataset(), "camvid").split("train")));
    assertEquals(4, open(new CamVidDataset(), "camvid").split("train").sample(0).label().length);
    write("camvid/train.txt", "\ufefftrain/a.JPG trainannot/a.PNG  \r\n\r\n");
    assertEquals(4, open(new CamVidDataset(), "camvid").split("train").sample(0).label().length);
  }

  @Test
  public void orientationIsNamedAndAppliedOnRequest() throws IOException {
    image("images/a.jpg");
    image("labels/a.png");
    Path file = root.resolve("images/a.jpg");
    byte[] plain = Files.readAllBytes(file);
    byte[] exif = {
      (byte) 0xff,
      (byte) 0xe1,
      0,
      34,
      'E',
      'x',
      'i',
      'f',
      0,
      0,
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      18,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      6,
      0,
      0,
      0,
      0,
      0,
      0
    };
    byte[] turned = new byte[plain.length + exif.length];
    System.arraycopy(plain, 0, turned, 0, 2);
    System.arraycopy(exif, 0, turned, 2, exif.length);
    System.arraycopy(plain, 2, turned, 2 + exif.length, plain.length - 2);
    Files.write(file, turned);
    write("classes.json", CLASSES + "}");
    Split all = folder().split("all");
    assertEquals(
        List.of(
            file
                + " has EXIF orientation 6 (to be turned by 90 degrees to the right), which is not"
                + " applied; option upright=true of the data set applies it"),
        all.remarks(0));
    Split upright =
        new FolderDataset()
            .open(Optional.of(root), new TestOptions(Map.of("upright", true)))
            .split("all");
    assertEquals(List.of(), upright.remarks(0));
    byte[] before = all.sample(0).image();
    byte[] after = upright.sample(0).image();
    // The lower left pixel comes first
    assertEquals(before[6], after[0]);
    assertEquals(before[0], after[3]);
    assertEquals(before[3], after[9]);
  }

  private Images folder() {
    return open(new FolderDataset(), "");
  }

  private Images open(Dataset dataset, String inside) {
    return dataset.open(Optional.of(root.resolve(inside)), new TestOptions(Map.of()));
  }

  private static List<String> ids(Split split) {
    return IntStream.range(0, split.size()).mapToObj(split::id).toList();
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** 2 x 2 pixels, grey if it is a label map. */
  private void image(String name) throws IOException {
    boolean label = name.contains("labels/") || name.contains("annot/") || name.contains("Class/");
    BufferedImage image =
        new BufferedImage(
            2, 2, label ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < 4 && !label; i++) {
      image.setRGB(i % 2, i / 2, 0x303030 * i);
    }
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    String format = name.matches("(?i).*png") ? "png" : "jpg";
    assertTrue(ImageIO.write(image, format, file.toFile()));
  }
}
