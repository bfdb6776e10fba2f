package org.riglab.api.bench;

import ai.djl.ndarray.NDList;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.UnaryOperator;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.bench.Blueprints.Blueprint;

/** Writes networks with weights in formats of other runtimes. Thread safe. */
@ProviderType
public interface Exporter {
  /**
   * @return names of the formats
   */
  List<String> formats();

  /**
   * As {@link #write(Blueprint, String, boolean, List, OutputStream)}, for images of any size.
   *
   * @param network the internals of the network
   * @param format one of {@link #formats}
   * @param enlarge whether logits are resized to the size of the image
   * @param out receives the file; not closed
   * @throws org.riglab.api.RigException as below
   * @throws IOException if it cannot be written
   */
  default void write(Blueprint network, String format, boolean enlarge, OutputStream out)
      throws IOException {
    write(network, format, enlarge, List.of(), out);
  }

  /**
   * Writes a network with its current weights. The input of the exported model is an image (N, 3,
   * H, W) of any size, float32, normalised; the outputs are the logits of each prediction.
   *
   * @param network the internals of the network
   * @param format one of {@link #formats}
   * @param enlarge whether logits are resized to the size of the image; otherwise they have the
   *     network's stride
   * @param size height and width of the images of the exported model; empty for any size. With a
   *     size, operations may depend on it
   * @param out receives the file; not closed
   * @throws org.riglab.api.RigException if a part uses an operation that the format does not
   *     support, or one that depends on the size of the image; the message names it
   * @throws IOException if it cannot be written
   */
  void write(
      Blueprint network, String format, boolean enlarge, List<Integer> size, OutputStream out)
      throws IOException;

  /**
   * Writes a function of arrays, such as a loss, as a TorchScript archive. Its method {@code
   * forward} takes the first array and a list of the others, and returns a list of results.
   *
   * @param function uses its arguments, their manager and array operations only; not referenced
   *     afterwards
   * @param arguments with the shapes and types for which the function is written; their values are
   *     not used
   * @param out receives the file; not closed
   * @throws org.riglab.api.RigException if the function cannot be traced, for example because it
   *     reads values; the message names operation and class
   * @throws IOException if it cannot be written
   */
  void write(UnaryOperator<NDList> function, NDList arguments, OutputStream out) throws IOException;
}
