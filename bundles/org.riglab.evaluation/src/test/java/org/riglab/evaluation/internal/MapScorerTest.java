package org.riglab.evaluation.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Scores;
import org.riglab.metrics.internal.ConfusionMetric;

public class MapScorerTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path predictions;
  private Path labels;

  @Test
  public void countsTheLabelsOfEachClass() throws IOException {
    write(labels, "a.png", 4, 0, 1, 1, 255);
    write(predictions, "a.png", 4, 9, 9, 1, 0);
    write(labels, ".b.png", 1, 0);
    // A prediction that is no class takes nothing off its label's share
    assertArrayEquals(new long[] {1, 2}, MapScorer.add(predictions, labels, 2, 255, List.of()));
  }

  @Before
  public void makeDirectories() throws IOException {
    predictions = folder.newFolder("predictions").toPath();
    labels = folder.newFolder("labels").toPath();
  }

  @Test
  public void scoresAllFilesInOneMatrix() throws IOException {
    write(labels, "a.png", 2, 0, 1, 7, 1);
    write(predictions, "a.png", 2, 0, 1, 0, 0);
    write(labels, "b.png", 3, 1, 1, 0);
    write(predictions, "b.png", 3, 1, 9, 0);
    Files.writeString(labels.resolve("readme.txt"), "not a map");

    Scores scores = score(2, 7);

    assertEquals(List.of(List.of(2L, 0L), List.of(1L, 2L)), scores.confusion());
    // class 0: 2 of 3; class 1: 2 of 4, one of them predicted as 9
    assertEquals((2 / 3.0 + 2 / 4.0) / 2, scores.values().get("mIoU"), 1e-12);
    assertEquals(4 / 6.0, scores.values().get("pAcc"), 1e-12);
  }

  @Test
  public void takesVoidAmongTheClassesOutOfTheTruthOnly() throws IOException {
    write(labels, "a.png", 4, 0, 1, 2, 2);
    write(predictions, "a.png", 4, 0, 2, 2, 1);

    Scores scores = score(3, 2);

    assertEquals(
        List.of(List.of(1L, 0L, 0L), List.of(0L, 0L, 1L), List.of(0L, 0L, 0L)), scores.confusion());
  }

  @Test
  public void hasNoVoidWhereItCannotOccur() throws IOException {
    write(labels, "a.png", 2, 0, 1);
    write(predictions, "a.png", 2, 0, 0);
    assertEquals(0.5, score(2, -1).values().get("pAcc"), 1e-12);
  }

  @Test
  public void namesMissingCounterparts() throws IOException {
    write(labels, "a.png", 1, 0);
    write(labels, "b.png", 1, 0);
    write(predictions, "a.png", 1, 0);
    assertMessage(
        predictions.resolve("b.png")
            + " is missing, expected the same names in both directories (1 of 2 missing)");

    write(predictions, "b.png", 1, 0);
    write(predictions, "c.png", 1, 0);
    assertMessage(
        labels.resolve("c.png")
            + " is missing, expected the same names in both directories (1 of 3 missing)");
  }

  @Test
  public void namesMapsOfOtherSize() throws IOException {
    write(labels, "a.png", 2, 0, 0, 0, 0);
    write(predictions, "a.png", 4, 0, 0, 0, 0);
    assertMessage(predictions.resolve("a.png") + ": 1 x 4, but its label is 2 x 2 (H x W)");
  }

  @Test
  public void namesLabelThatIsNeitherClassNorVoid() throws IOException {
    write(labels, "a.png", 2, 0, 1, 1, 3);
    write(predictions, "a.png", 2, 0, 1, 1, 1);
    assertMessage(
        labels.resolve("a.png") + ": label 3 in row 1, column 1, expected 0 to 1 or 255 (void)");
  }

  @Test
  public void namesDirectoriesThatHoldNoMaps() throws IOException {
    assertMessage(labels + ": no PNG files, expected label maps");
    Files.delete(labels);
    assertMessage(labels + ": no such directory, expected one of PNG label maps");
  }

  private Scores score(int classes, int voidLabel) {
    Accumulator accumulator = new ConfusionMetric().accumulator(classes, null);
    MapScorer.add(predictions, labels, classes, voidLabel, List.of(accumulator));
    return accumulator.result();
  }

  private void assertMessage(String message) {
    RigException e = assertThrows(RigException.class, () -> score(2, 255));
    assertEquals(message, e.getMessage());
  }

  private static void write(Path directory, String name, int width, int... values)
      throws IOException {
    BufferedImage image =
        new BufferedImage(width, values.length / width, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setPixels(0, 0, width, values.length / width, values);
    assertTrue(ImageIO.write(image, "png", directory.resolve(name).toFile()));
  }
}
