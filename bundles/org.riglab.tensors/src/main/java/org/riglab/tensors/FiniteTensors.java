package org.riglab.tensors;

import java.util.function.Function;
import org.riglab.api.RigException;

/** Keeps values that are not finite out of files of weights. */
public final class FiniteTensors {
  private FiniteTensors() {}

  /**
   * @param values a tensor's values by its name
   * @param file that they are to be written to, for the message
   * @return the same; throws a {@link RigException} of kind INVALID for a tensor with a NaN or an
   *     infinity
   */
  public static Function<String, float[]> of(Function<String, float[]> values, Object file) {
    return name -> require(name, values.apply(name), file);
  }

  /**
   * @param name of a tensor
   * @param values of it
   * @param file that they are to be written to, for the message
   * @return the same values
   * @throws RigException INVALID if one is NaN or infinite
   */
  public static float[] require(String name, float[] values, Object file) {
    int wrong = 0;
    for (float value : values) {
      wrong += Float.isFinite(value) ? 0 : 1;
    }
    if (wrong > 0) {
      throw new RigException(
          "%d of the %d values of '%s' are NaN or infinite; %s is not written"
              .formatted(wrong, values.length, name, file));
    }
    return values;
  }
}
