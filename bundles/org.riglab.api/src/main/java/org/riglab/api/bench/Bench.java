package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Names, keeps and changes networks. Each lives in the home's {@code models/NAME} as spec and
 * weights, so that another process finds it again. Thread safe; a network that trains or evaluates
 * cannot be changed meanwhile.
 */
@ProviderType
public interface Bench {
  /**
   * @return the directory that holds models, runs and plugins
   */
  Path home();

  /**
   * Reads a spec: Riglab's own, a parity case's, or the bare object under its {@code spec}.
   *
   * @param json the parsed JSON object
   * @param where what is read, for error messages
   * @return the spec; parts and options are checked when it is assembled
   * @throws org.riglab.api.RigException if a key is unknown or ill-typed
   */
  NetworkSpec spec(Map<String, ?> json, String where);

  /**
   * @param spec a spec
   * @return its JSON, readable by {@link #spec}
   */
  String json(NetworkSpec spec);

  /**
   * Assembles a network, initialises its weights and writes it to the home.
   *
   * @param name letters, digits, dot, dash and underscore
   * @param spec what to assemble
   * @param replace whether an existing network of that name goes first
   * @return the network
   * @throws org.riglab.api.RigException if the name is taken, or a part or option does not exist
   */
  Network assemble(String name, NetworkSpec spec, boolean replace);

  /**
   * @return the names of all networks, sorted
   */
  List<String> networks();

  /**
   * @param name a network, read from the home if need be
   * @return the network
   * @throws org.riglab.api.RigException if there is none; names those there are
   */
  Network network(String name);

  /**
   * Exchanges parts of a network. Weights whose names and shapes match stay. Those that the new
   * parts have no place for are kept beside the network: when a part of that name and those options
   * comes back, it gets them back. The rest is initialised from the spec's seed. On failure the
   * network stays as it was.
   *
   * @param name a network
   * @param spec the spec it shall have
   * @return what became of the weights
   */
  Transfer swap(String name, NetworkSpec spec);

  /**
   * Removes a network from memory and home.
   *
   * @param name a network
   */
  void discard(String name);

  /**
   * Lets go of a network's copy in memory, if nobody uses it; the next use reads it from the home.
   *
   * @param name a network
   */
  void release(String name);

  /**
   * Takes a network from a user who does not come back, such as a thread that hangs in a plugin.
   * Its file stays as it is; whatever that user still does to the network is refused.
   *
   * @param name a network
   */
  void abandon(String name);

  /**
   * Reads weights into a network, by name. On failure the network stays as it was.
   *
   * @param name a network
   * @param file safetensors, npz, or a state dict of {@code torch.save}; told apart by content
   * @param spec how names are matched
   * @return what became of the weights
   * @throws org.riglab.api.RigException if the file is broken or asks for anything but tensors and
   *     containers, if nothing in it fits, a value is not finite, or not everything fits and the
   *     spec is strict
   */
  Import importWeights(String name, Path file, ImportSpec spec);

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
  record ImportSpec(
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
  }

  /**
   * What images weights want; kept with the network for evaluation, prediction and the next
   * training.
   */
  enum Pixels {
    /** What the file's metadata say; where they say nothing, it stays as it was. */
    FILE,
    /** Red, green, blue, 0 to 1, ImageNet's mean and standard deviation. */
    TORCHVISION,
    /** Blue, green, red, 0 to 255, minus ImageNet's mean: DeepLab's and others' from Caffe. */
    CAFFE
  }

  /** What the first convolution does with the channels that a feedback strategy adds to RGB. */
  enum ExtraInputs {
    /** Weights 0: the network starts as the pretrained one, whatever is fed back. */
    ZERO,
    /** The values they have: initialised ones in a new network. */
    KEEP
  }

  /**
   * What became of a file's weights.
   *
   * @param matched names in the network that got values
   * @param initialised names in the network that got none: they stay as they were
   * @param leftOver names in the file that the network has no place for, and why
   * @param ignored names in the file that no network has a place for
   * @param format of the file, for example npz
   * @param mapping what was done to the file's names, in words; empty for nothing
   * @param trainedOn the data set that the network now counts as trained on because the file says
   *     so; empty if it does not
   * @param pixels what images the network wants from now on, in words, where the file or the spec
   *     says so; empty if that stayed as it was
   * @param tensors one row per tensor, the network's first
   */
  record Import(
      List<String> matched,
      List<String> initialised,
      List<String> leftOver,
      List<String> ignored,
      String format,
      String mapping,
      String trainedOn,
      String pixels,
      List<ImportRow> tensors) {}

