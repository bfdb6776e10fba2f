package org.riglab.transforms.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.data.Sample;
import org.riglab.api.training.Picture;
import org.riglab.api.training.Transform;
import org.riglab.images.LazyPicture;
import org.riglab.parts.AnnotationOptions;

/**
 * The expected numbers are those of {@code torchvision.transforms.v2.functional} 0.22.1 in float64.
 */
public class TransformsTest {
  private static final int HEIGHT = 4;
  private static final int WIDTH = 5;
  private static final float[] MEAN = {124, 116, 104};

  private static byte[] bytes() {
    byte[] image = new byte[3 * HEIGHT * WIDTH];
    for (int i = 0; i < image.length; i++) {
      image[i] = (byte) ((37 * i * i + 11 * i) % 256);
    }
    set(image, 0, 90, 90, 90);
    set(image, 6, 200, 10, 200);
    set(image, 12, 0, 0, 0);
    return image;
  }

  private static void set(byte[] image, int pixel, int red, int green, int blue) {
    image[3 * pixel] = (byte) red;
    image[3 * pixel + 1] = (byte) green;
    image[3 * pixel + 2] = (byte) blue;
  }

  /** Each pixel has a label of its own. */
  private static Picture picture() {
    byte[] label = new byte[HEIGHT * WIDTH];
    for (int i = 0; i < label.length; i++) {
      label[i] = (byte) i;
    }
    return LazyPicture.of(new Sample("a", HEIGHT, WIDTH, bytes(), label), MEAN);
  }

  private static Transform.Augmentation created(
      Transform transform, int height, int width, Map<String, Object> options) {
    return transform.create(
        height, width, AnnotationOptions.check("transform", transform.options(), options));
  }

  private static void check(BiConsumer<float[], Double> change, double by, float[] expected) {
    float[] image = picture().image();
    change.accept(image, by);
    assertArrayEquals(expected, image, 1e-3f);
  }

  @Test
  public void brightnessIsTorchvisions() {
    check(
        Colours::brightness,
        1.5,
        new float[] {
          135, 135, 135, 165, 186, 255, 177, 147, 228, 36, 255, 255, 126, 255, 255, 63, 255, 192,
          255, 15, 255, 246, 255, 171, 108, 156, 255, 201, 198, 255, 141, 87, 144, 255, 207, 213, 0,
          0, 0, 195, 255, 255, 255, 33, 255, 234, 255, 111, 24, 48, 183, 45, 18, 102, 255, 219, 252,
          12, 255, 249
        });
  }

  @Test
  public void contrastIsTorchvisions() {
    check(
        Colours::contrast,
        1.7,
        new float[] {
          68.385f, 68.385f, 68.385f, 102.385f, 126.185f, 255, 115.985f, 81.985f, 173.785f, 0, 255,
          255, 58.185f, 255, 255, 0, 214.585f, 132.985f, 255, 0, 255, 194.185f, 255, 109.185f,
          37.785f, 92.185f, 255, 143.185f, 139.785f, 255, 75.185f, 13.985f, 78.585f, 255, 149.985f,
          156.785f, 0, 0, 0, 136.385f, 255, 228.185f, 245.185f, 0, 221.385f, 180.585f, 255, 41.185f,
          0, 0, 122.785f, 0, 0, 30.985f, 251.985f, 163.585f, 200.985f, 0, 217.985f, 197.585f
        });
  }

  @Test
  public void saturationIsTorchvisions() {
    check(
        Colours::saturation,
        0.4,
        new float[] {
          89.9946f, 89.9946f, 89.9946f, 121.901f, 127.501f, 162.701f, 113.2745f, 105.2745f,
          126.8745f, 110.3278f, 191.1278f, 199.1278f, 153.6982f, 220.8982f, 215.2982f, 95.0747f,
          148.6747f, 129.4747f, 133.07f, 57.07f, 133.07f, 183.8154f, 210.2154f, 163.8154f, 92.7053f,
          105.5053f, 147.9053f, 138.0756f, 137.2756f, 166.0756f, 81.452f, 67.052f, 82.252f,
          178.8191f, 150.8191f, 152.4191f, 0, 0, 0, 175.2454f, 222.4454f, 196.8454f, 132.4524f,
          63.6524f, 126.8524f, 167.9918f, 187.9918f, 135.1918f, 28.8846f, 35.2846f, 71.2846f,
          26.2578f, 19.0578f, 41.4578f, 177.6217f, 156.8217f, 165.6217f, 78.6807f, 146.6807f,
          141.8807f
        });
  }

