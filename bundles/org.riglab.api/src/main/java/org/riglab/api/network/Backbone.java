package org.riglab.api.network;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/**
 * A feed-forward feature extractor, divided into blocks B1..Bn-1. The last block of a network, Bn,
 * is a {@link Head}, which computes logits from the features.
 */
@ConsumerType
public interface Backbone extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "backbone";

  /**
   * Creates new, uninitialised blocks. Called once per network.
   *
   * @param shape of the input of the backbone
   * @param options see {@link #options()}
   * @return the blocks in execution order, at least one
   */
  List<Stage> stages(BackboneShape shape, Options options);

  /**
   * @return the name of the head that a network with this backbone gets if its spec names none,
   *     usually the head of the backbone's paper; {@code fcn} by default
   */
  default String head() {
    return "fcn";
  }

  /**
   * Images of other sizes are refused before the stages run.
   *
   * @param options see {@link #options()}
   * @return the sizes of images that the stages take; any by default
   */
  default ImageSizes sizes(Options options) {
    return ImageSizes.ANY;
  }
}
