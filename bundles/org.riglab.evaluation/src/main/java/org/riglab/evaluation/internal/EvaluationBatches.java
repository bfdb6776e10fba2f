package org.riglab.evaluation.internal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.riglab.api.RigException;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.BufferPool;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.data.Prefetch;
import org.riglab.networks.data.Resampling;

/**
 * The images of a split once, in order, whole, made on worker threads. Neighbours of equal size
 * share a batch, as many as the batch's own size allows. What is made in advance is bounded in
 * bytes.
 */
public final class EvaluationBatches implements AutoCloseable {
  private static final int AHEAD = 2;

  /** Bytes of images that wait for their turn; the next in turn is made in any case. */
  private static final long MOST_WAITING = 1 << 28;

  private final Split split;
  private final int limit;
  private final int batch;
  private final double pixels;
  private final List<Integer> imageSize;
  private final Normalization normalization;
  private final BufferPool imagePool = new BufferPool();
  private final BufferPool labelPool = new BufferPool();
  private final Prefetch<Batch> prefetch;

  /** An image that did not fit into the last batch. */
  private Batch left;

  private int taken;
  private long handed;
  private long waiting;
  private boolean closed;

  /**
   * Starts the workers.
   *
   * @param split where from
   * @param limit the first so many images only; 0 for all
   * @param batch most images per batch, 1 or more
   * @param imageSize size (H, W) that images are brought to while labels stay; empty to leave them
   * @param normalization of the pixels
   * @param workers how many threads, 1 or more
   */
  public EvaluationBatches(
      Split split,
      int limit,
      int batch,
      List<Integer> imageSize,
      Normalization normalization,
      int workers) {
    this(split, limit, batch, Double.MAX_VALUE, imageSize, normalization, workers);
  }

  /**
   * Starts the workers.
   *
   * @param split where from
   * @param limit the first so many images only; 0 for all
   * @param batch most images per batch, 1 or more
   * @param pixels most pixels per batch of several images, of the images or of their labels,
   *     whichever are more
   * @param imageSize size (H, W) that images are brought to while labels stay; empty to leave them
   * @param normalization of the pixels
   * @param workers how many threads, 1 or more
   */
  public EvaluationBatches(
      Split split,
      int limit,
      int batch,
      double pixels,
      List<Integer> imageSize,
      Normalization normalization,
      int workers) {
    if (batch < 1 || workers < 1 || limit < 0) {
      throw new RigException(
          "batch %d, workers %d and limit %d, expected at least 1, 1 and 0"
              .formatted(batch, workers, limit));
    }
    this.split = split;
    this.limit = limit == 0 ? split.size() : Math.min(limit, split.size());
    this.batch = batch;
    this.pixels = pixels;
    this.imageSize = imageSize;
    this.normalization = normalization;
    this.prefetch =
        new Prefetch<>(
            "riglab-data",
            workers,
            workers + AHEAD + batch,
            0,
            this.limit,
            this::make,
            Batch::close);
  }

  /**
   * @return how many images there will be altogether
   */
  public int images() {
    return limit;
  }

  /**
   * @return whether there is another batch
   */
  public boolean hasNext() {
    return left != null || prefetch.hasNext();
  }

  /**
   * Waits for the next batch; an interrupt is kept for the caller and does not end the wait.
   *
   * @return the next batch, to be closed
   * @throws RigException if an image cannot be read
   * @throws NoSuchElementException after the last
   */
  public Batch next() {
    List<Batch> group = new ArrayList<>();
    boolean complete = false;
    try {
      group.add(left == null ? take() : left);
      left = null;
      taken++;
      Batch first = group.get(0);
      double own =
          Math.max(
              (double) first.height() * first.width(),
              (double) first.labelHeight() * first.labelWidth());
      // Batches begin at multiples, so that equal images come in the same batches every time
      while (taken % batch != 0 && (group.size() + 1) * own <= pixels && prefetch.hasNext()) {
        Batch following = take();
        if (!equalSize(first, following)) {
          left = following;
          break;
        }
        group.add(following);
        taken++;
      }
      complete = true;
      return group.size() == 1 ? first : joined(group);
    } finally {
      if (!complete) {
        group.forEach(Batch::close);
      }
    }
  }

  private Batch joined(List<Batch> group) {
    Batch first = group.get(0);
    Batch made =
        new Batch(
            group.size(),
            first.height(),
            first.width(),
            first.labelHeight(),
            first.labelWidth(),
            imagePool,
            labelPool);
    ByteBuffer images = made.images();
    ByteBuffer labels = made.labels();
    for (Batch one : group) {
      images.put(one.images());
      labels.put(one.labels());
      one.close();
    }
    return made;
  }

  private Batch take() {
    Batch next = prefetch.next();
    synchronized (this) {
      handed++;
      waiting -= bytes(next);
      notifyAll();
    }
    return next;
  }

  private static long bytes(Batch batch) {
    return (long) batch.images().capacity() + batch.labels().capacity();
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
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    prefetch.close();
    if (left != null) {
      left.close();
      left = null;
    }
  }

  private Batch make(long number) {
    synchronized (this) {
      while (!closed && waiting > MOST_WAITING && number > handed) {
        try {
          wait();
        } catch (InterruptedException e) {
          throw new RigException(RigException.Kind.CONFLICT, "reading images was stopped", e);
        }
      }
    }
    Batch made = fill(split.sample((int) number));
    synchronized (this) {
      waiting += bytes(made);
    }
    return made;
  }

  private Batch fill(Sample sample) {
    int height = imageSize.isEmpty() ? sample.height() : imageSize.get(0);
    int width = imageSize.isEmpty() ? sample.width() : imageSize.get(1);
    Batch made = new Batch(1, height, width, sample.height(), sample.width(), imagePool, labelPool);
    byte[] image = Resampling.image(sample.image(), sample.height(), sample.width(), height, width);
    normalization.write(image, made.images().asFloatBuffer(), 0);
    made.labels().put(0, sample.label());
    return made;
  }

  private static boolean equalSize(Batch a, Batch b) {
    return a.labelHeight() == b.labelHeight() && a.labelWidth() == b.labelWidth();
  }
}
