package org.riglab.images;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

/** Every kind of PNG that label maps come as, written without the library that reads them. */
public class LabelPngTest {
  /** Odd, so that the last byte of a packed row is not full and passes of Adam7 end anywhere. */
  private static final int WIDTH = 13;

  private static final int HEIGHT = 11;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void readsIndicesAndGreysOfAllDepths() throws IOException {
    for (int bits : new int[] {1, 2, 4, 8}) {
      int[] values = values(1 << bits);
      byte[] expected = new byte[values.length];
      for (int i = 0; i < values.length; i++) {
        expected[i] = (byte) values[i];
      }
      for (boolean interlaced : new boolean[] {false, true}) {
        for (int colour : new int[] {PngBytes.GREY, PngBytes.PALETTE}) {
          // All colours of the palette are equal: nothing can be read through them
          int[] palette = new int[colour == PngBytes.PALETTE ? 3 << bits : 0];
          Arrays.fill(palette, 77);
          Path file = png(colour, bits, interlaced, values, palette);
          String what =
              "%d bits, colour type %d, interlaced %s".formatted(bits, colour, interlaced);
          Pixels map = ImageFiles.indices(file);
          assertEquals(what, HEIGHT, map.height());
          assertEquals(what, WIDTH, map.width());
          assertArrayEquals(what, expected, map.values());
          assertArrayEquals(what, values, ImageFiles.codes(file, 8, "").values());
        }
      }
    }
  }

  @Test
  public void readsNumbersOf16Bits() throws IOException {
    int[] values = values(1 << 16);
    for (boolean interlaced : new boolean[] {false, true}) {
      Path file = png(PngBytes.GREY, 16, interlaced, values);
      assertArrayEquals(values, ImageFiles.codes(file, 16, "").values());
      assertMessage(
          file + ": 1 channel(s) of 16 bits, expected indices: a palette or grey PNG of 8 bits",
          () -> ImageFiles.indices(file));
    }
  }

