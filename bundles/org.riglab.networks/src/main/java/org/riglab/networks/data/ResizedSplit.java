package org.riglab.networks.data;

import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/** A split with every image and label brought to one size. */
public final class ResizedSplit extends ForwardingSplit {
  private final int height;
  private final int width;

  private ResizedSplit(Split split, int height, int width) {
    super(split);
    this.height = height;
    this.width = width;
  }

  /**
   * @param split any
   * @param size H and W; empty to leave the images as they are
   * @return the split in that size
   */
  public static Split of(Split split, List<Integer> size) {
    if (size.isEmpty()) {
      return split;
    }
    if (size.size() != 2 || size.get(0) < 1 || size.get(1) < 1) {
      throw new RigException("resize " + size + ", expected H and W, at least 1 each");
    }
    return new ResizedSplit(split, size.get(0), size.get(1));
  }

  @Override
  public Sample sample(int index) {
    return Resampling.resize(super.sample(index), height, width);
  }

  @Override
  public byte[] parts(int index) {
    byte[] parts = super.parts(index);
    if (parts.length == 0) {
      return parts;
    }
    Sample sample = super.sample(index);
    Sample marked = new Sample(sample.id(), sample.height(), sample.width(), sample.image(), parts);
    return Resampling.resize(marked, height, width).label();
  }
}
