package org.riglab.report.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.RgbImage;

public final class PictureFilesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final ReportService report = new ReportService();

  @Test
  public void labelMapIsReadBackAsIndicesWithThePalette() throws IOException {
    Path file = folder.getRoot().toPath().resolve("new/labels.png");
    byte[] labels = {0, 1, 2, 3, 4, 5, (byte) 255, 1};

    report.labelMap(file, labels, 2, 4, Fixtures.CLASSES);

    BufferedImage read = ImageIO.read(file.toFile());
    int[] values = read.getRaster().getSamples(0, 0, 4, 2, 0, (int[]) null);
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 255, 1}, values);
    IndexColorModel palette = (IndexColorModel) read.getColorModel();
    assertEquals(0xFFC0392B, palette.getRGB(1));
    assertEquals(0xFF8E44AD, palette.getRGB(5));
    assertEquals(0xFFE4E4E4, palette.getRGB(255));
    try (var files = Files.list(file.getParent())) {
      assertEquals("only the finished file", 1, files.count());
    }
  }

  @Test
  public void labelOutsideTheClassesIsRefusedAndTheOldFileStays() throws IOException {
    Path file = folder.newFile("labels.png").toPath();
    Files.writeString(file, "old");
    byte[] labels = {0, 0, 0, 6};

    RigException e =
        assertThrows(
            RigException.class, () -> report.labelMap(file, labels, 2, 2, Fixtures.CLASSES));

    assertEquals(
        "label map labels.png has label 6 at row 1, column 1; labels are 0 to 5, or 255 for void",
        e.getMessage());
    assertEquals("old", Files.readString(file));
  }

  @Test
  public void failedWriteLeavesNothingBehind() throws IOException {
    Path directory = folder.newFolder("taken.png").toPath();
    Files.writeString(directory.resolve("inside"), "");

    RigException e =
        assertThrows(
            RigException.class,
            () -> report.labelMap(directory, new byte[1], 1, 1, Fixtures.CLASSES));

    assertTrue(e.getMessage(), e.getMessage().startsWith("cannot write " + directory + ": "));
    assertArrayEquals(new String[] {"taken.png"}, folder.getRoot().list());
  }

  @Test
  public void colourPictureIsReadRowByRow() throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    picture.setRGB(0, 0, 0x80010203);
    picture.setRGB(1, 0, 0xFFFEC807);

    RgbImage image = report.read(write(picture, "png"));

    assertEquals(1, image.height());
    assertEquals(2, image.width());
    assertArrayEquals(new byte[] {1, 2, 3, (byte) 0xFE, (byte) 0xC8, 7}, image.rgb());
  }

  @Test
  public void greyIsReadAsStored() throws IOException {
    BufferedImage grey8 = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
    grey8.getRaster().setSample(0, 0, 0, 100);
    BufferedImage grey16 = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
    grey16.getRaster().setSample(0, 0, 0, 100 << 8 | 37);

    assertArrayEquals(new byte[] {100, 100, 100}, report.read(write(grey8, "png")).rgb());
    assertArrayEquals(new byte[] {100, 100, 100}, report.read(write(grey16, "png")).rgb());
  }

  @Test
  public void unreadableFilesAreOneLineWithThePath() throws IOException {
    Path missing = folder.getRoot().toPath().resolve("none.png");
    Path text = folder.newFile("text.png").toPath();
    Files.writeString(text, "no picture\n");
    BufferedImage picture = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      picture.setRGB(i % 64, i / 64, i * 7919);
    }
    Path cutPng = cut(write(picture, "png"));
    Path cutJpeg = cut(write(picture, "jpg"));
    Path gif = write(picture, "gif");

    assertUnreadable(missing, "no such file");
    assertUnreadable(folder.getRoot().toPath(), "a directory, expected an image");
    assertUnreadable(text, "not an image, expected PNG, JPEG, TIFF, BMP, GIF or WebP");
    assertUnreadable(cutPng, "damaged image");
    assertUnreadable(cutJpeg, "damaged image (");
    assertEquals(64, report.read(gif).height());
  }

  @Test
  public void hugePictureIsRefusedByItsHeader() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504E470D0A1A0AL);
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream contents = new DataOutputStream(header);
    contents.writeInt(20000);
    contents.writeInt(10000);
    contents.write(new byte[] {8, 2, 0, 0, 0});
    chunk(out, "IHDR", header.toByteArray());
    chunk(out, "IDAT", new byte[0]);
    chunk(out, "IEND", new byte[0]);
    Path file = folder.newFile("huge.png").toPath();
    Files.write(file, bytes.toByteArray());

    assertUnreadable(file, "10000 x 20000 pixels (H x W), expected at most 100,000,000 in all");
  }

  private static void chunk(DataOutputStream out, String type, byte[] contents) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(contents);
    out.writeInt(contents.length);
    out.write(name);
    out.write(contents);
    out.writeInt((int) crc.getValue());
  }

  private void assertUnreadable(Path file, String why) {
    RigException e = assertThrows(RigException.class, () -> report.read(file));
    String message = e.getMessage();
    assertTrue(message, message.startsWith(file + ": " + why));
    assertEquals(message, 1, message.lines().count());
  }

  private Path write(BufferedImage picture, String format) throws IOException {
    Path file = folder.newFile().toPath();
    assertTrue(ImageIO.write(picture, format, file.toFile()));
    return file;
  }

  private static Path cut(Path file) throws IOException {
    byte[] all = Files.readAllBytes(file);
    return Files.write(file, Arrays.copyOf(all, all.length / 2));
  }
}
