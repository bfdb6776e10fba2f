package org.riglab.api.engine;

import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/**
 * The compute capability of an NVIDIA GPU, ordered by its numbers: 8.0 &lt; 9.0 &lt; 10.0.
 *
 * @param major generation, for example 9 for Hopper
 * @param minor within the generation
 */
public record ComputeCapability(int major, int minor) implements Comparable<ComputeCapability> {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,3})\\.(\\d)");

  /**
   * @param text for example {@code 9.0}
   * @return the capability
   * @throws RigException if the text is not two numbers with a dot between them
   */
  public static ComputeCapability of(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new RigException(
          "'%s' is not a compute capability; expected 9.0, for example".formatted(text));
    }
    return new ComputeCapability(
        Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /**
   * Converts the notation of CUDA's tools and DJL, in which the last digit is the minor number.
   *
   * @param number for example 90 or 120
   * @return 9.0 or 12.0
   */
  public static ComputeCapability ofNumber(int number) {
    return new ComputeCapability(number / 10, number % 10);
  }

  /**
   * Whether machine code compiled for some architectures runs on this GPU. Code runs on its own
   * generation from its minor number upwards (CUDA C++ Programming Guide, binary compatibility).
   *
   * @param architectures that the code was compiled for
   * @return whether one of them is compatible
   */
  public boolean runs(Collection<ComputeCapability> architectures) {
    return architectures.stream().anyMatch(code -> code.major == major && code.minor <= minor);
  }

  @Override
  public int compareTo(ComputeCapability other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  /**
   * @return for example 9.0
   */
  @Override
  public String toString() {
    return major + "." + minor;
  }
}
