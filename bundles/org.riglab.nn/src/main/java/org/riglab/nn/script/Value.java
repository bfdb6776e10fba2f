package org.riglab.nn.script;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * A tensor of a module's state.
 *
 * @param shape of the tensor; empty for a scalar
 * @param trained whether it is a parameter rather than a buffer
 * @param values float32, row by row, from the buffer's position to its limit
 */
public record Value(List<Long> shape, boolean trained, FloatBuffer values) {
  /**
   * Copies the list.
   *
   * @param shape see {@link #shape()}
   * @param trained see {@link #trained()}
   * @param values see {@link #values()}
   */
  public Value {
    shape = List.copyOf(shape);
  }
}
