package org.riglab.testkit.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.api.training.Picture;
import org.riglab.api.training.Transform;
import org.riglab.api.training.Transform.Augmentation;
import org.riglab.images.LazyPicture;
import org.riglab.testkit.internal.Check.Outcome;

/** The contract of transforms. */
public final class TransformChecks {
  /** Pictures of any size, labels of the picture or void. */
  public static final Check<Subject<Transform>> PICTURE =
      new Check<>("resultIsAPicture", TransformChecks::picture);

  /** What the image shows is where the label says. */
  public static final Check<Subject<Transform>> TOGETHER =
      new Check<>("imageAndLabelMoveTogether", TransformChecks::together);

  /** The same random numbers give the same picture. */
  public static final Check<Subject<Transform>> SAME =
      new Check<>("sameRandomNumbersSamePicture", TransformChecks::same);

  /** Other random numbers give another picture. */
  public static final Check<Subject<Transform>> RANDOM =
      new Check<>("randomNumbersDecide", TransformChecks::random);

  /** Pictures belong to the caller. */
  public static final Check<Subject<Transform>> INPUTS =
      new Check<>("leavesItsInputAlone", TransformChecks::inputs);

  /** Several threads prepare images. */
  public static final Check<Subject<Transform>> THREADS =
      new Check<>("threadsDoNotDisturbEachOther", TransformChecks::threads);

  /** All checks. */
  public static final List<Check<Subject<Transform>>> ALL =
      List.of(PICTURE, TOGETHER, SAME, RANDOM, INPUTS, THREADS);

  private static final int HEIGHT = 33;
  private static final int WIDTH = 47;
  private static final int CHANNELS = 3;
  private static final int SEEDS = 40;
  private static final float[] MEAN = {124, 116, 104};

  /** Heights and widths: smaller and larger than the training's, odd, even, of one pixel. */
  private static final int[][] SIZES = {{33, 47}, {20, 90}, {64, 31}, {100, 120}, {1, 7}, {1, 1}};

  /**
   * Share of the pixels that must look as their label says: the others may be blurred or erased.
   */
  private static final double MATCHING = 0.75;

  private static final int TILE = 8;
  private static final byte[] LABELS = {0, 3, 7, 12, (byte) 254};
  private static final int[][] COLOURS = {
    {20, 30, 220}, {230, 40, 30}, {30, 210, 40}, {220, 220, 60}, {60, 60, 60}
  };

  private TransformChecks() {}

  private static Augmentation create(Subject<Transform> subject) {
    Augmentation made =
        Broken.unless("create", () -> subject.provider().create(HEIGHT, WIDTH, subject.options()));
    Broken.unless(made != null, "create returns null; expected the transform of a training");
    return made;
  }

  /** Tiles in colours that tell the label, in an order that no flip or shift repeats. */
  private static Sample sample(int height, int width, long seed) {
    Random random = new Random(Numbers.seed(seed));
    int columns = width / TILE + 1;
    int[] tiles = random.ints((height / TILE + 1) * (long) columns, 0, LABELS.length).toArray();
    byte[] image = new byte[height * width * CHANNELS];
    byte[] label = new byte[height * width];
    for (int i = 0; i < label.length; i++) {
      int tile = tiles[i / width / TILE * columns + i % width / TILE];
      label[i] = LABELS[tile];
      for (int c = 0; c < CHANNELS; c++) {
        image[i * CHANNELS + c] = (byte) COLOURS[tile][c];
      }
    }
    return new Sample("sample", height, width, image, label);
  }

  private static Picture apply(Augmentation made, Sample sample, long seed) {
    Picture result =
        Broken.unless(
            "apply",
            () ->
                made.apply(LazyPicture.of(sample, MEAN), new SplittableRandom(Numbers.seed(seed))));
    Broken.unless(result != null, "apply returns null; expected a picture");
    return result;
  }

  private record Pixels(int height, int width, float[] image, byte[] label) {
    static Pixels of(Picture picture) {
      return new Pixels(picture.height(), picture.width(), picture.image(), picture.label());
    }

    boolean same(Pixels other) {
      return height == other.height
          && width == other.width
          && Arrays.equals(image, other.image)
          && Arrays.equals(label, other.label);
    }
  }

  private static Outcome picture(Subject<Transform> subject) {
    Augmentation made = create(subject);
    for (int[] size : SIZES) {
      Sample sample = sample(size[0], size[1], 1);
      Set<Byte> allowed = new HashSet<>(Set.of((byte) Dataset.VOID));
      for (byte label : sample.label()) {
        allowed.add(label);
      }
      for (int seed = 0; seed < SEEDS; seed++) {
        String where = "for %d x %d (H x W), seed %d,".formatted(size[0], size[1], seed);
        int number = seed;
        Pixels pixels = Broken.in(where, () -> Pixels.of(apply(made, sample, number)));
        Broken.unless(
            pixels.image.length == pixels.height * pixels.width * CHANNELS
                && pixels.label.length == pixels.height * pixels.width,
            "%s the picture is %d x %d with %d numbers and %d labels; expected a picture made"
                + " by the methods of the one it is given",
            where,
            pixels.height,
            pixels.width,
            pixels.image.length,
            pixels.label.length);
        for (float value : pixels.image) {
          Broken.unless(
              Float.isFinite(value),
              "%s the image holds %s; expected finite numbers, black is 0 and white 255",
              where,
              value);
        }
        for (byte label : pixels.label) {
          Broken.unless(
              allowed.contains(label),
              "%s the label holds %d, which the picture did not; expected classes of the"
                  + " picture, or void (255): labels are not interpolated",
              where,
              Byte.toUnsignedInt(label));
        }
      }
    }
    return Outcome.PASSED;
  }

