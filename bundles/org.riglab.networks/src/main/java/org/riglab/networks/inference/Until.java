package org.riglab.networks.inference;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/**
 * When a prediction is stable; see {@link org.riglab.api.bench.Stopping#until()}.
 *
 * @param kind what is measured
 * @param limit of the measure; for STABLE a number of iterations
 */
record Until(Kind kind, double limit) {
  private static final Pattern BELOW =
      Pattern.compile("(change|entropy|kl|halting)<([0-9.eE+-]+)(%?)");
  private static final double HALF = 0.5;
  private static final Pattern STABLE = Pattern.compile("stable(?::([0-9]{1,4}))?");

  /** What is measured. */
  enum Kind {
    /** Nothing. */
    NEVER,
    /** The share of pixels of another class. */
    CHANGE,
    /** The difference of the mean entropies. */
    ENTROPY,
    /** The mean divergence. */
    KL,
    /** The probability that another iteration helps, by a learned head. */
    HALTING,
    /** Iterations without a pixel of another class. */
    STABLE
  }

  /**
   * @param text as described; blanks are ignored
   * @throws RigException if it is something else
   */
  static Until parse(String text) {
    String compact = text.replace(" ", "").toLowerCase(Locale.ROOT);
    if (compact.isEmpty()) {
      return new Until(Kind.NEVER, 0);
    }
    if (compact.equals("halting")) {
      return new Until(Kind.HALTING, HALF);
    }
    Matcher stable = STABLE.matcher(compact);
    if (stable.matches()) {
      int count = stable.group(1) == null ? 1 : Integer.parseInt(stable.group(1));
      if (count > 0) {
        return new Until(Kind.STABLE, count);
      }
    }
    Matcher below = BELOW.matcher(compact);
    if (below.matches() && (below.group(3).isEmpty() || below.group(1).equals("change"))) {
      try {
        double limit = Double.parseDouble(below.group(2)) / (below.group(3).isEmpty() ? 1 : 100);
        Kind kind = Kind.valueOf(below.group(1).toUpperCase(Locale.ROOT));
        boolean share = kind == Kind.CHANGE || kind == Kind.HALTING;
        if (limit > 0 && limit < Double.POSITIVE_INFINITY && !(share && limit > 1)) {
          return new Until(kind, limit);
        }
      } catch (NumberFormatException e) {
        throw wrong(text, e);
      }
    }
    throw wrong(text, null);
  }

  private static RigException wrong(String text, Exception cause) {
    return new RigException(
        ("option 'until' is %s; it must be one of %s, with a limit above 0, at most 1 (100%%)"
                + " for change and halting")
            .formatted(
                text, List.of("change<0.5%", "entropy<0.01", "kl<0.001", "stable:1", "halting")),
        cause);
  }

  /**
   * @param before logits (C, h, w)
   * @param now of the same shape
   * @param classes C
   */
  double measure(float[] before, float[] now, int classes) {
    return switch (kind) {
      case CHANGE, STABLE -> Stability.change(before, now, classes);
      case ENTROPY ->
          Math.abs(Stability.entropy(now, classes) - Stability.entropy(before, classes));
      case KL -> Stability.divergence(now, before, classes);
      case NEVER, HALTING -> Double.POSITIVE_INFINITY;
    };
  }
}