  @Test
  public void hueIsTorchvisions() {
    check(
        Colours::hue,
        0.3,
        new float[] {
          90, 90, 90, 212, 110, 144.3999f, 152, 107.2f, 98, 221.6002f, 24, 246, 204.4001f, 84, 252,
          101.2001f, 42, 176, 200, 162, 10, 114, 187.2f, 230, 210, 72, 131.6f, 204, 132, 144.4f, 96,
          86.4f, 58, 156, 208, 138, 0, 0, 0, 160.4f, 130, 248, 194, 173.6f, 22, 74, 182.4f, 206,
          122, 16, 53.1999f, 68, 18.8f, 12, 178.4f, 198, 146, 132.0001f, 8, 178
        });
    check(
        Colours::hue,
        -0.45,
        new float[] {
          90, 90, 90, 195.3999f, 212, 110, 115.8f, 152, 98, 246, 110.6002f, 24, 252, 120.4001f, 84,
          176, 42, 49.7999f, 10, 200, 67, 214.8f, 114, 230, 200.6f, 210, 72, 180.4f, 204, 132, 58,
          96, 67.4f, 138, 191, 208, 0, 0, 0, 248, 130, 158.6f, 22, 194, 87.6f, 163.6f, 74, 206,
          106.1999f, 122, 16, 33.2f, 68, 12, 146, 198, 191.6f, 178, 47.0001f, 8
        });
  }

  /** {@code rotate(x - mean, BILINEAR) + mean} and {@code rotate(label, NEAREST, fill=255)}. */
  @Test
  public void rotationIsTorchvisions() {
    check(
        30,
        new float[] {
          121.2154f, 117.5139f, 125.4875f, 119.1436f, 105.4973f, 142.5259f, 57.0457f, 182.2437f,
          215.1649f, 95.4713f, 157.3629f, 216.7008f, 135.4248f, 112.8375f, 153.2968f, 101.9316f,
          106.432f, 154.0005f, 154.5215f, 102.9365f, 176.4972f, 133.7319f, 189.3562f, 131.8372f,
          112.2104f, 172.1855f, 194.6937f, 180.697f, 36.1963f, 179.1316f, 47.8854f, 167.5f,
          126.8069f, 187.3427f, 72.3267f, 167.8377f, 60.1055f, 43.9117f, 42.1987f, 103.2101f,
          127.5613f, 120.3868f, 110.0572f, 159.9272f, 168.0431f, 103.0489f, 98.2413f, 103.1872f,
          127.1484f, 103.8106f, 107.3136f, 46.9313f, 42.3736f, 108.0981f, 71.7729f, 53.9981f,
          86.8983f, 138.2652f, 121.5455f, 116.5009f
        },
        new int[] {255, 2, 3, 9, 9, 1, 6, 7, 13, 14, 5, 6, 12, 13, 18, 10, 10, 16, 17, 255});
    check(
        -75,
        new float[] {
          150.1222f, 196.5037f, 76.8453f, 126.3701f, 87.1142f, 107.7815f, 132.1774f, 86.4797f,
          162.5018f, 115.4992f, 106.4554f, 188.4474f, 121.5801f, 117.1178f, 122.6892f, 48.7224f,
          57.4781f, 116.5359f, 108.9701f, 76.9487f, 106.2494f, 151.3946f, 102.5877f, 123.3105f,
          138.8124f, 134.9305f, 152.4297f, 119.9375f, 110.05f, 126.4895f, 82.5456f, 70.6754f,
          89.0269f, 52.0695f, 47.5195f, 70.5163f, 83.8281f, 138.0715f, 115.3621f, 79.7771f,
          155.5192f, 197.4994f, 54.2694f, 192.7423f, 203.0499f, 135.236f, 119.7401f, 114.2779f,
          159.0103f, 159.8065f, 169.8979f, 152.1458f, 143.2f, 185.0102f, 112.0384f, 133.1849f,
          208.4409f, 83.8241f, 245.2349f, 232.4106f
        },
        new int[] {15, 10, 6, 1, 255, 16, 11, 7, 2, 255, 255, 17, 12, 8, 3, 255, 18, 13, 9, 4});
  }

  private static void check(double degrees, float[] image, int[] labels) {
    Picture rotated = Rotate.rotated(picture(), degrees);
    assertArrayEquals(image, rotated.image(), 1e-3f);
    byte[] label = rotated.label();
    for (int i = 0; i < labels.length; i++) {
      assertEquals("pixel " + i, labels[i], Byte.toUnsignedInt(label[i]));
    }
  }

  @Test
  public void aRotationByNothingChangesNothing() {
    Picture same = Rotate.rotated(picture(), 0);
    assertArrayEquals(picture().image(), same.image(), 1e-4f);
    assertArrayEquals(picture().label(), same.label());
  }

  /** The angle shows in where a pixel to the right of the centre goes. */
  @Test
  public void anglesAreUniformToBothSides() {
    Transform.Augmentation rotate = created(new Rotate(), 9, 9, Map.of("degrees", 90));
    byte[] label = new byte[101 * 101];
    label[50 * 101 + 100] = 1;
    Picture dot = LazyPicture.of(new Sample("a", 101, 101, new byte[3 * 101 * 101], label), MEAN);
    int[] sectors = new int[6];
    for (int seed = 0; seed < 300; seed++) {
      byte[] turned = rotate.apply(dot, new SplittableRandom(seed)).label();
      for (int i = 0; i < turned.length; i++) {
        if (turned[i] == 1) {
          double angle = Math.toDegrees(Math.atan2(50 - i / 101, i % 101 - 50));
          sectors[(int) Math.min(5, Math.max(0, (angle + 90) / 30))]++;
          break;
        }
      }
    }
    for (int count : sectors) {
      assertTrue(List.of(sectors[0], sectors[5]).toString(), count > 25);
    }
  }

