package org.riglab.images;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.api.training.Picture;

public class LazyPictureTest {
  private static final float[] MEAN = {10, 20, 30};

  private static Sample noise(int height, int width) {
    byte[] image = new byte[height * width * 3];
    byte[] label = new byte[height * width];
    new Random(1).nextBytes(image);
    for (int i = 0; i < label.length; i++) {
      label[i] = (byte) (i % 100);
    }
    return new Sample("noise", height, width, image, label);
  }

  private static Picture picture(int height, int width) {
    return LazyPicture.of(noise(height, width), MEAN);
  }

  /** The same pixels without a history. */
  private static Picture flat(Picture picture) {
    return picture.of(picture.height(), picture.width(), picture.image(), picture.label());
  }

  private static void assertSame(String what, Picture expected, Picture actual) {
    assertEquals(what, expected.height(), actual.height());
    assertEquals(what, expected.width(), actual.width());
    assertArrayEquals(what, expected.image(), actual.image(), 1e-3f);
    assertArrayEquals(what, expected.label(), actual.label());
  }

  @Test
  public void pixelsAreThoseOfTheSample() {
    Sample sample = noise(5, 7);
    Picture picture = LazyPicture.of(sample, MEAN);
    assertEquals(5, picture.height());
    assertEquals(7, picture.width());
    float[] image = picture.image();
    for (int i = 0; i < image.length; i++) {
      assertEquals(Byte.toUnsignedInt(sample.image()[i]), image[i], 0);
    }
    assertArrayEquals(sample.label(), picture.label());
  }

  @Test
  public void outsideOfAWindowIsTheMeanColourAndVoid() {
    Picture window = picture(2, 2).window(-1, 1, 3, 2);
    float[] image = window.image();
    byte[] label = window.label();
    for (int i : new int[] {0, 1, 3, 5}) {
      assertEquals((byte) Dataset.VOID, label[i]);
      for (int c = 0; c < 3; c++) {
        assertEquals(MEAN[c], image[3 * i + c], 0);
      }
    }
    assertEquals(1, label[2]);
    assertEquals(3, label[4]);
  }

  @Test
  public void aWindowShowsNothingOfWhatAnEarlierOneCutAway() {
    Picture cut = picture(9, 9).window(3, 3, 3, 3).window(-2, -2, 7, 7);
    byte[] label = cut.label();
    int shown = 0;
    for (byte value : label) {
      shown += value == (byte) Dataset.VOID ? 0 : 1;
    }
    assertEquals(9, shown);
    assertSame("beyond", flat(picture(9, 9).window(3, 3, 3, 3)).window(-2, -2, 7, 7), cut);
    byte[] nothing = picture(4, 4).window(10, 10, 2, 2).label();
    assertArrayEquals(new byte[] {-1, -1, -1, -1}, nothing);
  }

  @Test
  public void mirrorExchangesLeftAndRight() {
    Picture picture = picture(1, 3);
    assertArrayEquals(new byte[] {2, 1, 0}, picture.mirror().label());
    assertSame("twice", picture, picture.mirror().mirror());
  }

  @Test
  public void resizeInterpolatesImagesAndPicksLabels() {
    byte[] grey = {0, 0, 0, (byte) 200, (byte) 200, (byte) 200};
    Picture wide =
        LazyPicture.of(new Sample("a", 1, 2, grey, new byte[] {3, 4}), MEAN).resize(1, 4);
    float[] image = wide.image();
    float[] expected = {0, 50, 150, 200};
    for (int x = 0; x < 4; x++) {
      assertEquals(expected[x], image[3 * x], 1e-4f);
    }
    assertArrayEquals(new byte[] {3, 3, 4, 4}, wide.label());
  }

  /** Whatever is put off gives the pixels that doing it at once gives. */
  @Test
  public void puttingOffChangesNothing() {
    SplittableRandom random = new SplittableRandom(5);
    for (int trial = 0; trial < 300; trial++) {
      Picture lazy = picture(1 + random.nextInt(12), 1 + random.nextInt(12));
      Picture eager = lazy;
      StringBuilder done = new StringBuilder();
      for (int step = 0; step < 5; step++) {
        int a = 1 + random.nextInt(15);
        int b = 1 + random.nextInt(15);
        int top = random.nextInt(9) - 4;
        int left = random.nextInt(9) - 4;
        switch (random.nextInt(3)) {
          case 0 -> {
            lazy = lazy.resize(a, b);
            eager = flat(eager.resize(a, b));
            done.append(" resize ").append(a).append('x').append(b);
          }
          case 1 -> {
            lazy = lazy.window(top, left, a, b);
            eager = flat(eager.window(top, left, a, b));
            done.append(" window ").append(List.of(top, left, a, b));
          }
          default -> {
            lazy = lazy.mirror();
            eager = flat(eager.mirror());
            done.append(" mirror");
          }
        }
      }
      assertSame(done.toString(), eager, lazy);
    }
  }

  @Test
  public void writesChannelsAndZerosOutside() {
    Picture window = picture(2, 3).window(0, 1, 2, 3);
    float[] image = window.image();
    FloatBuffer images = FloatBuffer.allocate(1 + 2 * 6);
    ByteBuffer labels = ByteBuffer.allocate(2 + 6);
    ((LazyPicture) window)
        .write(
            List.of(new LazyPicture.Channel(2, 2, 1), new LazyPicture.Channel(0, 1, 0)),
            images,
            1,
            labels,
            2);
    byte[] label = window.label();
    for (int i = 0; i < 6; i++) {
      boolean outside = label[i] == (byte) Dataset.VOID;
      assertEquals(outside ? 0 : image[3 * i + 2] * 2 + 1, images.get(1 + i), 1e-4f);
      assertEquals(outside ? 0 : image[3 * i], images.get(7 + i), 1e-4f);
      assertEquals(label[i], labels.get(2 + i));
    }
  }

  @Test
  public void arraysAreCopied() {
    float[] image = {1, 2, 3};
    byte[] label = {7};
    Picture made = picture(1, 1).of(1, 1, image, label);
    image[0] = 9;
    label[0] = 9;
    made.image()[1] = 9;
    made.label()[0] = 9;
    assertArrayEquals(new float[] {1, 2, 3}, made.image(), 0);
    assertArrayEquals(new byte[] {7}, made.label());
  }

  @Test
  public void refusesWhatIsNoPicture() {
    Picture picture = picture(2, 2);
    refused("at least 1 x 1", () -> picture.resize(0, 1));
    refused("at least 1 x 1", () -> picture.window(0, 0, 1, -1));
    refused("expected 3 and 1", () -> picture.of(1, 1, new float[2], new byte[1]));
    refused("expected 3 and 1", () -> picture.of(1, 1, new float[3], new byte[2]));
    refused("NaN", () -> picture.of(1, 1, new float[] {0, Float.NaN, 0}, new byte[1]));
    refused(
        "Infinity",
        () -> picture.of(1, 1, new float[] {0, 0, Float.POSITIVE_INFINITY}, new byte[1]));
  }

  private static void refused(String part, org.junit.function.ThrowingRunnable body) {
    String message = assertThrows(RigException.class, body).getMessage();
    assertTrue(message, message.contains(part));
  }
}
