package org.riglab.api.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
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
   * Writes a network with its current weights. The input of the exported model is an image (N, 3,
   * H, W) of any size, float32, normalised; the outputs are the logits of each prediction.
   *
   * @param network the internals of the network
   * @param format one of {@link #formats}
   * @param enlarge whether logits are resized to the size of the image; otherwise they have the
   *     network's stride
   * @param out receives the file; not closed
   * @throws org.riglab.api.RigException if a part uses an operation that the format does not
   *     support, or one that depends on the size of the image; the message names it
   * @throws IOException if it cannot be written
   */
  void write(Blueprint network, String format, boolean enlarge, OutputStream out)
      throws IOException;
}
