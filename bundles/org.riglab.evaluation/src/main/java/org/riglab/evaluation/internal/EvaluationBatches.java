package org.riglab.evaluation.internal;

import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
 * share a batch.
 */
public final class EvaluationBatches implements AutoCloseable {
  private static final int AHEAD = 2;

  private final Split split;
  private final int limit;
  private final int batch;
  private final List<Integer> imageSize;
  private final Normalization normalization;
  private final BufferPool imagePool = new BufferPool();
  private final BufferPool labelPool = new BufferPool();
  private final Prefetch<List<Batch>> prefetch;
  private final Deque<Batch> open = new ArrayDeque<>();

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
    if (batch < 1 || workers < 1 || limit < 0) {
      throw new RigException(
          "batch %d, workers %d and limit %d, expected at least 1, 1 and 0"
              .formatted(batch, workers, limit));
    }
    this.split = split;
    this.limit = limit == 0 ? split.size() : Math.min(limit, split.size());
    this.batch = batch;
    this.imageSize = imageSize;
    this.normalization = normalization;
    long end = (this.limit + batch - 1L) / batch;
    this.prefetch =
        new Prefetch<>(
            "riglab-data",
            workers,
            workers + AHEAD,
            0,
            end,
            this::make,
            batches -> batches.forEach(Batch::close));
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
    return !open.isEmpty() || prefetch.hasNext();
  }

  /**
   * Waits for the next batch; an interrupt is kept for the caller and does not end the wait.
   *
   * @return the next batch, to be closed
   * @throws RigException if an image cannot be read
   * @throws NoSuchElementException after the last
   */
  public Batch next() {
    if (open.isEmpty()) {
      open.addAll(prefetch.next());
    }
    return open.remove();
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
    open.forEach(Batch::close);
    open.clear();
  }

  private List<Batch> make(long number) {
    int begin = (int) number * batch;
    List<Sample> samples = new ArrayList<>();
    for (int i = begin; i < Math.min(limit, begin + batch); i++) {
      samples.add(split.sample(i));
    }
    List<Batch> batches = new ArrayList<>();
    for (int from = 0, to; from < samples.size(); from = to) {
      Sample first = samples.get(from);
      to = from + 1;
      while (to < samples.size() && equalSize(first, samples.get(to))) {
        to++;
      }
      batches.add(fill(samples.subList(from, to)));
    }
    return batches;
  }

  private Batch fill(List<Sample> samples) {
    Sample first = samples.get(0);
    int height = imageSize.isEmpty() ? first.height() : imageSize.get(0);
    int width = imageSize.isEmpty() ? first.width() : imageSize.get(1);
    Batch made =
        new Batch(
            samples.size(), height, width, first.height(), first.width(), imagePool, labelPool);
    FloatBuffer images = made.images().asFloatBuffer();
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      byte[] image =
          Resampling.image(sample.image(), sample.height(), sample.width(), height, width);
      normalization.write(image, images, i * image.length);
      made.labels().put(i * sample.label().length, sample.label());
    }
    return made;
  }

  private static boolean equalSize(Sample a, Sample b) {
    return a.height() == b.height() && a.width() == b.width();
  }
}
