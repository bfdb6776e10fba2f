package org.riglab.datasets.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.base.Sha256;

public class ShapesDatasetTest {
  @Test
  public void paintsTheSameBytesOnEveryMachine() {
    assertEquals(
        "c182abef420890bf149bfc1eb56654d20ba3bfa91c93acf8df589580d8a4400d", digest(Map.of()));
    assertEquals(
        "b7fdc25f75ff5316184ace11e0f1cc725ce9523d15650160d0515de9f9c9cb63",
        digest(Map.of("difficulty", 0, "size", new int[] {64})));
    assertEquals(
        "e76f11b0eeae968f7114242a761689867c926bdd96cf1a111841198fb258172a",
        digest(Map.of("difficulty", 3, "size", new int[] {48, 80}, "classes", 9, "seed", 7L)));
  }

  @Test
  public void paintsOneSceneTheSameAtEveryCall() {
    Split split = open(Map.of()).split("val");
    Sample first = split.sample(5);
    split.sample(6);
    Sample again = split.sample(5);
    assertEquals("val-000005", first.id());
    assertArrayEquals(first.image(), again.image());
    assertArrayEquals(first.label(), again.label());
  }

  @Test
  public void paintsEachSceneOnce() {
    Images images = open(Map.of());
    byte[] scene = images.split("train").sample(3).image();
    assertFalse(Arrays.equals(scene, images.split("train").sample(4).image()));
    assertFalse(Arrays.equals(scene, images.split("val").sample(3).image()));
    assertFalse(Arrays.equals(scene, open(Map.of("seed", 1L)).split("train").sample(3).image()));
    // more images do not change the first ones
    assertArrayEquals(scene, open(Map.of("train", 10)).split("train").sample(3).image());
  }

  @Test
  public void labelsClassesAndVoid() {
    for (int difficulty = 0; difficulty <= Difficulty.HARDEST; difficulty++) {
      Split split =
          open(Map.of("difficulty", difficulty, "classes", 8, "size", new int[] {40, 72}))
              .split("test");
      long[] pixels = new long[256];
      for (int i = 0; i < 40; i++) {
        Sample sample = split.sample(i);
        assertEquals(40, sample.height());
        assertEquals(72, sample.width());
        assertEquals(40 * 72 * 3, sample.image().length);
        for (byte label : sample.label()) {
          pixels[Byte.toUnsignedInt(label)]++;
        }
      }
      for (int c = 0; c < 256; c++) {
        assertEquals("label " + c, c < 8 || c == Dataset.VOID, pixels[c] > 0);
      }
    }
  }

  /** Each body has a head of its class's colour, and none of another's. */
  @Test
  public void headDecidesTheClassOfItsBody() {
    Split split = open(Map.of("difficulty", 1)).split("train");
    int bodies = 0;
    for (int index = 0; index < 30; index++) {
      Sample sample = split.sample(index);
      for (List<Integer> body : bodies(sample)) {
        int c = sample.label()[body.get(0)];
        int[] heads = new int[6];
        for (int pixel : body) {
          int head = head(sample.image(), pixel, 6);
          heads[head]++;
        }
        int others = Arrays.stream(heads, 1, 6).sum() - heads[c];
        assertTrue("scene " + index + ": " + Arrays.toString(heads), heads[c] > 25);
        assertTrue("scene " + index + ": " + Arrays.toString(heads), others * 10 < heads[c]);
        bodies++;
      }
    }
    assertTrue(bodies + " bodies", bodies >= 35);
  }

  /** Away from their heads, bodies of all classes have the same colours on average. */
  @Test
  public void bodyDoesNotGiveItsClassAway() {
    Split split = open(Map.of("difficulty", 0)).split("train");
    double[][] sum = new double[6][3];
    double[] count = new double[6];
    for (int index = 0; index < 1500; index++) {
      Sample sample = split.sample(index);
      for (int i = 0; i < sample.label().length; i++) {
        int c = Byte.toUnsignedInt(sample.label()[i]);
        if (c > 0 && c < 6 && head(sample.image(), i, 6) == 0) {
          count[c]++;
          for (int k = 0; k < 3; k++) {
            sum[c][k] += Byte.toUnsignedInt(sample.image()[3 * i + k]);
          }
        }
      }
    }
    for (int c = 1; c < 6; c++) {
      for (int k = 0; k < 3; k++) {
        // means of about 300 bodies, whose colours deviate by 38: 4 standard errors
        assertEquals("class " + c + " channel " + k, 125, sum[c][k] / count[c], 9);
      }
    }
  }

