package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.riglab.training.internal.BuiltInTransforms.augmentation;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.networks.data.MemorySplit;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.data.ResamplingTest;
import org.riglab.training.internal.Augmentation.Step;
import org.riglab.transforms.internal.Scale;

public class AugmentationTest {
  /** Leaves bytes as they are. */
  private static final Normalization RAW =
      new Normalization(List.of(0.0, 0.0, 0.0), List.of(1 / 255.0, 1 / 255.0, 1 / 255.0));

  @Test
  public void normalisesChannelByChannel() {
    Normalization normalization =
        new Normalization(List.of(0.5, 0.25, 0.0), List.of(0.5, 0.25, 2.0));
    FloatBuffer out = FloatBuffer.allocate(7);
    normalization.write(new byte[] {0, 51, (byte) 255, (byte) 255, (byte) 255, 0}, out, 1);
    float[] values = out.array();
    assertArrayEquals(new float[] {0, -1, 1, -0.2f, 3, 0.5f, 0}, values, 1e-6f);
  }

  /** As Caffe's weights want it: blue, green, red, 0 to 255, minus the mean. */
  @Test
  public void turnsAroundAndStretchesWhatTheWeightsWantSo() {
    Normalization caffe =
        new Normalization(
            TrainSpec.Channels.BGR, 255, List.of(104.0, 117.0, 123.0), List.of(1.0, 1.0, 2.0));
    FloatBuffer out = FloatBuffer.allocate(6);
    byte[] rgb = {0, 51, (byte) 255, (byte) 255, (byte) 200, 10};
    caffe.write(rgb, out, 0);
    float[] expected = {255 - 104, 10 - 104, 51 - 117, 200 - 117, -61.5f, 66};
    assertArrayEquals(expected, out.array(), 1e-4f);
    Crop crop =
        crop(augmentation(1, 2, 1, 1, false, caffe), new Sample("a", 1, 2, rgb, new byte[2]), 1);
    assertArrayEquals("a crop too", expected, crop.images, 1e-4f);
    assertThrows(
        RigException.class,
        () -> new Normalization(TrainSpec.Channels.RGB, 2, caffe.mean(), caffe.std()));
  }

  @Test
  public void leavesImageOfTheCropsSizeAsItIs() {
    Sample sample = MemorySplit.noise(1, 4, 6).sample(0);
    Crop crop = crop(augmentation(4, 6, 1, 1, false, RAW), sample, 1);
    assertArrayEquals(sample.label(), crop.labels);
    for (int i = 0; i < 24; i++) {
      for (int c = 0; c < 3; c++) {
        assertEquals(Byte.toUnsignedInt(sample.image()[3 * i + c]), crop.images[24 * c + i], 1e-4f);
      }
    }
  }

  @Test
  public void scalesBilinearlyBetweenPixelCentres() {
    Sample sample = new Sample("a", 1, 2, ResamplingTest.grey(0, 200), new byte[] {3, 4});
    Crop crop = crop(augmentation(2, 4, 2, 2, false, RAW), sample, 1);
    float[] row = {0, 50, 150, 200};
    for (int line = 0; line < 6; line++) {
      for (int x = 0; x < 4; x++) {
        assertEquals(row[x], crop.images[4 * line + x], 1e-4f);
      }
    }
    assertArrayEquals(new byte[] {3, 3, 4, 4, 3, 3, 4, 4}, crop.labels);
  }

  @Test
  public void halvesByTheMeanOfNeighbours() {
    Sample sample =
        new Sample("a", 2, 4, ResamplingTest.grey(0, 10, 40, 50, 20, 30, 60, 70), new byte[8]);
    Crop crop = crop(augmentation(1, 2, 0.5, 0.5, false, RAW), sample, 1);
    assertEquals(15, crop.images[0], 1e-4f);
    assertEquals(55, crop.images[1], 1e-4f);
  }