  private static Outcome together(Subject<Transform> subject) {
    Augmentation made = create(subject);
    for (int seed = 0; seed < SEEDS; seed++) {
      Pixels pixels = Pixels.of(apply(made, sample(72, 88, seed), seed));
      double matching = matching(pixels);
      Broken.unless(
          matching >= MATCHING,
          "with seed %d only %.0f %% of the pixels look as their label says; image and label must"
              + " be transformed together",
          seed,
          100 * matching);
    }
    return Outcome.PASSED;
  }

  /**
   * Share of labelled pixels that are more like the pixels of their own label than like those of
   * any other; 1 where only one label is left to see.
   */
  private static double matching(Pixels pixels) {
    List<float[]> typical = new ArrayList<>();
    for (byte label : LABELS) {
      typical.add(typical(pixels, label));
    }
    int counted = 0;
    int matching = 0;
    for (int i = 0; i < pixels.label.length; i++) {
      int own = index(pixels.label[i]);
      if (own >= 0) {
        counted++;
        matching += nearest(typical, pixels.image, i) == own ? 1 : 0;
      }
    }
    return counted == 0 ? 1 : (double) matching / counted;
  }

  private static int index(byte label) {
    for (int k = 0; k < LABELS.length; k++) {
      if (LABELS[k] == label) {
        return k;
      }
    }
    return -1;
  }

  /** The median colour of a label; null where it does not occur. */
  private static float[] typical(Pixels pixels, byte label) {
    float[] colour = new float[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
      float[] values = new float[pixels.label.length];
      int count = 0;
      for (int i = 0; i < values.length; i++) {
        if (pixels.label[i] == label) {
          values[count++] = pixels.image[i * CHANNELS + c];
        }
      }
      if (count == 0) {
        return null;
      }
      Arrays.sort(values, 0, count);
      colour[c] = values[count / 2];
    }
    return colour;
  }

  private static int nearest(List<float[]> typical, float[] image, int pixel) {
    int best = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int k = 0; k < typical.size(); k++) {
      float[] colour = typical.get(k);
      if (colour != null) {
        double distance = 0;
        for (int c = 0; c < CHANNELS; c++) {
          distance += Math.abs(colour[c] - image[pixel * CHANNELS + c]);
        }
        if (distance < least) {
          least = distance;
          best = k;
        }
      }
    }
    return best;
  }

  private static Outcome same(Subject<Transform> subject) {
    Augmentation made = create(subject);
    Augmentation other = create(subject);
    Sample sample = sample(50, 70, 5);
    for (int seed = 0; seed < SEEDS; seed++) {
      Pixels first = Pixels.of(apply(made, sample, seed));
      apply(made, sample(40, 30, 6), seed + 1L).image();
      Broken.unless(
          first.same(Pixels.of(apply(made, sample, seed))),
          "seed %d gives another picture at the second call; draw all random numbers from the given"
              + " generator, and keep no state between calls",
          seed);
      Broken.unless(
          first.same(Pixels.of(apply(other, sample, seed))),
          "seed %d gives another picture where the transform is made anew; expected the same",
          seed);
    }
    return Outcome.PASSED;
  }

  private static Outcome random(Subject<Transform> subject) {
    Augmentation made = create(subject);
    Sample sample = sample(50, 70, 7);
    Pixels first = Pixels.of(apply(made, sample, 0));
    for (int seed = 1; seed < SEEDS; seed++) {
      if (!first.same(Pixels.of(apply(made, sample, seed)))) {
        return Outcome.PASSED;
      }
    }
    return Outcome.note(
        "it does the same for each of %d seeds: nothing about it is random".formatted(SEEDS));
  }

  private static Outcome inputs(Subject<Transform> subject) {
    Augmentation made = create(subject);
    Sample sample = sample(50, 70, 8);
    Picture picture = LazyPicture.of(sample, MEAN);
    Pixels before = Pixels.of(picture);
    byte[] image = sample.image().clone();
    byte[] label = sample.label().clone();
    for (int seed = 0; seed < SEEDS; seed++) {
      int number = seed;
      Broken.unless(
          "apply", () -> made.apply(picture, new SplittableRandom(Numbers.seed(number))).image());
      Broken.unless(
          before.same(Pixels.of(picture))
              && Arrays.equals(image, sample.image())
              && Arrays.equals(label, sample.label()),
          "it changes the picture that it is given; return a new one");
    }
    return Outcome.PASSED;
  }

  private static Outcome threads(Subject<Transform> subject) throws Exception {
    Augmentation made = create(subject);
    List<Pixels> alone = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      alone.add(Pixels.of(apply(made, sample(60, 80, seed), seed)));
    }
    List<Callable<Pixels>> calls = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      int number = seed;
      calls.add(() -> Pixels.of(apply(made, sample(60, 80, number), number)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Pixels>> results = threads.invokeAll(calls);
      for (int seed = 0; seed < SEEDS; seed++) {
        Broken.unless(
            alone.get(seed).same(results.get(seed).get()),
            "seed %d gives another picture while other threads use the transform; calls must not"
                + " share mutable state",
            seed);
      }
      return Outcome.PASSED;
    } finally {
      threads.shutdownNow();
    }
  }
}
