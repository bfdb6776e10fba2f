package org.riglab.graph.internal.ir;

import java.util.Arrays;

/** Numbers that never change, equal by content. */
public final class Values {
  private final double[] values;

  /**
   * @param values copied
   */
  public Values(double... values) {
    this.values = values.clone();
  }

  /**
   * @param index row by row
   * @return the value there
   */
  public double get(int index) {
    return values[index];
  }

  /**
   * @return how many there are
   */
  public int size() {
    return values.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Values that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return values.length <= 8
        ? Arrays.toString(values)
        : "[%s, ... %08x]".formatted(values[0], hashCode());
  }
}
