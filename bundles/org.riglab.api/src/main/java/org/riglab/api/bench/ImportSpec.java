package org.riglab.api.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.data.ClassTable;

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
 * @param pixelFormat a pixel format in numbers; replaces {@link #pixels}
 * @param outputs which output of the file is which class of the network; empty if the order and the
 *     number of classes are the same
 */
public record ImportSpec(
    boolean strict,
    Map<String, String> prefixes,
    ExtraInputs extraInputs,
    Pixels pixels,
    boolean nonFinite,
    Optional<PixelFormat> pixelFormat,
    Optional<Outputs> outputs) {
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
   * @param pixelFormat see {@link #pixelFormat()}
   * @param outputs see {@link #outputs()}
   */
  public ImportSpec {
    prefixes = Collections.unmodifiableMap(new LinkedHashMap<>(prefixes));
  }

  /**
   * Without a pixel format in numbers and a map of outputs.
   *
   * @param strict see {@link #strict()}
   * @param prefixes see {@link #prefixes()}
   * @param extraInputs see {@link #extraInputs()}
   * @param pixels see {@link #pixels()}
   * @param nonFinite see {@link #nonFinite()}
   */
  public ImportSpec(
      boolean strict,
      Map<String, String> prefixes,
      ExtraInputs extraInputs,
      Pixels pixels,
      boolean nonFinite) {
    this(strict, prefixes, extraInputs, pixels, nonFinite, Optional.empty(), Optional.empty());
  }

  /**
   * What images the weights expect: (value * range / 255 - mean) / std, channel by channel.
   *
   * @param channels order of the channels
   * @param range value of a white pixel, 1 or 255
   * @param mean one number per channel, in that order and range, from 0 to the range
   * @param std one number per channel, in that order and range, above 0
   */
  public record PixelFormat(
      TrainSpec.Channels channels, int range, List<Double> mean, List<Double> std) {
    /**
     * Copies the lists.
     *
     * @param channels see {@link #channels()}
     * @param range see {@link #range()}
     * @param mean see {@link #mean()}
     * @param std see {@link #std()}
     */
    public PixelFormat {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
    }
  }

  /**
   * The classes of the outputs of a file.
   *
   * @param labels label in the network of each output of the file, in the file's order; {@link
   *     #NONE} for an output that is not a class of the network and is dropped. Empty if the order
   *     is the network's
   * @param dropRest whether outputs of the file behind those of {@code labels} (if that is empty,
   *     behind the classes of the network) are dropped; otherwise they are an error
   * @param classes names and colours of the network's classes; empty if they do not change
   */
  public record Outputs(List<Integer> labels, boolean dropRest, Optional<ClassTable> classes) {
    /** An output that is not a class of the network. */
    public static final int NONE = -1;

    /**
     * Copies the list.
     *
     * @param labels see {@link #labels()}
     * @param dropRest see {@link #dropRest()}
     * @param classes see {@link #classes()}
     */
    public Outputs {
      labels = List.copyOf(labels);
    }
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
