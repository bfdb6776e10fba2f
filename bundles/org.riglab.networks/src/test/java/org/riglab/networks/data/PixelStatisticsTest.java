package org.riglab.networks.data;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.api.data.Sample;

public class PixelStatisticsTest {
  @Test
  public void sumsAreExact() {
    MemorySplit noise = MemorySplit.noise(7, 5, 9);
    PixelStatistics found = PixelStatistics.of(noise, 0, Observer.NONE);
    assertEquals(7, found.images());
    assertEquals(7 * 45, found.pixels());
    for (int c = 0; c < 3; c++) {
      List<Double> values = new ArrayList<>();
      double imageMean = 0;
      double imageStd = 0;
      for (int i = 0; i < 7; i++) {
        List<Double> own = new ArrayList<>();
        byte[] image = noise.sample(i).image();
        for (int k = c; k < image.length; k += 3) {
          own.add((double) (image[k] & 0xff));
        }
        values.addAll(own);
        imageMean += mean(own) / 7;
        imageStd += std(own) / 7;
      }
      assertEquals(mean(values), found.mean().get(c), 1e-12);
      assertEquals(std(values), found.std().get(c), 1e-12);
      assertEquals(imageMean, found.imageMean().get(c), 1e-12);
      assertEquals(imageStd, found.imageStd().get(c), 1e-12);
    }
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(v -> v).average().orElseThrow();
  }

  private static double std(List<Double> values) {
    double mean = mean(values);
    return Math.sqrt(
        values.stream().mapToDouble(v -> (v - mean) * (v - mean)).average().orElseThrow());
  }

  @Test
  public void smallDeviationsOfLargeSumsAreNotLost() {
    byte[] image = new byte[3 * 1000 * 1000];
    Arrays.fill(image, (byte) 255);
    image[0] = (byte) 254;
    Sample sample = new Sample("s", 1000, 1000, image, new byte[1000 * 1000]);
    PixelStatistics found = PixelStatistics.of(new MemorySplit(List.of(sample)), 0, Observer.NONE);
    assertEquals(255 - 1e-6, found.mean().get(0), 1e-13);
    assertEquals(Math.sqrt(1e-6 - 1e-12), found.std().get(0), 1e-15);
    assertEquals(0, found.std().get(1), 0);
  }

  @Test
  public void aLimitTakesImagesFromTheWholeSplit() {
    PixelStatistics found = PixelStatistics.of(MemorySplit.plain(10, 2, 3), 4, Observer.NONE);
    assertEquals(4, found.images());
    assertEquals((0 + 2 + 5 + 7) / 4.0, found.mean().get(0), 0);
    assertEquals(3, PixelStatistics.of(MemorySplit.plain(3, 2, 3), 9, Observer.NONE).images());
  }

  @Test
  public void nothingHasNoStatistics() {
    assertEquals(
        "there are no images to compute mean and standard deviation of",
        assertThrows(
                RigException.class,
                () -> PixelStatistics.of(new MemorySplit(List.of()), 0, Observer.NONE))
            .getMessage());
  }
}
