package org.riglab.report.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

public final class SheetsTest {
  private static final byte VOID = (byte) 255;

  private final Palette palette = new Palette(Fixtures.CLASSES);

  @Test
  public void overlayBlendsHalfAndHalfAtTheImagesOwnSize() {
    RgbImage image = uniform(4, 6, 100, 200, 50);
    byte[] labels = new byte[24];
    Arrays.fill(labels, (byte) 1);
    labels[23] = 4;
    labels[3] = VOID;

    BufferedImage sheet = Overlay.draw(image, labels, palette);

    // (100 + 0xC0) / 2, (200 + 0x39) / 2, (50 + 0x2B) / 2, halves rounded up
    assertEquals(146 << 16 | 129 << 8 | 47, sheet.getRGB(0, 0) & 0xFFFFFF);
    assertEquals(171 << 16 | 198 << 8 | 33, sheet.getRGB(5, 3) & 0xFFFFFF);
    assertEquals("void is pale", 164 << 16 | 214 << 8 | 139, sheet.getRGB(3, 0) & 0xFFFFFF);
    assertEquals("outside", 0xFFFFFF, sheet.getRGB(6, 0) & 0xFFFFFF);
    assertEquals("outside", 0xFFFFFF, sheet.getRGB(0, 4) & 0xFFFFFF);
  }

  @Test
  public void legendNamesTheClassesThatOccurAndNoOthers() {
    byte[] labels = new byte[400 * 10];
    Arrays.fill(labels, 0, 50, (byte) 3);

    BufferedImage below = Overlay.draw(uniform(10, 400, 0, 0, 0), labels, palette);
    BufferedImage beside = Overlay.draw(uniform(400, 10, 0, 0, 0), labels, palette);

    assertEquals(400, below.getWidth());
    assertEquals(400, beside.getHeight());
    Set<Integer> colours = colours(below, 0, 10);
    assertTrue(colours.contains(0x404048));
    assertTrue(colours.contains(0x27AE60));
    assertFalse(colours.contains(0xC0392B));
    assertEquals(colours, colours(beside, 10, 0));
  }

  @Test
  public void legendBreaksIntoRowsWhereItMust() {
    Legend legend = new Legend(palette, List.of(0, 1, 2, 3, 4, 5), Lettering.of(13));
    int one = legend.height(10_000);

    assertEquals(6 * one, legend.height(legend.columnWidth()));
    assertEquals(3 * one, legend.height(3 * legend.columnWidth() - 1));
  }

  @Test
  public void longTextIsCut() {
    var metrics = Lettering.of(13).plain();
    String cut = Lettering.fit(metrics, "a name that is far too long", 60);

    assertTrue(cut, cut.startsWith("a n") && cut.endsWith("\u2026"));
    assertTrue(metrics.stringWidth(cut) <= 60);
    assertEquals("short", Lettering.fit(metrics, "short", 60));
    assertEquals("\u2026", Lettering.fit(metrics, "x", 1));
  }

  @Test
  public void stripHasATilePerColumnAndARowPerImage() {
    Report.Row full = row(64, 64, 2);
    Report.Row wide = row(120, 480, 1);

    BufferedImage sheet = Strip.draw(List.of(full, wide), palette);

    // Columns: image, label, iteration 1, iteration 2, prediction (of the row with only one), map
    assertEquals(16 + 4 * (256 + 10) + 240 + 10 + 256 + 16, sheet.getWidth());
    int line = Lettering.of(13).lineHeight();
    int top = 16 + 2 * line + 5;
    assertEquals("image", 0x0A141E, sheet.getRGB(16, top) & 0xFFFFFF);
    assertEquals("label", 0xC0392B, sheet.getRGB(16 + 266, top) & 0xFFFFFF);
    assertEquals("iteration 1", 0x2E86C1, sheet.getRGB(16 + 2 * 266, top) & 0xFFFFFF);
    assertEquals("iteration 2", 0x27AE60, sheet.getRGB(16 + 3 * 266, top) & 0xFFFFFF);
    assertEquals("map", 0x440154, sheet.getRGB(16 + 4 * 266 + 250, top) & 0xFFFFFF);
    assertEquals("map", 0xFDE725, sheet.getRGB(16 + 4 * 266 + 250 + 255, top) & 0xFFFFFF);
    assertEquals("title above", 0xFFFFFF, sheet.getRGB(16, top - 1) & 0xFFFFFF);
    int second = top + 256 + 10 + 2 * line + 5;
    assertEquals("second row", 0x0A141E, sheet.getRGB(16 + 239, second + 59) & 0xFFFFFF);
    assertEquals("no iteration 1", 0xFFFFFF, sheet.getRGB(16 + 2 * 266, second) & 0xFFFFFF);
    assertEquals("prediction", 0x2E86C1, sheet.getRGB(16 + 4 * 266, second) & 0xFFFFFF);
  }

