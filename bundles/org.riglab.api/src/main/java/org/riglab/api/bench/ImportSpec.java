package org.riglab.api.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Options of an import of weights.
 *
 * @param strict whether a missing, left over or misshapen tensor is an error
 * @param prefixes maps prefixes of names in the file to their replacements; the first matching
 *     prefix applies, and renamed names are not mapped any further
 * @param extraInputs initialisation of the input channels of the network's first convolution that a
 *     three-channel weight in the file does not have
 * @param pixels pixel format of the weights
 * @param nonFinite whether NaN and infinite values are permitted; otherwise they are an error
 */
public record ImportSpec(
    boolean strict,
    Map<String, String> prefixes,
    ExtraInputs extraInputs,
    Pixels pixels,
    boolean nonFinite) {
  /** All tensors that match by name and shape; non-finite values are an error. */
  public static final ImportSpec LENIENT =
      new ImportSpec(false, Map.of(), ExtraInputs.ZERO, Pixels.FILE, false);

  /**
   * Copies the prefixes, in order.
   *
   * @param strict see {@link #strict()}
   * @param prefixes see {@link #prefixes()}
   * @param extraInputs see {@link #extraInputs()}
   * @param pixels see {@link #pixels()}
   * @param nonFinite see {@link #nonFinite()}
   */
  public ImportSpec {
    prefixes = Collections.unmodifiableMap(new LinkedHashMap<>(prefixes));
  }

  /**
   * Pixel formats of weights. The format is stored with the network for evaluation, prediction and
   * the next training.
   */
  public enum Pixels {
    /** The format in the metadata of the file; without them, the format is not changed. */
    FILE,
    /** Red, green, blue, 0 to 1, ImageNet's mean and standard deviation. */
    TORCHVISION,
    /** Blue, green, red, 0 to 255, minus ImageNet's mean: DeepLab and other weights from Caffe. */
    CAFFE
  }

  /** The weights of the input channels that a feedback strategy adds to RGB. */
  public enum ExtraInputs {
    /** Weights 0: the network initially computes what the pretrained one does. */
    ZERO,
    /** The current values; in a new network, the initial ones. */
    KEEP
  }
}
