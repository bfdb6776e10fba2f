package org.riglab.api.bench;

import org.osgi.annotation.versioning.ProviderType;

/** Analyses the cost of a pass through a network without running it. Thread safe. */
@ProviderType
public interface Analyst {
  /**
   * Counts the operations of a pass.
   *
   * @param network its name
   * @param batch images per training step, 1 or more
   * @param height of an image in pixels
   * @param width of an image in pixels
   * @return the analysis
   * @throws org.riglab.api.RigException if there is no such network, the image is too small for it,
   *     or a part cannot be traced, for example because it reads values; the message names part and
   *     operation
   */
  Analysis analyse(String network, int batch, int height, int width);

  /**
   * Draws an unrolled network: a column per block, a row per iteration, gates and feedback.
   *
   * @param analysis of the network
   * @return an SVG document
   */
  String picture(Analysis analysis);

  /**
   * Lists the operations of one evaluation pass, one per line.
   *
   * @param network its name
   * @param batch images, 1 or more
   * @param height of an image in pixels
   * @param width of an image in pixels
   * @return the lines; the same for the same network and size
   * @throws org.riglab.api.RigException as {@link #analyse}
   */
  String listing(String network, int batch, int height, int width);

  /**
   * Lists the graph that is compiled for a pass: see {@link Compiler#graph}.
   *
   * @param network its name
   * @param batch images, 1 or more
   * @param height of an image in pixels
   * @param width of an image in pixels
   * @param options of the pass
   * @return the lines
   * @throws org.riglab.api.RigException as {@link #analyse}, and if the pass cannot be compiled
   */
  String graph(String network, int batch, int height, int width, Compiler.Options options);
}
