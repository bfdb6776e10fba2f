package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Test;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.training.Picture;
import org.riglab.api.training.Transform;
import org.riglab.api.training.Transform.Augmentation;

/** Each check finds the transform that breaks it, and says so; one that holds passes all. */
public class BrokenTransformsTest {
  /** Changes brightness and contrast, and every other picture's sides. */
  private static final Augmentation GOOD =
      (picture, random) -> {
        float factor = (float) random.nextDouble(0.7, 1.3);
        float[] image = picture.image();
        for (int i = 0; i < image.length; i++) {
          image[i] = Math.min(255, image[i] * factor + 10);
        }
        Picture bright = picture.of(picture.height(), picture.width(), image, picture.label());
        return random.nextBoolean() ? bright.mirror() : bright;
      };

  private static Subject<Transform> subject(Augmentation made) {
    Transform transform = (height, width, options) -> made;
    return new Subject<>(Transform.KIND, "test", transform, Map.of(), Tools.onClassPath());
  }

  private static void fails(Check<Subject<Transform>> check, Augmentation made, String part) {
    Check.Outcome outcome = check.run(subject(made));
    assertEquals(check.name() + ": " + outcome.sentence(), Verdict.FAILED, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains(part));
    assertEquals(outcome.sentence(), 1, outcome.sentence().lines().count());
  }

  @Test
  public void aGoodOnePassesAll() {
    for (Check<Subject<Transform>> check : TransformChecks.ALL) {
      Check.Outcome outcome = check.run(subject(GOOD));
      assertEquals(check.name() + ": " + outcome.sentence(), Verdict.PASSED, outcome.verdict());
    }
  }

  @Test
  public void noPicture() {
    fails(TransformChecks.PICTURE, null, "create returns null");
    fails(TransformChecks.PICTURE, (picture, random) -> null, "apply returns null");
    fails(
        TransformChecks.PICTURE,
        (picture, random) -> {
          throw new IllegalStateException("no");
        },
        "apply throws IllegalStateException: no (BrokenTransformsTest.java:");
    fails(
        TransformChecks.PICTURE,
        (picture, random) -> picture.window(0, 0, picture.height() - 1, picture.width()),
        "it must be at least 1 x 1");
  }

  @Test
  public void arraysOfAnotherLength() {
    fails(
        TransformChecks.PICTURE,
        (picture, random) ->
            picture.of(picture.height(), picture.width(), picture.image(), new byte[1]),
        "was made of");
  }

  @Test
  public void notANumber() {
    fails(
        TransformChecks.PICTURE,
        (picture, random) -> {
          float[] image = picture.image();
          image[image.length - 1] = Float.NaN;
          return picture.of(picture.height(), picture.width(), image, picture.label());
        },
        "a number that is NaN");
  }

  @Test
  public void interpolatedLabels() {
    fails(
        TransformChecks.PICTURE,
        (picture, random) -> {
          byte[] label = picture.label();
          for (int i = 1; i < label.length; i++) {
            label[i] =
                (byte) ((Byte.toUnsignedInt(label[i]) + Byte.toUnsignedInt(label[i - 1])) / 2);
          }
          return picture.of(picture.height(), picture.width(), picture.image(), label);
        },
        "labels are not interpolated");
  }

  /** Mirrors the image and forgets the label. */
  @Test
  public void imageWithoutItsLabel() {
    fails(
        TransformChecks.TOGETHER,
        (picture, random) ->
            picture.of(
                picture.height(), picture.width(), picture.mirror().image(), picture.label()),
        "image and label must be transformed together");
  }

  /** Shifts the label by a few pixels, as a wrong rounding would. */
  @Test
  public void labelThatIsShifted() {
    fails(
        TransformChecks.TOGETHER,
        (picture, random) ->
            picture.of(
                picture.height(),
                picture.width(),
                picture.image(),
                picture.window(3, 3, picture.height(), picture.width()).label()),
        "look as their label says");
  }

  @Test
  public void randomNumbersOfItsOwn() {
    Random own = new Random();
    fails(
        TransformChecks.SAME,
        (picture, random) -> {
          float[] image = picture.image();
          image[0] = own.nextFloat() * 255;
          return picture.of(picture.height(), picture.width(), image, picture.label());
        },
        "draw all random numbers from the given generator");
  }

  @Test
  public void memoryOfEarlierCalls() {
    AtomicInteger calls = new AtomicInteger();
    fails(
        TransformChecks.SAME,
        (picture, random) -> calls.incrementAndGet() % 4 < 2 ? picture.mirror() : picture,
        "keep no state between calls");
  }

  @Test
  public void nothingRandomIsANote() {
    Check.Outcome outcome =
        TransformChecks.RANDOM.run(subject((picture, random) -> picture.mirror()));
    assertEquals(Verdict.NOTE, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains("nothing about it is random"));
  }

  /** A buffer that all threads share. */
  @Test
  public void sharedBuffer() {
    float[][] shared = new float[1][];
    fails(
        TransformChecks.THREADS,
        (picture, random) -> {
          shared[0] = picture.image();
          Thread.yield();
          double sum = 0;
          for (float value : picture.label()) {
            sum += Math.sin(value);
          }
          float[] image = shared[0];
          image[0] = (float) Math.abs(sum) % 255;
          return picture.of(picture.height(), picture.width(), image, picture.label());
        },
        "calls must not share mutable state");
  }
}
