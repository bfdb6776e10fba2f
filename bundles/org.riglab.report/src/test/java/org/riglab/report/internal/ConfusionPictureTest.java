package org.riglab.report.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.Test;
import org.riglab.api.RigException;

public final class ConfusionPictureTest {
  private static final String TITLE = "rig on toy val";

  private static int pixels(BufferedImage picture, int colour) {
    int count = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        count += (picture.getRGB(x, y) & 0xFFFFFF) == colour ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  public void everyRowIsInSharesOfItsLabel() {
    BufferedImage picture =
        ConfusionPicture.draw(
            List.of(List.of(3L, 1L, 0L), List.of(30L, 10L, 0L), List.of(0L, 0L, 0L)),
            Fixtures.classes(3),
            TITLE);
    int most = pixels(picture, Viridis.rgb(0.75));
    int least = pixels(picture, Viridis.rgb(0.25));
    int none = pixels(picture, Palette.VOID_RGB);
    assertTrue("two cells of three quarters: " + most, most > 2 * 70 * 70 && most < 2 * 90 * 90);
    assertTrue("two cells of a quarter: " + least, least > 2 * 70 * 70 && least < 2 * 90 * 90);
    assertEquals("a row without pixels", 3 * 80 * 80, none);
  }

  @Test
  public void manyClassesStayOneReadablePicture() {
    BufferedImage few = ConfusionPicture.draw(Fixtures.confusion(21), Fixtures.classes(21), TITLE);
    BufferedImage many =
        ConfusionPicture.draw(Fixtures.confusion(182), Fixtures.classes(182), TITLE);
    assertTrue(few.getWidth() + " wide", few.getWidth() > 500 && few.getWidth() < 1200);
    assertTrue(many.getWidth() + " wide", many.getWidth() < 3200);
    // a line of small letters has room in every row
    int side = many.getHeight() / 182;
    assertTrue("cells of " + side, side >= 10);
  }

  @Test
  public void smallMatricesHaveNumbersAndLargeOnesNone() {
    BufferedImage one = ConfusionPicture.draw(List.of(List.of(7L)), Fixtures.classes(1), TITLE);
    BufferedImage many = ConfusionPicture.draw(Fixtures.confusion(33), Fixtures.classes(33), TITLE);
    assertTrue("100 in black", pixels(one, 0) > 10);
    assertEquals(0, pixels(many, 0));
  }

  @Test
  public void whatDoesNotFitIsRefused() {
    for (List<List<Long>> wrong :
        List.of(
            List.<List<Long>>of(), List.of(List.of(1L)), List.of(List.of(1L, 2L), List.of(1L)))) {
      RigException e =
          assertThrows(
              RigException.class, () -> ConfusionPicture.draw(wrong, Fixtures.classes(2), TITLE));
      assertFalse(e.getMessage().isEmpty());
    }
  }
}
