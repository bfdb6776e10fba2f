package org.riglab.api.bench;

import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/** Reads weights into networks and writes networks for other programs. Thread safe. */
@ProviderType
public interface Weights {
  /** The format of a network's own file. */
  String SAFETENSORS = "safetensors";

  /**
   * Reads weights into a network, by name. On failure the network stays as it was.
   *
   * @param network its name
   * @param file safetensors, npz, or a state dict of {@code torch.save}; told apart by content
   * @param spec how names are matched
   * @return what happened to the weights
   * @throws org.riglab.api.RigException INVALID if the file is broken or asks for anything but
   *     tensors and containers, if nothing in it fits, a value is not finite, or not everything
   *     fits and the spec is strict; NOT_FOUND if there is no such network or file; BUSY if the
   *     network is in use
   */
  ImportReport read(String network, Path file, ImportSpec spec);

  /**
   * Writes a network through a temporary file. In safetensors it is the state dict; the metadata
   * holds the spec, what the weights were trained on, the parts' bundles, versions and digests, the
   * metrics of the last evaluation in training where there was one, and a digest of the values.
   *
   * @param network its name; it may be in use: what was saved last is written
   * @param format {@link #SAFETENSORS}, or one of an {@link Exporter}'s
   * @param file where to
   * @throws org.riglab.api.RigException INVALID if there is no such format, or the network cannot
   *     be written in it; NOT_FOUND if there is no such network
   */
  void write(String network, String format, Path file);
}
