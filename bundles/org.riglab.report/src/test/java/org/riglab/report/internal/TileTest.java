package org.riglab.report.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.awt.image.BufferedImage;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.RgbImage;

public final class TileTest {
  private static final byte VOID = (byte) 255;

  private final Palette palette = new Palette(Fixtures.CLASSES);

  @Test
  public void smallPicturesGrowByAWholeFactorAndLargeOnesShrink() {
    assertEquals(new Tile(256, 256), Tile.of(64, 64));
    assertEquals(new Tile(260, 260), Tile.of(1, 1));
    assertEquals(new Tile(260, 520), Tile.of(260, 130));
    assertEquals(new Tile(240, 180), Tile.of(360, 480));
    assertEquals(new Tile(240, 320), Tile.of(480, 360));
    assertEquals(new Tile(52, 520), Tile.of(1000, 100));
    assertEquals(new Tile(240, 1), Tile.of(1, 100_000));
  }

  @Test
  public void shrunkPixelIsTheMeanOfThoseItCovers() {
    byte[] rgb = new byte[2 * 480 * 3];
    rgb[0] = (byte) 200;
    rgb[3] = 100;
    rgb[480 * 3] = 50;
    rgb[480 * 3 + 3] = 12;

    BufferedImage out = Tile.of(2, 480).image(new RgbImage(2, 480, rgb));

    assertEquals(240, out.getWidth());
    assertEquals(1, out.getHeight());
    assertEquals("(200 + 100 + 50 + 12) / 4 = 90.5", 91 << 16, out.getRGB(0, 0) & 0xFFFFFF);
    assertEquals(0, out.getRGB(1, 0) & 0xFFFFFF);
  }

  @Test
  public void grownLabelsKeepTheirColoursAndVoidIsHatched() {
    BufferedImage out = new Tile(20, 10).labels(new byte[] {1, VOID}, 1, 2, palette);

    assertEquals(0xC0392B, out.getRGB(0, 0) & 0xFFFFFF);
    assertEquals(0xC0392B, out.getRGB(9, 9) & 0xFFFFFF);
    assertEquals(Palette.VOID_RGB, out.getRGB(10, 0) & 0xFFFFFF);
    assertEquals(Palette.VOID_LINE_RGB, out.getRGB(16, 0) & 0xFFFFFF);
    assertEquals(Palette.VOID_LINE_RGB, out.getRGB(10, 6) & 0xFFFFFF);
  }

  @Test
  public void mapIsTheMeanOverChannelsFromVioletToYellow() {
    float[] values = {0, 2, Float.NaN, 4, 6, 0};
    MeanMap map = MeanMap.of(new FeatureMap(2, 1, 3, values), "gate");
    BufferedImage out = new Tile(3, 1).map(map);

    assertEquals(2, map.min(), 0);
    assertEquals(4, map.max(), 0);
    assertEquals("2.00 to 4.00", map.range());
    assertEquals(0x440154, out.getRGB(0, 0) & 0xFFFFFF);
    assertEquals(0xFDE725, out.getRGB(1, 0) & 0xFFFFFF);
    assertEquals("no number", 0xBDBDBD, out.getRGB(2, 0) & 0xFFFFFF);
  }

  @Test
  public void constantMapHasTheMiddleColourAndANaNMapNone() {
    MeanMap constant = MeanMap.of(new FeatureMap(1, 1, 1, new float[] {0.5f}), "gate");
    MeanMap nothing = MeanMap.of(new FeatureMap(1, 1, 1, new float[] {Float.NaN}), "gate");

    assertEquals(Viridis.rgb(0.5), new Tile(1, 1).map(constant).getRGB(0, 0) & 0xFFFFFF);
    assertEquals("\u2013 to \u2013", nothing.range());
    assertEquals(0xBDBDBD, new Tile(1, 1).map(nothing).getRGB(0, 0) & 0xFFFFFF);
  }

  @Test
  public void mapOfTheWrongSizeIsRefused() {
    RigException e =
        assertThrows(
            RigException.class,
            () -> MeanMap.of(new FeatureMap(2, 3, 4, new float[23]), "gate.4.t2"));
    assertEquals("map gate.4.t2 has 23 values, not 2 x 3 x 4", e.getMessage());
  }

  @Test
  public void viridisPassesThroughThePublishedPoints() {
    assertEquals(0x440154, Viridis.rgb(-1));
    assertEquals(0x31688E, Viridis.rgb(3 / 9.0));
    assertEquals(0x35B779, Viridis.rgb(6 / 9.0));
    assertEquals("half way from 26828E to 1F9E89", 0x23908C, Viridis.rgb(0.5));
    assertEquals(0xFDE725, Viridis.rgb(1));
  }
}
