package org.riglab.api.network;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/**
 * A feed-forward feature extractor cut into blocks B1..Bn-1. What turns its features into logits, a
 * {@link Head}, is the network's last block Bn.
 */
@ConsumerType
public interface Backbone extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "backbone";

  /**
   * Creates fresh, uninitialised blocks. Called once per network.
   *
   * @param shape what the network feeds in
   * @param options see {@link #options()}
   * @return the blocks in the order in which they run, at least one
   */
  List<Stage> stages(BackboneShape shape, Options options);

  /**
   * @return the name of the head that a network of this backbone gets where its spec names none:
   *     that of the backbone's paper; {@code fcn} by default
   */
  default String head() {
    return "fcn";
  }
}
