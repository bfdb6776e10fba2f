package org.riglab.api.network;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/**
 * A feed-forward segmentation network cut into blocks B1..Bn. The last block is the classifier: its
 * feature is the logits (N, classes, H/stride, W/stride), not upsampled.
 */
@ConsumerType
public interface Backbone extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "backbone";

  /**
   * Creates fresh, uninitialised blocks. Called once per network.
   *
   * @param shape what the network feeds in and wants out
   * @param options see {@link #options()}
   * @return the blocks in the order in which they run, at least two
   */
  List<Stage> stages(BackboneShape shape, Options options);
}
