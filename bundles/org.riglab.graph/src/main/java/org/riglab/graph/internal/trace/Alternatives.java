package org.riglab.graph.internal.trace;

import java.util.Map;

/** What to use in place of DJL's operations that cannot be traced; docs/how-to/from-pytorch.md. */
final class Alternatives {
  private static final String NOISE =
      "Dropout of org.riglab.nn; noise on images belongs into a transform";

  private static final Map<String, String> USE =
      Map.of(
          "deconvolution", "ConvTranspose2d of org.riglab.nn",
          "interpolation", "Functional.interpolate",
          "randomNormal", NOISE,
          "randomUniform", NOISE,
          "truncatedNormal", NOISE,
          "randomInteger", NOISE,
          "randomPermutation", NOISE);

  private Alternatives() {}

  /**
   * @return the end of a message that refuses an operation; empty if there is no alternative
   */
  static String to(String operation) {
    String use = USE.get(operation);
    return use == null ? "" : "; use " + use;
  }
}
