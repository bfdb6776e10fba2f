package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.riglab.training.internal.BuiltInTransforms.augmentation;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.evaluation.internal.EvaluationBatches;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.MemorySplit;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.data.ResizedSplit;

public class BatchesTest {
  private static final Normalization RAW =
      new Normalization(List.of(0.0, 0.0, 0.0), List.of(1 / 255.0, 1 / 255.0, 1 / 255.0));
  private static final Augmentation RANDOM = augmentation(7, 9, 0.5, 1.5, true, RAW);
  private static final Augmentation PLAIN = augmentation(1, 1, 1, 1, false, RAW);

  @Test
  public void makesTheSameBatchesWithAnyNumberOfWorkers() {
    Split split = MemorySplit.noise(10, 12, 8);
    List<Content> one = read(new TrainingBatches(split, 3, RANDOM, 42, 1, 0), 12);
    List<Content> three = read(new TrainingBatches(split, 3, RANDOM, 42, 3, 0), 12);
    assertSameContents(one, three);
    assertFalse(Arrays.equals(one.get(0).images, one.get(1).images));
    List<Content> otherSeed = read(new TrainingBatches(split, 3, RANDOM, 43, 1, 0), 12);
    assertFalse(Arrays.equals(one.get(0).images, otherSeed.get(0).images));
  }

  /** The batches of version 0.1: its runs are continued to the same numbers. */
  @Test
  public void batchesAreThoseOfTheFirstVersion() throws NoSuchAlgorithmException {
    Normalization imageNet = Normalization.IMAGENET;
    assertEquals(
        "aebe19f1347648e11a7ace798e284e28",
        digest(
            MemorySplit.noise(10, 12, 8),
            augmentation(7, 9, 0.5, 1.5, true, imageNet),
            3,
            42,
            0,
            12));
    assertEquals(
        "c2d8f7b80ca303c997221059c5d8c600",
        digest(
            MemorySplit.noise(5, 40, 61),
            augmentation(33, 48, 0.5, 2, true, Normalization.CAFFE),
            2,
            7,
            5,
            9));
    assertEquals(
        "67cb6b1121fbf0cbe41771409312fa35",
        digest(
            MemorySplit.noise(4, 24, 24), augmentation(24, 24, 1, 1, false, imageNet), 4, 1, 0, 3));
    assertEquals(
        "2e7ed481d358ea3d574c237e10baa6b2",
        digest(
            MemorySplit.noise(6, 30, 20),
            augmentation(25, 31, 0.75, 1.25, false, imageNet),
            2,
            -3,
            2,
            8));
    assertEquals(
        "59edeeddefbb4ac5a4b58f3e267fb5e6",
        digest(
            MemorySplit.noise(6, 30, 20), augmentation(25, 31, 1, 1, true, imageNet), 2, 99, 0, 8));
  }

