package org.riglab.api.bench;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.data.ClassTable;

/** A named network. It remains valid after swaps and plugin updates. */
@ProviderType
public interface Network {
  /**
   * @return its name
   */
  String name();

  /**
   * @return its current spec
   */
  NetworkSpec spec();

  /**
   * @return the leased backbone, head, gate and unroll strategy, with their bundles
   */
  List<PartInfo> parts();

  /**
   * @return the state dict's names and shapes, in order
   */
  Map<String, List<Long>> state();

  /**
   * Lists the blocks for a size of images.
   *
   * @param height of the image in pixels
   * @param width of the image in pixels
   * @return one row per block, B1 first
   */
  List<BlockRow> blocks(int height, int width);

  /**
   * @return the class names and colours of the data set of the last training; generic ones if there
   *     is none
   */
  ClassTable classes();

  /**
   * One block of a network.
   *
   * @param block 1 for B1
   * @param name for example layer3
   * @param outputShape (C, H, W) of its feature
   * @param parameters number of trainable parameters
   * @param gateParameters number of trainable parameters of its gate; -1 without a gate
   * @param applications number of runs in one pass
   */
  record BlockRow(
      int block,
      String name,
      List<Long> outputShape,
      long parameters,
      long gateParameters,
      int applications) {}
}