  @Test
  public void fingerprintFollowsWhatIsPainted() {
    String fingerprint = open(Map.of()).split("val").fingerprint();
    assertEquals(64, fingerprint.length());
    assertEquals(fingerprint, open(Map.of("train", 10)).split("val").fingerprint());
    assertNotEquals(fingerprint, open(Map.of()).split("test").fingerprint());
    for (Map<String, Object> options :
        List.<Map<String, Object>>of(
            Map.of("val", 10),
            Map.of("seed", 1L),
            Map.of("difficulty", 2),
            Map.of("classes", 7),
            Map.of("size", new int[] {64}))) {
      assertNotEquals(fingerprint, open(options).split("val").fingerprint());
    }
  }

  @Test
  public void namesOptionsOutOfRange() {
    assertMessage("shapes: option classes is 5, expected 6 to 16", Map.of("classes", 5));
    assertMessage("shapes: option difficulty is 4, expected 0 to 3", Map.of("difficulty", 4));
    assertMessage("shapes: option val is 0, expected 1 to 2147483647", Map.of("val", 0));
    assertMessage(
        "shapes: option size is 16, expected 32 to 1024", Map.of("size", new int[] {96, 16}));
    assertMessage("shapes: size has 3 numbers, expected H and W", Map.of("size", new int[3]));
  }

  @Test
  public void namesTheSplitsThereAre() {
    Images images = open(Map.of());
    assertEquals(List.of("train", "val", "test"), images.splits());
    RigException e = assertThrows(RigException.class, () -> images.split("trainval"));
    assertEquals("shapes: no split trainval, expected one of train, val, test", e.getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> images.split("val").sample(128));
  }

  @Test
  public void givesEveryClassAColourOfItsOwn() {
    Images images = open(Map.of("classes", 16));
    assertEquals(16, images.classes().size());
    assertEquals("background", images.classes().entries().get(0).name());
    assertEquals(16, images.classes().entries().stream().map(e -> e.rgb()).distinct().count());
  }

  private static Images open(Map<String, Object> options) {
    return new ShapesDataset().open(Optional.empty(), new TestOptions(options));
  }

  private static String digest(Map<String, Object> options) {
    Split split = open(options).split("train");
    MessageDigest digest = Sha256.digest();
    for (int i = 0; i < 20; i++) {
      digest.update(split.sample(i).image());
      digest.update(split.sample(i).label());
    }
    return Sha256.hex(digest.digest());
  }

  private static void assertMessage(String message, Map<String, Object> options) {
    assertEquals(message, assertThrows(RigException.class, () -> open(options)).getMessage());
  }

  /** The class whose head has this pixel's colour, up to noise; 0 if none has. */
  private static int head(byte[] image, int pixel, int classes) {
    for (int c = 1; c < classes; c++) {
      int rgb = ShapesDataset.colour(c, classes);
      if (near(image[3 * pixel], rgb >> 16)
          && near(image[3 * pixel + 1], rgb >> 8)
          && near(image[3 * pixel + 2], rgb)) {
        return c;
      }
    }
    return 0;
  }

  private static boolean near(byte value, int expected) {
    return Math.abs(Byte.toUnsignedInt(value) - (expected & 255)) <= 16;
  }

  /** Connected pixels of one class. */
  private static List<List<Integer>> bodies(Sample sample) {
    byte[] label = sample.label().clone();
    List<List<Integer>> bodies = new ArrayList<>();
    for (int start = 0; start < label.length; start++) {
      byte c = label[start];
      if (c <= 0) {
        continue;
      }
      List<Integer> body = new ArrayList<>();
      Deque<Integer> open = new ArrayDeque<>(List.of(start));
      label[start] = 0;
      while (!open.isEmpty()) {
        int i = open.pop();
        body.add(i);
        for (int next : new int[] {i - 1, i + 1, i - sample.width(), i + sample.width()}) {
          // bodies keep clear of the image's edge
          if (label[next] == c) {
            label[next] = 0;
            open.push(next);
          }
        }
      }
      bodies.add(body);
    }
    return bodies;
  }
}