  @Test
  public void changesOfColoursComeWithTheirProbability() {
    float[] before = picture().image();
    for (double probability : new double[] {0, 1}) {
      Transform.Augmentation made =
          created(new Photometric(), HEIGHT, WIDTH, Map.of("probability", probability));
      Set<Float> reds = new HashSet<>();
      for (int seed = 0; seed < 20; seed++) {
        Picture changed = made.apply(picture(), new SplittableRandom(seed));
        assertArrayEquals(picture().label(), changed.label());
        reds.add(changed.image()[15]);
      }
      assertEquals(probability == 0 ? Set.of(before[15]) : reds, reds);
      assertTrue(probability == 0 || reds.size() > 15);
    }
  }

  /** Brightness alone: a factor of 0.5 to 1.5 with probability 0.5. */
  @Test
  public void factorsKeepWithinTheirBounds() {
    Map<String, Object> brightness =
        Map.of("brightness", 0.5, "contrast", 0, "saturation", 0, "hue", 0);
    Transform.Augmentation made = created(new Photometric(), HEIGHT, WIDTH, brightness);
    int unchanged = 0;
    double least = 9;
    double most = 0;
    for (int seed = 0; seed < 1000; seed++) {
      float grey = made.apply(picture(), new SplittableRandom(seed)).image()[0];
      unchanged += grey == 90 ? 1 : 0;
      least = Math.min(least, grey / 90);
      most = Math.max(most, grey / 90);
    }
    assertTrue("" + unchanged, unchanged > 420 && unchanged < 580);
    assertTrue(least + " to " + most, least >= 0.5 && least < 0.52 && most <= 1.5 && most > 1.48);
  }

  /** One pixel of class 1 among 9,999 of class 0: it is in half of the windows and more. */
  @Test
  public void rareClassesAreInAsManyWindows() {
    byte[] label = new byte[100 * 100];
    label[33 * 100 + 97] = 1;
    Picture rare = LazyPicture.of(new Sample("a", 100, 100, new byte[30000], label), MEAN);
    assertEquals(0.5, share(rare, 1), 0.06);
    assertTrue(share(rare, 0) < 0.03);
    assertEquals(0.25, share(rare, 0.5), 0.06);
  }

  private static double share(Picture picture, double probability) {
    Transform.Augmentation made =
        created(new BalancedCrop(), 10, 10, Map.of("probability", probability));
    Set<Integer> places = new HashSet<>();
    int with = 0;
    for (int seed = 0; seed < 1000; seed++) {
      byte[] label = made.apply(picture, new SplittableRandom(seed)).label();
      assertEquals(100, label.length);
      for (int i = 0; i < label.length; i++) {
        assertTrue("within the picture", label[i] >= 0);
        if (label[i] == 1) {
          places.add(i);
          with++;
        }
      }
    }
    // in each of 10 rows of the window, in the 3 columns that the right edge leaves
    assertTrue("" + places.size(), probability == 0 || places.size() == 30);
    return with / 1000.0;
  }

  @Test
  public void balancedCropsOfSmallOrUnlabelledPictures() {
    Transform.Augmentation made = created(new BalancedCrop(), 6, 3, Map.of());
    for (int seed = 0; seed < 50; seed++) {
      Picture window = made.apply(picture(), new SplittableRandom(seed));
      assertEquals(6, window.height());
      assertEquals(3, window.width());
      int labelled = 0;
      for (byte one : window.label()) {
        labelled += one >= 0 ? 1 : 0;
      }
      assertEquals("4 rows in 6, and 3 of 5 columns", 12, labelled);
    }
    byte[] nothing = new byte[HEIGHT * WIDTH];
    Arrays.fill(nothing, (byte) 255);
    Picture unlabelled = LazyPicture.of(new Sample("a", HEIGHT, WIDTH, bytes(), nothing), MEAN);
    assertEquals(3, made.apply(unlabelled, new SplittableRandom(1)).width());
  }

  private static String refused(Transform transform, String option, double value) {
    return assertThrows(RigException.class, () -> created(transform, 4, 4, Map.of(option, value)))
        .getMessage();
  }

  @Test
  public void optionsOutOfRangeAreNamed() {
    assertEquals(
        "transform rotate: option 'degrees' is 181.0; it must be 0 to 180",
        refused(new Rotate(), "degrees", 181));
    assertEquals(
        "transform photometric: option 'hue' is 0.6; it must be 0 to 0.5",
        refused(new Photometric(), "hue", 0.6));
    assertEquals(
        "transform balanced-crop: option 'probability' is -0.1; it must be 0 to 1",
        refused(new BalancedCrop(), "probability", -0.1));
  }
}
