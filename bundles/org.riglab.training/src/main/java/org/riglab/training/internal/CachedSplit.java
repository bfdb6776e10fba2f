package org.riglab.training.internal;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.networks.data.ForwardingSplit;

/**
 * A split that keeps what it has read on the heap, as long as there is room. What is kept stays:
 * epochs visit images in random order, in which making room would only cost.
 */
public final class CachedSplit extends ForwardingSplit {
  private final AtomicReferenceArray<Sample> kept;
  private final AtomicLong room;

  /**
   * @param split any
   * @param bytes of pixels to keep at most
   */
  public CachedSplit(Split split, long bytes) {
    super(split);
    this.kept = new AtomicReferenceArray<>(split.size());
    this.room = new AtomicLong(bytes);
  }

  /**
   * @return a quarter of the heap this process may have, in bytes
   */
  public static long defaultBytes() {
    return Runtime.getRuntime().maxMemory() / 4;
  }

  @Override
  public Sample sample(int index) {
    Sample sample = kept.get(index);
    if (sample == null) {
      sample = super.sample(index);
      long bytes = sample.image().length + sample.label().length;
      if (room.addAndGet(-bytes) < 0 || !kept.compareAndSet(index, null, sample)) {
        room.addAndGet(bytes);
      }
    }
    return sample;
  }
}
