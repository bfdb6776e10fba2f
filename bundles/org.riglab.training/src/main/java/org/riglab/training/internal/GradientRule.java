package org.riglab.training.internal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/**
 * How gradients are computed; see {@link org.riglab.api.bench.TrainSpec.Objective#gradient}.
 *
 * @param kind unrolled, or of the fixed point
 * @param iterations of the forward solve, and the most of the backward solve
 * @param tolerance of the backward solve: relative change of its result
 */
record GradientRule(Kind kind, int iterations, double tolerance) {
  private static final Pattern TEXT =
      Pattern.compile("(unrolled|implicit|anderson|one-step)(?::([0-9]{1,4})(?::([0-9.eE-]+))?)?");
  private static final int ITERATIONS = 30;
  private static final double TOLERANCE = 1e-4;
  private static final int LEAST = 3;

  /** What gradients are of. */
  enum Kind {
    /** Of the iterations, by back-propagation through them. */
    UNROLLED,
    /** Of the fixed point, found by plain iterations, by the implicit function theorem. */
    IMPLICIT,
    /** As IMPLICIT, with Anderson acceleration of the forward solve. */
    ANDERSON,
    /** Of one iteration at the fixed point: the Jacobian of the feedback is taken as 0. */
    ONE_STEP
  }

  static GradientRule parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (matcher.matches()) {
      Kind kind =
          switch (matcher.group(1)) {
            case "implicit" -> Kind.IMPLICIT;
            case "anderson" -> Kind.ANDERSON;
            case "one-step" -> Kind.ONE_STEP;
            default -> Kind.UNROLLED;
          };
      int iterations = matcher.group(2) == null ? ITERATIONS : Integer.parseInt(matcher.group(2));
      double tolerance = matcher.group(3) == null ? TOLERANCE : number(text, matcher.group(3));
      boolean plain = kind != Kind.UNROLLED || matcher.group(2) == null;
      boolean solves = kind != Kind.ONE_STEP || matcher.group(3) == null;
      if (plain && solves && iterations >= LEAST && tolerance > 0 && tolerance < 1) {
        return new GradientRule(kind, iterations, tolerance);
      }
    }
    throw wrong(text, null);
  }

  private static double number(String text, String word) {
    try {
      return Double.parseDouble(word);
    } catch (NumberFormatException e) {
      throw wrong(text, e);
    }
  }

  private static RigException wrong(String text, Exception cause) {
    return new RigException(
        "training: option 'gradient' is %s; it must be unrolled, implicit[:N[:TOLERANCE]],"
                .formatted(text)
            + " anderson[:N[:TOLERANCE]] or one-step[:N], with N of 3 to 9999 and a tolerance"
            + " between 0 and 1",
        cause);
  }

  boolean fixedPoint() {
    return kind != Kind.UNROLLED;
  }
}
