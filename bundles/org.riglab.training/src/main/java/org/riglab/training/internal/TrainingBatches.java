package org.riglab.training.internal;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.riglab.api.RigException;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.BufferPool;
import org.riglab.networks.data.Prefetch;

/**
 * Endless batches of random crops, made on worker threads. Batch b depends on the split, the
 * settings and b only: neither the number of workers nor where one starts changes it.
 *
 * <p>Each epoch visits the images in another order. The images left over at its end, fewer than a
 * batch, sit it out; a split smaller than a batch is visited round and round instead.
 */
public final class TrainingBatches implements AutoCloseable {
  private static final int AHEAD = 2;

  private final Split split;
  private final int batch;
  private final boolean raw;
  private final Augmentation augmentation;
  private final RandomStreams streams;
  private final long perEpoch;
  private final BufferPool imagePool = new BufferPool();
  private final BufferPool labelPool = new BufferPool();
  private final Prefetch<Batch> prefetch;

  /** The order last used: workers are in the same epoch nearly always. */
  private volatile Order order;

  /**
   * Starts the workers.
   *
   * @param split where from
   * @param batch images per batch, 1 or more
   * @param augmentation what is done to them
   * @param seed of everything that is random
   * @param workers how many threads, 1 or more
   * @param first number of the first batch, 0 at the start of a training
   */
  public TrainingBatches(
      Split split, int batch, Augmentation augmentation, long seed, int workers, long first) {
    this(split, batch, augmentation, seed, workers, first, false);
  }

  /**
   * Starts the workers.
   *
   * @param split where from
   * @param batch images per batch, 1 or more
   * @param augmentation what is done to them
   * @param seed of everything that is random
   * @param workers how many threads, 1 or more
   * @param first number of the first batch, 0 at the start of a training
   * @param raw see {@link Batch#raw}
   */
  TrainingBatches(
      Split split,
      int batch,
      Augmentation augmentation,
      long seed,
      int workers,
      long first,
      boolean raw) {
    if (split.size() == 0) {
      throw new RigException("no images to train on");
    }
    if (batch < 1 || workers < 1) {
      throw new RigException(
          "batch %d and workers %d, expected at least 1 each".formatted(batch, workers));
    }
    this.split = split;
    this.batch = batch;
    this.raw = raw;
    this.augmentation = augmentation;
    this.streams = new RandomStreams(seed);
    this.perEpoch = perEpoch(split.size(), batch);
    this.prefetch =
        new Prefetch<>(
            "riglab-data",
            workers,
            workers + AHEAD,
            first,
            Long.MAX_VALUE,
            this::make,
            Batch::close);
  }

  /**
   * @param images in the split
   * @param batch images per batch
   * @return batches in an epoch, 1 or more
   */
  public static long perEpoch(int images, int batch) {
    return Math.max(1, images / batch);
  }

  /**
   * Waits for the next batch; an interrupt is kept for the caller and does not end the wait.
   *
   * @return the next batch, to be closed
   * @throws RigException if an image cannot be read
   */
  public Batch next() {
    return prefetch.next();
  }

  /**
   * @return nanoseconds that {@link #next} has waited so far
   */
  public long waitedNanos() {
    return prefetch.waitedNanos();
  }

  /** Stops the workers. Batches in use stay valid. */
  @Override
  public void close() {
    prefetch.close();
  }

  private Batch make(long number) {
    long epoch = number / perEpoch;
    int begin = (int) (number % perEpoch) * batch;
    int[] indices = order(epoch).indices;
    Batch made =
        new Batch(batch, augmentation.height(), augmentation.width(), raw, imagePool, labelPool);
    try {
      ByteBuffer images = made.images();
      FloatBuffer numbers = images.asFloatBuffer();
      ByteBuffer labels = made.labels();
      for (int slot = 0; slot < batch; slot++) {
        int position = begin + slot;
        Sample sample = split.sample(indices[position % indices.length]);
        Augmentation.Streams random =
            (transform, occurrence) -> streams.transform(epoch, position, transform, occurrence);
        if (raw) {
          augmentation.writeBytes(sample, random, slot, images, labels);
        } else {
          augmentation.write(sample, random, slot, numbers, labels);
        }
      }
      return made;
    } catch (Throwable e) {
      made.close();
      throw e;
    }
  }

  private Order order(long epoch) {
    Order last = order;
    if (last != null && last.epoch == epoch) {
      return last;
    }
    int[] indices = new int[split.size()];
    SplittableRandom random = streams.order(epoch);
    for (int i = 0; i < indices.length; i++) {
      int j = random.nextInt(i + 1);
      indices[i] = indices[j];
      indices[j] = i;
    }
    Order made = new Order(epoch, indices);
    order = made;
    return made;
  }

  @SuppressWarnings("ArrayRecordComponent") // internal, never compared
  private record Order(long epoch, int[] indices) {}
}
