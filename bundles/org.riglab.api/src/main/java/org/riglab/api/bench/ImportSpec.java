package org.riglab.api.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How weights are read.
 *
 * @param strict whether a missing, left over or misshapen tensor is an error
 * @param prefixes what a name in the file starts with, to what it shall start with instead; the
 *     first that applies holds, and names to which one applies are taken as they then are
 * @param extraInputs what happens to the input channels of the network's first convolution that a
 *     three-channel one in the file does not have
 * @param pixels what images the weights want
 * @param nonFinite whether values that are NaN or infinite are read like others; else they are an
 *     error
 */
public record ImportSpec(
    boolean strict,
    Map<String, String> prefixes,
    ExtraInputs extraInputs,
    Pixels pixels,
    boolean nonFinite) {
  /** By name, whatever fits and is finite. */
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
   * What images weights want; kept with the network for evaluation, prediction and the next
   * training.
   */
  public enum Pixels {
    /** What the file's metadata state; without them, it stays as it was. */
    FILE,
    /** Red, green, blue, 0 to 1, ImageNet's mean and standard deviation. */
    TORCHVISION,
    /** Blue, green, red, 0 to 255, minus ImageNet's mean: DeepLab's and others' from Caffe. */
    CAFFE
  }

  /** The weights of the input channels that a feedback strategy adds to RGB. */
  public enum ExtraInputs {
    /** Weights 0: the network starts as the pretrained one, whatever is fed back. */
    ZERO,
    /** The values they have: initialised ones in a new network. */
    KEEP
  }
}
