package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Reads weights into networks and writes networks for other programs. Thread safe. */
@ProviderType
public interface Weights {
  /** The format of a network's own file. */
  String SAFETENSORS = "safetensors";

  /**
   * Reads weights into a network, by name. On failure the network is unchanged.
   *
   * @param network its name
   * @param file safetensors, npz, or a state dict of {@code torch.save}; detected by content
   * @param spec options of the import
   * @return the result for each tensor
   * @throws org.riglab.api.RigException INVALID if the file is damaged or contains objects other
   *     than tensors and containers, if no tensor matches, a value is not finite, or not all
   *     tensors match and the spec is strict; NOT_FOUND if there is no such network or file; BUSY
   *     if the network is in use
   */
  ImportReport read(String network, Path file, ImportSpec spec);

  /**
   * As {@link #write(String, String, List, Path)}, for images of any size.
   *
   * @param network its name
   * @param format {@link #SAFETENSORS}, or a format of an {@link Exporter}
   * @param file the file to write
   * @throws org.riglab.api.RigException as below
   */
  default void write(String network, String format, Path file) {
    write(network, format, List.of(), file);
  }

  /**
   * Writes a network through a temporary file. The format safetensors contains the state dict; the
   * metadata contain the spec, the training data set, bundles, versions and digests of the parts,
   * the metrics of the last evaluation during training if there was one, and a digest of the
   * values.
   *
   * @param network its name; it may be in use; the last saved state is written
   * @param format {@link #SAFETENSORS}, or a format of an {@link Exporter}
   * @param size height and width of the images of an exported model; empty for any size, and for
   *     {@link #SAFETENSORS}
   * @param file the file to write
   * @throws org.riglab.api.RigException INVALID if there is no such format, or the network cannot
   *     be written in it; NOT_FOUND if there is no such network
   */
  void write(String network, String format, List<Integer> size, Path file);

  /**
   * Lists a file of weights. Values are not read.
   *
   * @param file safetensors, npz, or a state dict of {@code torch.save}; detected by content
   * @return names, types and shapes
   * @throws org.riglab.api.RigException INVALID if the file is damaged or contains objects other
   *     than tensors and containers; NOT_FOUND if there is no such file
   */
  WeightFile list(Path file);
}
