package org.riglab.api.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.bench.Blueprints.Blueprint;

/** Writes networks, weights included, in formats that other systems run. Thread safe. */
@ProviderType
public interface Exporter {
  /**
   * @return names of the formats
   */
  List<String> formats();

  /**
   * Writes a network as it is now. The file takes images (N, 3, H, W) of any size, float32,
   * normalised, and gives the logits of each prediction.
   *
   * @param network from within
   * @param format one of {@link #formats}
   * @param enlarge whether logits are brought to the image's size; else they have the network's
   *     stride
   * @param out gets the file; stays open
   * @throws org.riglab.api.RigException if a part does what the format has no counterpart for, or
   *     what depends on the image's size; names it
   * @throws IOException if it cannot be written
   */
  void write(Blueprint network, String format, boolean enlarge, OutputStream out)
      throws IOException;
}