  @Test
  public void stripOfManyTilesHasLines() {
    FeatureMap map = row(64, 64, 2).maps().values().iterator().next();
    Map<String, FeatureMap> maps = new LinkedHashMap<>();
    for (int i = 1; i <= 9; i++) {
      maps.put("map " + i, map);
    }
    Report.Row some = row(64, 64, 2);
    Report.Row many = new Report.Row("many", some.image(), some.label(), some.predictions(), maps);

    BufferedImage sheet = Strip.draw(List.of(many, row(64, 64, 2)), palette);

    // image, label, two iterations; 6 maps; 3 maps and that of the other row
    assertEquals(16 + 6 * 266 - 10 + 16, sheet.getWidth());
    int line = Lettering.of(13).lineHeight();
    int height = 2 * line + 256 + 15;
    int top = 16 + 2 * line + 5;
    int white = 0xFFFFFF;
    assertEquals("iteration 2", 0x27AE60, sheet.getRGB(16 + 3 * 266, top) & white);
    assertEquals("map", 0x440154, sheet.getRGB(16, top + height) & white);
    assertEquals("sixth map", 0x440154, sheet.getRGB(16 + 5 * 266, top + height) & white);
    assertEquals("seventh map", 0x440154, sheet.getRGB(16, top + 2 * height) & white);
    assertEquals("no tenth map", white, sheet.getRGB(16 + 3 * 266, top + 2 * height) & white);
    // the other row needs two of these lines
    assertEquals("next image", 0x0A141E, sheet.getRGB(16, top + 3 * height) & white);
    assertEquals("its map", 0x440154, sheet.getRGB(16 + 3 * 266, top + 4 * height) & white);
    assertTrue(sheet.getHeight() < top + 5 * height);
  }

  @Test
  public void stripRefusesPredictionsOfAnotherSize() {
    Report.Row row =
        new Report.Row(
            "x", uniform(2, 2, 0, 0, 0), Optional.empty(), List.of(new byte[5]), Map.of());

    RigException e = assertThrows(RigException.class, () -> Strip.draw(List.of(row), palette));
    assertEquals("prediction of x has 5 labels, not 2 x 2", e.getMessage());
    assertThrows(RigException.class, () -> Strip.draw(List.of(), palette));
  }

  @Test
  public void contactSheetSpreadsOverTheSplit() {
    Set<Integer> asked = new LinkedHashSet<>();
    Split split =
        new Split() {
          @Override
          public int size() {
            return 10;
          }

          @Override
          public String id(int index) {
            return "image " + index;
          }

          @Override
          public Sample sample(int index) {
            asked.add(index);
            byte[] label = new byte[64 * 64];
            Arrays.fill(label, (byte) 2);
            return new Sample(id(index), 64, 64, new byte[64 * 64 * 3], label);
          }

          @Override
          public String fingerprint() {
            return "";
          }
        };

    BufferedImage sheet = ContactSheet.draw(split, 4, palette);

    assertEquals(List.of(0, 2, 5, 7), List.copyOf(asked));
    assertEquals("two columns", 16 + 256 + 12 + 256 + 16, sheet.getWidth());
    int half = 0x17 << 16 | 0x43 << 8 | 0x61;
    assertEquals(half, sheet.getRGB(16, 16) & 0xFFFFFF);
    assertEquals(half, sheet.getRGB(16 + 256 + 12 + 255, 16 + 255) & 0xFFFFFF);
    assertThrows(RigException.class, () -> ContactSheet.draw(split, 0, palette));
  }

  private static Report.Row row(int height, int width, int iterations) {
    byte[][] labels = new byte[3][height * width];
    for (int i = 0; i < 3; i++) {
      Arrays.fill(labels[i], (byte) (i + 1));
    }
    return new Report.Row(
        "x",
        uniform(height, width, 10, 20, 30),
        Optional.of(labels[0]),
        iterations == 2 ? List.of(labels[1], labels[2]) : List.of(labels[1]),
        iterations == 2 ? Map.of("gate", new FeatureMap(1, 1, 2, new float[] {1, 2})) : Map.of());
  }

  private static RgbImage uniform(int height, int width, int red, int green, int blue) {
    byte[] rgb = new byte[height * width * 3];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) red;
      rgb[i + 1] = (byte) green;
      rgb[i + 2] = (byte) blue;
    }
    return new RgbImage(height, width, rgb);
  }

  /** Colours of the sheet that are those of classes. */
  private static Set<Integer> colours(BufferedImage sheet, int left, int top) {
    Set<Integer> found = new LinkedHashSet<>();
    for (int y = top; y < sheet.getHeight(); y++) {
      for (int x = left; x < sheet.getWidth(); x++) {
        int rgb = sheet.getRGB(x, y) & 0xFFFFFF;
        if (Fixtures.CLASSES.entries().stream().anyMatch(e -> e.rgb() == rgb)) {
          found.add(rgb);
        }
      }
    }
    return found;
  }
}