  /** The red value is the label, so that a shift between image and label shows at every pixel. */
  @Test
  public void cropsAndFlipsImageAndLabelAlike() {
    Sample sample = MemorySplit.noise(1, 9, 11).sample(0);
    Augmentation augmentation = augmentation(5, 6, 1, 1, true, RAW);
    Set<List<Integer>> places = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      Crop crop = crop(augmentation, sample, seed);
      for (int i = 0; i < 30; i++) {
        assertEquals(crop.labels[i], crop.images[i], 1e-4f);
      }
      places.add(place(sample, crop, 5, 6));
    }
    // 5 offsets down, 6 across, flipped or not: nearly all of the 60 come up, and nothing else
    assertTrue(places.size() + " places", places.size() > 50 && places.size() <= 60);
  }

  @Test
  public void flipsOnlyWhenAsked() {
    Sample sample = MemorySplit.noise(1, 3, 4).sample(0);
    for (int seed = 0; seed < 20; seed++) {
      Crop crop = crop(augmentation(3, 4, 1, 1, false, RAW), sample, seed);
      assertArrayEquals(sample.label(), crop.labels);
    }
  }

  @Test
  public void surroundsSmallImageWithMeanColourAndVoid() {
    Normalization mean = new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.25, 0.25, 0.25));
    Sample sample = MemorySplit.plain(8, 2, 3).sample(7);
    float inside = (7 / 255f - 0.5f) / 0.25f;
    Set<Integer> places = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      Crop crop = crop(augmentation(3, 5, 1, 1, true, mean), sample, seed);
      int first = -1;
      int count = 0;
      for (int i = 0; i < 15; i++) {
        boolean isVoid = crop.labels[i] == (byte) Dataset.VOID;
        for (int c = 0; c < 3; c++) {
          assertEquals(isVoid ? 0 : inside, crop.images[15 * c + i], 1e-5f);
        }
        if (!isVoid) {
          assertEquals(7, crop.labels[i]);
          first = first < 0 ? i : first;
          count++;
        }
      }
      assertEquals(6, count);
      places.add(first);
    }
    assertEquals(Set.of(0, 1, 2, 5, 6, 7), places);
  }

  @Test
  public void staysWithinTheScales() {
    // a plain image of 40 pixels in a crop of 100: what is not void shows the scale
    Sample sample = MemorySplit.plain(2, 40, 40).sample(1);
    int least = 100;
    int most = 0;
    for (int seed = 0; seed < 200; seed++) {
      Crop crop = crop(augmentation(100, 100, 0.5, 1.5, true, RAW), sample, seed);
      int pixels = 0;
      for (byte label : crop.labels) {
        pixels += label == 1 ? 1 : 0;
      }
      int side = (int) Math.round(Math.sqrt(pixels));
      assertEquals(side * side, pixels);
      least = Math.min(least, side);
      most = Math.max(most, side);
    }
    assertTrue(least + " to " + most, least >= 20 && least <= 22 && most >= 58 && most <= 60);
  }

  @Test
  public void refusesNonsense() {
    assertThrows(RigException.class, () -> augmentation(0, 5, 1, 1, true, RAW));
    assertThrows(RigException.class, () -> augmentation(5, 5, 0, 1, true, RAW));
    assertThrows(RigException.class, () -> augmentation(5, 5, 1, 0.5, true, RAW));
    List<Double> three = List.of(0.5, 0.5, 0.5);
    assertThrows(RigException.class, () -> new Normalization(three, List.of(0.5)));
    assertThrows(RigException.class, () -> new Normalization(three, List.of(0.5, 0.0, 0.5)));
  }

  @Test
  public void whatIsNoPictureNamesTheTransform() {
    Sample sample = MemorySplit.noise(1, 4, 6).sample(0);
    Step nothing = new Step("mine", "transform mine (bundle 1.0)", (picture, random) -> null);
    assertEquals(
        "transform mine (bundle 1.0) returned null; it must return a picture made by the methods of"
            + " the one it is given",
        refused(new Augmentation(4, 6, List.of(nothing), RAW), sample));
    assertEquals(
        "the transforms end with a picture of 4 x 6 (H x W), but size is 4x5; add crop at the end"
            + " of transforms",
        refused(new Augmentation(4, 5, List.of(), RAW), sample));
  }

  private static String refused(Augmentation augmentation, Sample sample) {
    return assertThrows(RigException.class, () -> crop(augmentation, sample, 1)).getMessage();
  }

  /** A transform that is added changes nothing of what the others draw. */
  @Test
  public void transformsDrawFromStreamsOfTheirOwn() {
    Sample sample = MemorySplit.noise(1, 40, 50).sample(0);
    Step draws =
        new Step(
            "draws",
            "transform draws",
            (picture, random) -> {
              random.nextLong();
              return picture;
            });
    Step crop =
        BuiltInTransforms.step("crop", new org.riglab.transforms.internal.Crop(), 20, 20, Map.of());
    Step scale = BuiltInTransforms.step("scale", new Scale(), 20, 20, Map.of());
    for (int seed = 0; seed < 10; seed++) {
      assertArrayEquals(
          crop(new Augmentation(20, 20, List.of(scale, crop), RAW), sample, seed).images,
          crop(new Augmentation(20, 20, List.of(draws, scale, draws, crop), RAW), sample, seed)
              .images,
          0);
    }
    long one = new RandomStreams(1).transform(0, 0, "draws", 0).nextLong();
    Set<Long> others =
        Set.of(
            new RandomStreams(2).transform(0, 0, "draws", 0).nextLong(),
            new RandomStreams(1).transform(1, 0, "draws", 0).nextLong(),
            new RandomStreams(1).transform(0, 1, "draws", 0).nextLong(),
            new RandomStreams(1).transform(0, 0, "other", 0).nextLong(),
            new RandomStreams(1).transform(0, 0, "draws", 1).nextLong());
    assertEquals(5, others.size());
    assertFalse(others.contains(one));
    assertEquals(one, new RandomStreams(1).transform(0, 0, "draws", 0).nextLong());
  }

  /** Finds the one offset and orientation at which the crop's labels lie in the sample. */
  private static List<Integer> place(Sample sample, Crop crop, int height, int width) {
    for (int mirror = 0; mirror < 2; mirror++) {
      for (int top = 0; top <= sample.height() - height; top++) {
        for (int left = 0; left <= sample.width() - width; left++) {
          boolean equal = true;
          for (int i = 0; i < height * width && equal; i++) {
            int x = mirror == 1 ? width - 1 - i % width : i % width;
            equal = sample.label()[(top + i / width) * sample.width() + left + x] == crop.labels[i];
          }
          if (equal) {
            return List.of(mirror, top, left);
          }
        }
      }
    }
    throw new AssertionError("The crop is not a part of the image");
  }

  private static Crop crop(Augmentation augmentation, Sample sample, long seed) {
    int pixels = augmentation.height() * augmentation.width();
    // the second of two slots: what is before it must stay
    FloatBuffer images = FloatBuffer.allocate(6 * pixels);
    ByteBuffer labels = ByteBuffer.allocate(2 * pixels);
    RandomStreams streams = new RandomStreams(seed);
    augmentation.write(
        sample, (name, occurrence) -> streams.transform(0, 0, name, occurrence), 1, images, labels);
    float[] values = new float[3 * pixels];
    byte[] map = new byte[pixels];
    for (int i = 0; i < 3 * pixels; i++) {
      assertEquals(0, images.get(i), 0);
    }
    images.get(3 * pixels, values);
    labels.get(pixels, map);
    return new Crop(values, map);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Crop(float[] images, byte[] labels) {}
}