  @Test
  public void readsColours() throws IOException {
    for (int colour : new int[] {PngBytes.RGB, PngBytes.RGB_ALPHA}) {
      int channels = colour == PngBytes.RGB ? 3 : 4;
      int[] samples = new Random(5).ints(WIDTH * HEIGHT * channels, 0, 256).toArray();
      Codes colours = ImageFiles.colours(png(colour, 8, false, samples));
      assertEquals(HEIGHT, colours.height());
      for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int at = i * channels;
        assertEquals(
            samples[at] << 16 | samples[at + 1] << 8 | samples[at + 2], colours.values()[i]);
      }
    }
    String right = ", expected colours: an RGB PNG of 8 bits";
    int[] zeros = new int[WIDTH * HEIGHT];
    Path palette = png(PngBytes.PALETTE, 8, false, zeros, 1, 2, 3);
    assertMessage(
        palette + ": a palette image, which has indices" + right,
        () -> ImageFiles.colours(palette));
    Path grey = png(PngBytes.GREY, 8, false, zeros);
    assertMessage(grey + ": 1 channel(s) of 8 bits" + right, () -> ImageFiles.colours(grey));
    Path deep = png(PngBytes.RGB, 16, false, new int[WIDTH * HEIGHT * 3]);
    assertMessage(deep + ": 3 channel(s) of 16 bits" + right, () -> ImageFiles.colours(deep));
  }

  @Test
  public void refusesMapsOfColoursAndAlpha() throws IOException {
    Path alpha = png(PngBytes.GREY_ALPHA, 8, false, new int[WIDTH * HEIGHT * 2]);
    assertMessage(
        alpha + ": 2 channel(s) of 8 bits, expected indices: a palette or grey PNG of 8 bits",
        () -> ImageFiles.indices(alpha));
    Path rgb = png(PngBytes.RGB, 8, false, new int[WIDTH * HEIGHT * 3]);
    assertMessage(
        rgb + ": 3 channel(s) of 8 bits, expected something else",
        () -> ImageFiles.codes(rgb, 16, "something else"));
  }

  @Test
  public void endsInOneLineWhereverAFileIsCut() throws IOException {
    Path file = folder.newFile().toPath();
    byte[] png = PngBytes.of(WIDTH, HEIGHT, PngBytes.GREY, 8, false, values(256));
    BufferedImage picture = new BufferedImage(40, 40, BufferedImage.TYPE_3BYTE_BGR);
    Random random = new Random(1);
    for (int i = 0; i < 1600; i++) {
      picture.setRGB(i % 40, i / 40, random.nextInt());
    }
    Path whole = folder.newFile().toPath();
    ImageIO.write(picture, "jpg", whole.toFile());
    byte[] jpeg = Files.readAllBytes(whole);
    for (int length = 0; length < png.length; length++) {
      Files.write(file, Arrays.copyOf(png, length));
      assertOneLine(file, () -> ImageFiles.indices(file));
    }
    // The last marker of a JPEG holds no pixels
    for (int length = 0; length < jpeg.length - 2; length++) {
      Files.write(file, Arrays.copyOf(jpeg, length));
      assertOneLine(file, () -> ImageFiles.rgb(file));
    }
  }

  /** As libpng and with it everyone else does; ImageIO does not look. */
  @Test
  public void findsEveryWrongBitOfAPng() throws IOException {
    byte[] png = PngBytes.of(WIDTH, HEIGHT, PngBytes.PALETTE, 4, false, values(16), new int[48]);
    Path file = file(png);
    assertEquals(WIDTH, ImageFiles.indices(file).width());
    for (int bit = 0; bit < 8 * png.length; bit++) {
      png[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, png);
      assertOneLine(file, () -> ImageFiles.indices(file));
      png[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  /** Colour management, transparency and texts, of which some would inflate to 100 MB. */
  @Test
  public void leavesOutWhatHoldsNoPixels() throws IOException {
    int[] values = values(4);
    byte[] text =
        PngBytes.joined(
            "bomb".getBytes("US-ASCII"), new byte[2], PngBytes.deflated(new byte[100 << 20]));
    for (int colour : new int[] {PngBytes.GREY, PngBytes.PALETTE}) {
      int[] palette = new int[colour == PngBytes.PALETTE ? 12 : 0];
      byte[] png = PngBytes.of(WIDTH, HEIGHT, colour, 2, false, values, palette);
      int head = PngBytes.signature().length + 25;
      Path file =
          file(
              PngBytes.joined(
                  Arrays.copyOf(png, head),
                  PngBytes.chunk("gAMA", new byte[] {0, 0, 0, 9}),
                  PngBytes.chunk("zTXt", text),
                  Arrays.copyOfRange(png, head, head + (palette.length == 0 ? 0 : 24)),
                  PngBytes.chunk("tRNS", new byte[] {0, 1}),
                  Arrays.copyOfRange(png, head + (palette.length == 0 ? 0 : 24), png.length)));
      assertArrayEquals(values, ImageFiles.codes(file, 8, "").values());
    }
  }

  @Test
  public void boundsWhatAFileMayClaim() throws IOException {
    byte[] data = PngBytes.chunk("IDAT", PngBytes.deflated(new byte[1 << 20]));
    byte[] end = PngBytes.chunk("IEND", new byte[0]);
    Path huge =
        file(
            PngBytes.joined(
                PngBytes.signature(),
                PngBytes.header(100_000, 100_000, PngBytes.GREY, 8, false),
                data,
                end));
    assertMessage(
        huge + ": 100000 x 100000 pixels (H x W), expected at most 100,000,000 in all",
        () -> ImageFiles.indices(huge));
    Path lying =
        file(
            PngBytes.joined(
                PngBytes.signature(),
                PngBytes.header(8000, 7000, PngBytes.GREY, 8, false),
                PngBytes.chunk("IDAT", PngBytes.deflated(new byte[100])),
                end));
    assertMessage(
        lying + ": damaged image (" + Files.size(lying) + " bytes cannot hold 7000 x 8000 pixels)",
        () -> ImageFiles.indices(lying));
    Path none =
        file(
            PngBytes.joined(
                PngBytes.signature(), PngBytes.header(0, 7, PngBytes.GREY, 8, false), data, end));
    assertOneLine(none, () -> ImageFiles.indices(none));
    // ImageIO alone would read it
    Path other = folder.newFile("a.wbmp").toPath();
    ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_BINARY), "wbmp", other.toFile());
    assertMessage(
        other + ": not an image, expected PNG, JPEG, TIFF, BMP, GIF or WebP",
        () -> ImageFiles.rgb(other));
  }

  private static int[] values(int end) {
    int[] values = new Random(end).ints(WIDTH * HEIGHT, 0, end).toArray();
    values[0] = end - 1;
    values[WIDTH * HEIGHT - 1] = end - 1;
    return values;
  }

  private Path png(int colour, int bits, boolean interlaced, int[] samples, int... palette)
      throws IOException {
    return file(PngBytes.of(WIDTH, HEIGHT, colour, bits, interlaced, samples, palette));
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.newFile().toPath(), bytes);
  }

  private static void assertMessage(String message, ThrowingRunnable action) {
    assertEquals(message, assertThrows(RigException.class, action).getMessage());
  }

  private static void assertOneLine(Path file, ThrowingRunnable action) {
    String message = assertThrows(RigException.class, action).getMessage();
    assertTrue(message, message.startsWith(file + ": "));
    assertFalse(message, message.contains("\n"));
  }
}