  private static String digest(
      Split split, Augmentation augmentation, int batch, long seed, long first, int count)
      throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (TrainingBatches batches =
        new TrainingBatches(split, batch, augmentation, seed, 2, first)) {
      for (int i = 0; i < count; i++) {
        try (Batch next = batches.next()) {
          ByteBuffer bigEndian = ByteBuffer.allocate(next.images().remaining());
          bigEndian.asFloatBuffer().put(next.images().asFloatBuffer());
          digest.update(bigEndian.array());
          digest.update(next.labels());
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
  }

  @Test
  public void startsAnywhereWithoutReplay() {
    MemorySplit split = MemorySplit.noise(10, 12, 8);
    List<Content> all = read(new TrainingBatches(split, 3, RANDOM, 42, 2, 0), 12);
    split.reads.set(0);
    assertSameContents(
        all.subList(7, 12), read(new TrainingBatches(split, 3, RANDOM, 42, 2, 7), 5));
    // 5 batches of 3, and what two workers may have made ahead of them
    assertTrue(split.reads + " reads", split.reads.get() <= (5 + 4) * 3);
  }

  @Test
  public void visitsEachImageOnceAnEpochInAnotherOrder() {
    // sample i is i everywhere; 10 images in batches of 3: one of them sits out
    List<Content> batches =
        read(new TrainingBatches(MemorySplit.plain(10, 1, 1), 3, PLAIN, 5, 2, 0), 30);
    Set<List<Integer>> orders = new HashSet<>();
    Set<Integer> seen = new HashSet<>();
    for (int epoch = 0; epoch < 10; epoch++) {
      List<Integer> order = new ArrayList<>();
      batches.subList(3 * epoch, 3 * epoch + 3).forEach(b -> order.addAll(b.order()));
      assertEquals(9, new HashSet<>(order).size());
      orders.add(order);
      seen.addAll(order);
    }
    assertEquals(10, orders.size());
    assertEquals("no image sits out for ever", 10, seen.size());
    assertEquals(3, TrainingBatches.perEpoch(10, 3));
  }

  @Test
  public void goesRoundSplitSmallerThanBatch() {
    List<Content> batches =
        read(new TrainingBatches(MemorySplit.plain(3, 1, 1), 8, PLAIN, 5, 2, 0), 4);
    for (Content batch : batches) {
      List<Integer> order = batch.order().subList(0, 3);
      assertEquals(Set.of(0, 1, 2), new HashSet<>(order));
      assertEquals(order, batch.order().subList(3, 6));
      assertEquals(order.subList(0, 2), batch.order().subList(6, 8));
    }
    assertNotEquals(1, batches.stream().map(Content::order).distinct().count());
    assertEquals(1, TrainingBatches.perEpoch(3, 8));
  }

  /** Two visits of an image in one batch are cropped apart. */
  @Test
  public void drawsForEachPositionAnew() {
    Split split = MemorySplit.noise(1, 30, 30);
    try (TrainingBatches batches =
        new TrainingBatches(split, 2, augmentation(8, 8, 1, 1, true, RAW), 1, 1, 0)) {
      try (Batch batch = batches.next()) {
        assertFalse(Arrays.equals(batch.label(0), batch.label(1)));
      }
    }
  }

  @Test
  public void usesBuffersAgainAfterTheyWereGivenBack() {
    Split split = MemorySplit.noise(4, 6, 6);
    Augmentation augmentation = augmentation(6, 6, 1, 1, false, RAW);
    try (TrainingBatches batches = new TrainingBatches(split, 2, augmentation, 1, 1, 0)) {
      Batch held = batches.next();
      byte[] before = held.label(1);
      for (int i = 0; i < 50; i++) {
        batches.next().close();
      }
      assertArrayEquals(before, held.label(1));
      assertEquals(2 * 3 * 36 * 4, held.images().remaining());
      assertTrue(held.images().isDirect());
      assertEquals(2 * 36, held.labels().remaining());
      held.close();
      held.close();
    }
  }

  @Test
  public void raisesWhatGoesWrongOnTheConsumerInOrder() {
    Split broken =
        new FailingSplit(MemorySplit.plain(6, 1, 1), 4, new RigException("b.png: no such file"));
    try (EvaluationBatches batches = new EvaluationBatches(broken, 0, 1, List.of(), RAW, 3)) {
      for (int i = 0; i < 4; i++) {
        try (Batch batch = batches.next()) {
          assertEquals(i, batch.label(0)[0]);
        }
      }
      RigException e = assertThrows(RigException.class, batches::next);
      assertEquals("b.png: no such file", e.getMessage());
    }
    Split failing =
        new FailingSplit(MemorySplit.plain(1, 1, 1), 0, new IllegalStateException("oops"));
    try (TrainingBatches batches = new TrainingBatches(failing, 1, PLAIN, 0, 1, 0)) {
      RigException e = assertThrows(RigException.class, batches::next);
      assertEquals("Reading data failed: java.lang.IllegalStateException: oops", e.getMessage());
    }
  }

  @Test
  public void leavesNoThreadBehind() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    TrainingBatches batches = new TrainingBatches(MemorySplit.plain(4, 1, 1), 2, PLAIN, 1, 3, 0);
    batches.next().close();
    Set<Thread> during = new HashSet<>(Thread.getAllStackTraces().keySet());
    during.removeAll(before);
    assertEquals(3, during.stream().filter(t -> t.getName().startsWith("riglab-data-")).count());
    assertTrue(during.stream().allMatch(Thread::isDaemon));
    batches.close();
    for (Thread thread : during) {
      assertFalse(thread.getName(), thread.isAlive());
    }
    assertThrows(NoSuchElementException.class, batches::next);
  }

  @Test
  public void keepsInterruptForTheCaller() {
    try (TrainingBatches batches =
        new TrainingBatches(MemorySplit.plain(4, 1, 1), 2, PLAIN, 1, 1, 0)) {
      Thread.currentThread().interrupt();
      batches.next().close();
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  public void countsTheTimeSpentWaiting() {
    try (TrainingBatches batches =
        new TrainingBatches(MemorySplit.plain(4, 1, 1), 2, PLAIN, 1, 1, 0)) {
      long start = System.nanoTime();
      batches.next().close();
      long first = batches.waitedNanos();
      batches.next().close();
      assertTrue(first > 0);
      assertTrue(batches.waitedNanos() >= first);
      assertTrue(batches.waitedNanos() <= System.nanoTime() - start);
    }
  }

  @Test
  public void evaluatesInOrderWithEqualNeighboursTogether() {
    List<Sample> samples = new ArrayList<>(samples(MemorySplit.plain(3, 2, 2)));
    samples.addAll(samples(MemorySplit.plain(4, 1, 3)));
    Split split = new MemorySplit(samples);

    List<List<Integer>> shapes = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    try (EvaluationBatches batches = new EvaluationBatches(split, 6, 4, List.of(), RAW, 2)) {
      assertEquals(6, batches.images());
      while (batches.hasNext()) {
        try (Batch batch = batches.next()) {
          shapes.add(List.of(batch.size(), batch.height(), batch.width()));
          for (int i = 0; i < batch.size(); i++) {
            labels.add((int) batch.label(i)[0]);
            FloatBuffer images = batch.images().asFloatBuffer();
            assertEquals(batch.label(i)[0], images.get(i * images.limit() / batch.size()), 1e-5f);
          }
        }
      }
      assertThrows(NoSuchElementException.class, batches::next);
    }
    assertEquals(List.of(List.of(3, 2, 2), List.of(1, 1, 3), List.of(2, 1, 3)), shapes);
    assertEquals(List.of(0, 1, 2, 0, 1, 2), labels);
  }

  @Test
  public void sizesOfBatchesFollowTheirOwnImages() {
    List<Sample> samples = new ArrayList<>(samples(MemorySplit.plain(5, 2, 2)));
    samples.addAll(samples(MemorySplit.plain(3, 4, 4)));
    List<List<Integer>> shapes = new ArrayList<>();
    try (EvaluationBatches batches =
        new EvaluationBatches(new MemorySplit(samples), 0, 16, 16, List.of(), RAW, 2)) {
      while (batches.hasNext()) {
        try (Batch batch = batches.next()) {
          shapes.add(List.of(batch.size(), batch.height(), batch.width()));
        }
      }
    }
    // 16 pixels: four small images, or a large one, which exceeds nothing
    List<Integer> large = List.of(1, 4, 4);
    assertEquals(List.of(List.of(4, 2, 2), List.of(1, 2, 2), large, large, large), shapes);
  }

  @Test
  public void whatFitsIsEstimatedFromAllOverTheSplit() {
    List<Sample> samples = new ArrayList<>(samples(MemorySplit.plain(1, 1, 1)));
    samples.addAll(samples(MemorySplit.plain(9, 100, 100)));
    Split split = new MemorySplit(samples);
    assertTrue(TrainingDataCheck.fits(split, 9 * 40_000 + 4));
    assertFalse(TrainingDataCheck.fits(split, 9 * 40_000));
  }

  @Test
  public void resizesBeforeAnythingElse() {
    Split split = ResizedSplit.of(MemorySplit.plain(2, 4, 4), List.of(2, 3));
    try (EvaluationBatches batches = new EvaluationBatches(split, 0, 1, List.of(), RAW, 1)) {
      try (Batch batch = batches.next()) {
        assertEquals(2, batch.height());
        assertEquals(3, batch.width());
      }
    }
    Split same = MemorySplit.plain(2, 4, 4);
    assertSame(same, ResizedSplit.of(same, List.of()));
    assertThrows(RigException.class, () -> ResizedSplit.of(same, List.of(3)));
  }

  @Test
  public void keepsWhatItHasReadWithinItsMeans() {
    MemorySplit split = MemorySplit.plain(4, 5, 2);
    // a sample takes 40 bytes: room for two
    CachedSplit cached = new CachedSplit(split, 99);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 4; i++) {
        assertEquals("s" + i, cached.sample(i).id());
      }
    }
    assertEquals(4 + 2 + 2, split.reads.get());
    assertEquals(split.fingerprint(), cached.fingerprint());
  }

  private static List<Sample> samples(Split split) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < split.size(); i++) {
      samples.add(split.sample(i));
    }
    return samples;
  }

  private static List<Content> read(TrainingBatches batches, int count) {
    List<Content> contents = new ArrayList<>();
    try (batches) {
      for (int i = 0; i < count; i++) {
        try (Batch batch = batches.next()) {
          byte[] images = new byte[batch.images().remaining()];
          byte[] labels = new byte[batch.labels().remaining()];
          batch.images().get(images);
          batch.labels().get(labels);
          contents.add(new Content(images, labels));
        }
      }
    }
    return contents;
  }

  private static void assertSameContents(List<Content> expected, List<Content> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals("images of batch " + i, expected.get(i).images, actual.get(i).images);
      assertArrayEquals("labels of batch " + i, expected.get(i).labels, actual.get(i).labels);
    }
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Content(byte[] images, byte[] labels) {
    List<Integer> order() {
      List<Integer> list = new ArrayList<>();
      for (byte label : labels) {
        list.add((int) label);
      }
      return list;
    }
  }

  /** Fails at one sample. */
  private record FailingSplit(Split split, int at, RuntimeException failure) implements Split {
    @Override
    public int size() {
      return split.size();
    }

    @Override
    public String id(int index) {
      return split.id(index);
    }

    @Override
    public Sample sample(int index) {
      if (index == at) {
        throw failure;
      }
      return split.sample(index);
    }

    @Override
    public String fingerprint() {
      return split.fingerprint();
    }
  }
}
