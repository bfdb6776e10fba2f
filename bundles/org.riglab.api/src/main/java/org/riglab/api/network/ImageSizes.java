package org.riglab.api.network;

/**
 * The heights and widths of images that a backbone takes.
 *
 * @param multiple every side is a multiple of this, 1 or more
 * @param minimum every side is this or more, 1 or more
 */
public record ImageSizes(int multiple, int minimum) {
  /** Every size. */
  public static final ImageSizes ANY = new ImageSizes(1, 1);

  /**
   * @param multiple see {@link #multiple()}
   * @param minimum see {@link #minimum()}
   * @throws IllegalArgumentException if a value is less than 1
   */
  public ImageSizes {
    if (multiple < 1 || minimum < 1) {
      throw new IllegalArgumentException(
          "image sizes of multiple " + multiple + " and minimum " + minimum + ", not 1 or more");
    }
  }

  /**
   * @param side height or width of an image
   * @return whether it is taken
   */
  public boolean takes(long side) {
    return next(side) == side;
  }

  /**
   * @param side height or width of an image
   * @return the smallest side that is taken and not less than this one
   */
  public long next(long side) {
    long least = Math.max(side, minimum);
    return (least + multiple - 1) / multiple * multiple;
  }

  /**
   * @return for messages, for example {@code sides that are multiples of 8, and 32 or more}
   */
  @Override
  public String toString() {
    String multiples = multiple == 1 ? "" : "multiples of " + multiple;
    String most = minimum == 1 ? "" : minimum + " or more";
    return multiples.isEmpty() && most.isEmpty()
        ? "sides of any length"
        : "sides that are "
            + multiples
            + (multiples.isEmpty() || most.isEmpty() ? "" : ", and ")
            + most;
  }
}
