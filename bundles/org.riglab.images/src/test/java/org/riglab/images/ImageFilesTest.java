package org.riglab.images;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class ImageFilesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** Two classes that look the same: only the raster tells them apart. */
  private static final IndexColorModel PALETTE =
      new IndexColorModel(
          8,
          4,
          new byte[] {0, 9, 9, (byte) 200},
          new byte[] {0, 8, 8, 100},
          new byte[] {0, 7, 7, 50});

  @Test
  public void readsIndicesOfPalette() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, PALETTE);
    image.getRaster().setPixels(0, 0, 3, 1, new int[] {2, 1, 3});
    Path file = png(image);

    assertArrayEquals(new byte[] {2, 1, 3}, ImageFiles.indices(file).values());
    assertArrayEquals(
        new byte[] {9, 8, 7, 9, 8, 7, (byte) 200, 100, 50}, ImageFiles.rgb(file).values());
  }

  @Test
  public void readsEntriesOfArchives() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, PALETTE);
    image.getRaster().setPixels(0, 0, 3, 1, new int[] {2, 1, 3});
    byte[] png = Files.readAllBytes(png(image));
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(archive)) {
      for (String name : new String[] {"a.png", "b.png"}) {
        out.putNextEntry(new ZipEntry(name));
        out.write(png);
      }
      out.putNextEntry(new ZipEntry("c.png"));
      out.write(png, 0, png.length / 2);
    }
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(archive.toByteArray()))) {
      in.getNextEntry();
      assertArrayEquals(new byte[] {2, 1, 3}, ImageFiles.indices(in, "x.zip/a.png").values());
      in.getNextEntry();
      assertArrayEquals(
          new byte[] {9, 8, 7, 9, 8, 7, (byte) 200, 100, 50},
          ImageFiles.rgb(in, "x.zip/b.png").values());
      in.getNextEntry();
      String message =
          assertThrows(RigException.class, () -> ImageFiles.rgb(in, "x.zip/c.png")).getMessage();
      assertTrue(message, message.startsWith("x.zip/c.png"));
    }
  }

  @Test
  public void readsGreysAsTheyAre() throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setPixels(0, 0, 2, 2, new int[] {0, 11, 128, 255});
    Path file = png(image);

    Pixels map = ImageFiles.indices(file);
    assertEquals(2, map.height());
    assertEquals(2, map.width());
    assertArrayEquals(new byte[] {0, 11, (byte) 128, (byte) 255}, map.values());
    assertEquals((byte) 128, ImageFiles.rgb(file).values()[7]);
  }

  @Test
  public void readsPackedIndices() throws IOException {
    IndexColorModel four =
        new IndexColorModel(2, 4, new byte[4], new byte[4], new byte[] {1, 2, 3, 4});
    BufferedImage image = new BufferedImage(5, 2, BufferedImage.TYPE_BYTE_BINARY, four);
    int[] values = {0, 1, 2, 3, 3, 2, 1, 0, 1, 2};
    image.getRaster().setPixels(0, 0, 5, 2, values);

    assertArrayEquals(
        new byte[] {0, 1, 2, 3, 3, 2, 1, 0, 1, 2}, ImageFiles.indices(png(image)).values());
  }

  @Test
  public void readsColoursInTheOrderRedGreenBlue() throws IOException {
    for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB}) {
      BufferedImage image = new BufferedImage(2, 1, type);
      image.setRGB(0, 0, 0xff010203);
      image.setRGB(1, 0, 0x80fe8040);
      assertArrayEquals(
          new byte[] {1, 2, 3, (byte) 0xfe, (byte) 0x80, 0x40},
          ImageFiles.rgb(png(image)).values());
    }
  }

  @Test
  public void readsJpeg() throws IOException {
    BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < 128; i++) {
      image.setRGB(i % 16, i / 16, 0xc04020);
    }
    Path file = folder.newFile("a.jpg").toPath();
    assertTrue(ImageIO.write(image, "jpg", file.toFile()));

    Pixels pixels = ImageFiles.rgb(file);
    assertEquals(8, pixels.height());
    assertEquals(16, pixels.width());
    assertEquals(0xc0, Byte.toUnsignedInt(pixels.values()[0]), 6);
    assertEquals(0x40, Byte.toUnsignedInt(pixels.values()[1]), 6);
    assertEquals(0x20, Byte.toUnsignedInt(pixels.values()[2]), 6);
    assertMessage(
        file
            + ": a JPEG file, whose pixels are not those that were written; label maps are PNG"
            + " files of indices",
        file);
  }

  @Test
  public void refusesMapsThatAreNotIndices() throws IOException {
    Path colour = png(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB));
    assertMessage(
        colour + ": 3 channel(s) of 8 bits, expected indices: a palette or grey PNG of 8 bits",
        colour);
    Path wide = png(new BufferedImage(2, 2, BufferedImage.TYPE_USHORT_GRAY));
    assertMessage(
        wide + ": 1 channel(s) of 16 bits, expected indices: a palette or grey PNG of 8 bits",
        wide);
  }

  @Test
  public void namesFilesThatCannotBeRead() throws IOException {
    Path missing = folder.getRoot().toPath().resolve("missing.png");
    assertMessage(missing + ": no such file", missing);

    Path text = folder.newFile("text.png").toPath();
    Files.writeString(text, "hello");
    RigException e = assertThrows(RigException.class, () -> ImageFiles.rgb(text));
    assertEquals(
        text + ": not an image, expected PNG, JPEG, TIFF, BMP, GIF or WebP", e.getMessage());

    BufferedImage noise = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 64 * 64; i++) {
      noise.getRaster().setSample(i % 64, i / 64, 0, (i * 31 + i / 7) & 0xff);
    }
    Path cut = png(noise);
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, Arrays.copyOf(bytes, bytes.length / 2));
    RigException damaged = assertThrows(RigException.class, () -> ImageFiles.indices(cut));
    assertTrue(damaged.getMessage(), damaged.getMessage().startsWith(cut + ": damaged image"));
  }

  private Path png(BufferedImage image) throws IOException {
    Path file = folder.newFile().toPath();
    assertTrue(ImageIO.write(image, "png", file.toFile()));
    return file;
  }

  private static void assertMessage(String message, Path file) {
    RigException e = assertThrows(RigException.class, () -> ImageFiles.indices(file));
    assertEquals(message, e.getMessage());
  }
}
