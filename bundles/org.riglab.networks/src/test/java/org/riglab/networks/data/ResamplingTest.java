package org.riglab.networks.data;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertSame;

import org.junit.Test;
import org.riglab.api.data.Sample;

public class ResamplingTest {
  @Test
  public void growsBilinearlyBetweenPixelCentres() {
    // centres of the new pixels at -0.25, 0.25, 0.75, 1.25: the edge, 1/4, 3/4, the edge
    assertArrayEquals(grey(0, 50, 150, 200), Resampling.image(grey(0, 200), 1, 2, 1, 4));
    assertArrayEquals(grey(0, 50, 150, 200), Resampling.image(grey(0, 200), 2, 1, 4, 1));
    // 3 to 4: centres at -0.125, 0.625, 1.375, 2.125
    assertArrayEquals(grey(0, 50, 110, 160), Resampling.image(grey(0, 80, 160), 1, 3, 1, 4));
  }

  @Test
  public void shrinksByTheMeanOverTheArea() {
    assertArrayEquals(grey(15, 35), Resampling.image(grey(10, 20, 30, 40), 1, 4, 1, 2));
    // each new pixel covers one and a half old ones
    assertArrayEquals(grey(20, 50), Resampling.image(grey(0, 60, 45), 1, 3, 1, 2));
    assertArrayEquals(grey(25), Resampling.image(grey(10, 20, 30, 40), 2, 2, 1, 1));
  }

  @Test
  public void shrinksOneAxisWhileTheOtherGrows() {
    // rows (10 30) and (50 70) become 20 and 60, then four rows at 0, 1/4, 3/4 and 1 between them
    assertArrayEquals(grey(20, 30, 50, 60), Resampling.image(grey(10, 30, 50, 70), 2, 2, 4, 1));
  }

  @Test
  public void keepsChannelsApart() {
    byte[] image = {0, 100, (byte) 250, 40, 100, (byte) 200};
    assertArrayEquals(new byte[] {20, 100, (byte) 225}, Resampling.image(image, 1, 2, 1, 1));
  }

  @Test
  public void roundsToTheNearest() {
    assertArrayEquals(grey(255), Resampling.image(grey(255, 255, 255), 1, 3, 1, 1));
    assertArrayEquals(grey(1), Resampling.image(grey(0, 1, 1), 1, 3, 1, 1));
    assertArrayEquals(grey(0), Resampling.image(grey(0, 0, 1), 1, 3, 1, 1));
  }

  @Test
  public void takesTheLabelAtTheCentre() {
    byte[] labels = {1, 2, 3, 4};
    assertArrayEquals(
        new byte[] {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4},
        Resampling.label(labels, 2, 2, 4, 4));
    assertArrayEquals(new byte[] {2, 4}, Resampling.label(labels, 1, 4, 1, 2));
    assertArrayEquals(new byte[] {1, 3, 4}, Resampling.label(labels, 1, 4, 1, 3));
  }

  @Test
  public void resizesImageAndLabelTogether() {
    Sample sample = new Sample("a", 1, 4, grey(10, 20, 30, 40), new byte[] {0, 0, 1, 1});
    Sample half = Resampling.resize(sample, 1, 2);
    assertEquals("a", half.id());
    assertEquals(1, half.height());
    assertEquals(2, half.width());
    assertArrayEquals(grey(15, 35), half.image());
    assertArrayEquals(new byte[] {0, 1}, half.label());
    assertSame(sample, Resampling.resize(sample, 1, 4));
  }

  public static byte[] grey(int... values) {
    byte[] rgb = new byte[values.length * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) values[i / 3];
    }
    return rgb;
  }
}