  /**
   * One tensor of an import.
   *
   * @param fate what became of it
   * @param source its name in the file; empty if it is missing there
   * @param name its name in the network; empty if there is none
   * @param dtype its type in the file, for example float16; empty if it is missing there
   * @param shape in the file, or in the network if it is missing there
   * @param note why, or what was done to it; may be empty
   */
  record ImportRow(
      Fate fate, String source, String name, String dtype, List<Long> shape, String note) {}

  /** What can become of a tensor. */
  enum Fate {
    /** It was read. */
    MATCHED,
    /** The network has it, the file does not. */
    MISSING,
    /** The file has it, the network does not. */
    LEFT_OVER,
    /** The file has it, and no network ever has. */
    IGNORED
  }

  /**
   * Writes a network's state dict as safetensors, through a temporary file. The metadata holds the
   * spec, what the weights were trained on, the parts' bundles, versions and digests, the metrics
   * of the last evaluation in training where there was one, and a digest of the values.
   *
   * @param name a network
   * @param file where to
   */
  void exportWeights(String name, Path file);

  /**
   * Writes a network for other systems, through a temporary file.
   *
   * @param name a network
   * @param format safetensors, as {@link #exportWeights}, or one of an {@link Exporter}'s
   * @param file where to
   * @throws org.riglab.api.RigException if there is no such format, or the network cannot be
   *     written in it; says why
   */
  void export(String name, String format, Path file);

  /**
   * Evaluates a spec on given tensors, without a name and without the home.
   *
   * @param spec the network
   * @param weights safetensors with the state dict
   * @param input safetensors with {@code image} (N, 3, H, W), float32
   * @param output where to write {@code eval.logits.t1} to {@code eval.logits.tu} (N, C, H, W)
   */
  void forward(NetworkSpec spec, Path weights, Path input, Path output);

  /**
   * Predicts the labels of one image plainly.
   *
   * @param name a network
   * @param image what to look at
   * @param maps as below
   * @return labels per iteration, and the maps
   */
  default Prediction predict(String name, Image image, List<String> maps) {
    return predict(name, image, maps, Inference.PLAIN);
  }

  /**
   * Predicts the labels of one image, and keeps maps that are asked for.
   *
   * @param name a network
   * @param image what to look at
   * @param maps names of maps: {@code block.K.tT} for block K's output in iteration T, {@code
   *     gated.K.tT} for its input after the gate, {@code gate.K.tT} for what its gate makes of an
   *     input of ones (a multiplying gate's map; 1 + map of an adding one), {@code logits.tT}; *
   *     for anything
   * @param inference how to run the image through the network; maps can be kept where it goes
   *     through once
   * @return labels per iteration, and the maps
   */
  Prediction predict(String name, Image image, List<String> maps, Inference inference);

  /**
   * What became of the weights.
   *
   * @param matched names that kept or got their values
   * @param initialised names that were initialised afresh
   * @param leftOver names in the source that the network has no place for, and why
   * @param restored names that got back the values with which their part went before
   */
  record Transfer(
      List<String> matched,
      List<String> initialised,
      List<String> leftOver,
      List<String> restored) {
    /**
     * As before anything was ever restored.
     *
     * @param matched names that kept or got their values
     * @param initialised names that were initialised afresh
     * @param leftOver names in the source that the network has no place for, and why
     */
    public Transfer(List<String> matched, List<String> initialised, List<String> leftOver) {
      this(matched, initialised, leftOver, List.of());
    }

    /**
     * @param names that got their values back after all
     * @return what became of the weights then
     */
    public Transfer restored(Set<String> names) {
      return new Transfer(
          matched.stream().filter(name -> !names.contains(name)).toList(),
          initialised.stream().filter(name -> !names.contains(name)).toList(),
          leftOver,
          names.stream().sorted().toList());
    }
  }

  /**
   * An RGB image.
   *
   * @param height in pixels
   * @param width in pixels
   * @param rgb height*width*3 bytes, unsigned
   */
  @SuppressWarnings("ArrayRecordComponent") // pixels: never compared, never copied
  record Image(int height, int width, byte[] rgb) {}

  /**
   * What a network says about one image.
   *
   * @param height in pixels
   * @param width in pixels
   * @param labels height*width bytes per prediction, in the order of iterations
   * @param maps by name
   */
  record Prediction(int height, int width, List<byte[]> labels, Map<String, FloatMap> maps) {
    /**
     * @return the last iteration's labels
     */
    public byte[] answer() {
      return labels.get(labels.size() - 1);
    }
  }

  /**
   * A feature or gate map.
   *
   * @param channels C
   * @param height H
   * @param width W
   * @param values C*H*W numbers, row by row
   */
  @SuppressWarnings("ArrayRecordComponent") // as above
  record FloatMap(int channels, int height, int width, float[] values) {}
}
